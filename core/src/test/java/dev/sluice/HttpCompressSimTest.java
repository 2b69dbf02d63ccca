// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpRequest;
import dev.sluice.sim.Conversation;
import dev.sluice.sim.Faults;
import dev.sluice.sim.RandomClients;
import dev.sluice.sim.Simulation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/**
 * Compressed streams under faults, with seeds, written on Readers, workers and elsewhere. Each reply is compared byte for byte, and
 * when all is over nobody holds a deflater, however the connections have ended.
 */
class HttpCompressSimTest {
    private static final int SEEDS = 60;
    private static final long MILLIS = 784_111_777_000L;
    private static final int LEVEL = 4;

    private Executor elsewhere;
    private long number;
    private int begun;

    private static String part(String target, int i) {
        return (target + " part " + i + '\n').repeat(i);
    }

    private void handle(HttpRequest request, HttpReply reply) {
        String target = request.target();
        int parts = target.charAt(target.length() - 1) - '0';
        begun++;
        reply.compress();
        if (target.startsWith("/now")) {
            write(reply.stream("t/t"), target, 1, parts);
        } else if (target.startsWith("/late")) {
            HttpReply later = reply.defer();
            elsewhere.execute(() -> write(later.stream("t/t"), target, 1, parts));
        } else {
            HttpReplyStream stream = reply.stream("t/t");
            elsewhere.execute(() -> write(stream, target, 1, parts));
        }
    }

    /** One part in each turn. */
    private void write(HttpReplyStream stream, String target, int i, int parts) {
        if (i > parts) {
            stream.end();
        } else {
            stream.write(TestServer.bytes(part(target, i)));
            elsewhere.execute(() -> write(stream, target, i + 1, parts));
        }
    }

    private Conversation.Exchange exchange(RandomGenerator random) {
        String[] ways = {"/now", "/late", "/begun"};
        String target = ways[random.nextInt(3)] + '/' + number++ + '/' + random.nextInt(9);
        String request = "GET " + target + " HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n";
        String head = HttpServer.reply(
                "200 OK",
                "Content-Type: t/t",
                "Vary: Accept-Encoding",
                "Content-Encoding: gzip",
                "Transfer-Encoding: chunked");
        return new Conversation.Exchange(
                request.getBytes(ISO_8859_1),
                (head + body(target, target.charAt(target.length() - 1) - '0')).getBytes(ISO_8859_1));
    }

    /** A chunk for each part, and one for the end. */
    private static String body(String target, int parts) {
        Deflater deflater = new Deflater(LEVEL, true);
        CRC32 sum = new CRC32();
        StringBuilder chunks = new StringBuilder();
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        chunk.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff});
        byte[] out = new byte[4096];
        for (int i = 1; i <= parts; i++) {
            byte[] bytes = part(target, i).getBytes(ISO_8859_1);
            sum.update(bytes);
            deflater.setInput(bytes);
            chunk.write(out, 0, deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH));
            append(chunks, chunk);
        }
        deflater.finish();
        chunk.write(out, 0, deflater.deflate(out));
        ByteBuffer tail = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        chunk.writeBytes(
                tail.putInt((int) sum.getValue()).putInt(deflater.getTotalIn()).array());
        append(chunks, chunk);
        deflater.end();
        return chunks.append("0\r\n\r\n").toString();
    }

    private static void append(StringBuilder chunks, ByteArrayOutputStream chunk) {
        chunks.append(Integer.toHexString(chunk.size())).append("\r\n");
        chunks.append(chunk.toString(ISO_8859_1)).append("\r\n");
        chunk.reset();
    }

    @Test
    void repliesAreWholeAndNoDeflaterIsLeft() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
            elsewhere = sim.executor();
            number = 0;
            HttpProtocol protocol = HttpProtocol.gathering(this::handle).withClock(() -> MILLIS);
            Server server = Server.builder()
                    .environment(sim.environment())
                    .topology(seed % 2 == 0 ? Topology.acceptorAndReaders(2) : Topology.workers(2, elsewhere))
                    .poisonBuffers(true)
                    .listen(Endpoint.tcp("10.0.0.1", 7000), protocol)
                    .start();
            RandomClients clients =
                    sim.randomClients(6, server.address(), this::exchange).requests(15);
            sim.runClients(Duration.ofHours(2));
            assertTrue(clients.replies() > 0);
            server.stop(Duration.ofSeconds(5));
            sim.runUntilStopped(Duration.ofMinutes(10));
            assertEquals(0, protocol.compressedStreams(), "deflaters, seed " + seed);
            assertEquals(0, server.connections());
        }
        assertTrue(begun > SEEDS);
    }
}
