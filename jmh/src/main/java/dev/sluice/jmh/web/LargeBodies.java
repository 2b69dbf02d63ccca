// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.http.HttpContent;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReceiver;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpRequest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * No benchmark of JMH's but a proof: a body of 10 GiB goes up in chunks, and one comes down, through a server in this
 * process, and the live heap stays where it was. The client is here too, with one buffer.
 *
 * <pre>{@code
 * java -Xmx32m -cp jmh/target/benchmarks.jar dev.sluice.jmh.web.LargeBodies 10
 * }</pre>
 */
public final class LargeBodies {
    private static final long GIBIBYTE = 1L << 30;
    private static final int PIECE = 64 << 10;
    private static final byte[] CHUNK_HEAD = ascii(Integer.toHexString(PIECE) + "\r\n");
    private static final byte[] CHUNK_END = ascii("\r\n");

    private LargeBodies() {}

    /**
     * Prints what went through, and the heap.
     *
     * @param args gibibytes each way, 10 unless given
     */
    public static void main(String[] args) throws Exception {
        long bytes = (args.length > 0 ? Long.parseLong(args[0]) : 10) * GIBIBYTE;
        HttpProtocol protocol = HttpProtocol.streaming((request, reply) -> handle(request, reply, bytes))
                .withLimits(HttpLimits.defaults().withBodyBytes(Long.MAX_VALUE));
        Server server = Server.builder()
                .topology(Topology.singleThread())
                .listen(Endpoint.tcp("127.0.0.1", 0), protocol)
                .start();
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", server.port()))) {
            upload(channel, GIBIBYTE / 4); // what the first ones leave behind is no cost of a body
            long before = live();
            upload(channel, bytes);
            told("up", bytes, before);
            before = live();
            download(channel, bytes);
            told("down", bytes, before);
        } finally {
            server.close();
        }
    }

    private static HttpReceiver handle(HttpRequest request, HttpReply reply, long bytes) {
        if (request.hasBody()) {
            return new Counter();
        }
        new Down(reply.stream("application/octet-stream"), bytes).run();
        return null;
    }

    /** Counts what comes, and says how much it was. */
    private static final class Counter implements HttpReceiver {
        private long bytes;

        @Override
        public void receive(HttpContent part, HttpReply reply) {
            bytes += part.bytes().remaining();
            if (part.isLast()) {
                reply.send("text/plain", String.format(Locale.ROOT, "%020d", bytes));
            }
        }
    }

    /** Writes a body in chunks, as fast as it is read. */
    private static final class Down implements Runnable {
        private final HttpReplyStream stream;
        private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        private long left;

        Down(HttpReplyStream stream, long bytes) {
            this.stream = stream;
            this.left = bytes;
        }

        @Override
        public void run() {
            while (left > 0 && stream.isOpen()) {
                left -= PIECE;
                if (!stream.write(piece.clear())) {
                    stream.whenWritable(this);
                    return;
                }
            }
            if (stream.isOpen()) {
                stream.end();
            }
        }
    }

    private static void upload(SocketChannel channel, long bytes) throws IOException {
        write(channel, ascii("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_HEAD.length + PIECE + CHUNK_END.length);
        chunk.put(CHUNK_HEAD).position(CHUNK_HEAD.length + PIECE).put(CHUNK_END);
        for (long left = bytes; left > 0; left -= PIECE) {
            write(channel, chunk.clear());
        }
        write(channel, ascii("0\r\n\r\n"));
        String answer = readTo(channel, String.format(Locale.ROOT, "\r\n\r\n%020d", bytes));
        if (!answer.startsWith("HTTP/1.1 200 ")) {
            throw new IOException("the upload was answered with " + answer);
        }
    }

    private static void download(SocketChannel channel, long bytes) throws IOException {
        write(channel, ascii("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
        long got = 0;
        while (got < bytes) { // what frames the chunks comes on top
            int n = channel.read(buffer.clear());
            if (n < 0) {
                throw new IOException("the download ended at " + got + " of " + bytes + " bytes");
            }
            got += n;
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        write(channel, ByteBuffer.wrap(bytes));
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String readTo(SocketChannel channel, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        while (text.indexOf(end) < 0) {
            if (channel.read(buffer.clear()) < 0 || text.length() > 4096) {
                throw new IOException("expected " + end.strip() + " in " + text);
            }
            text.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
        }
        return text.toString();
    }

    private static void told(String way, long bytes, long before) {
        long peak = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        long grown = live() - before;
        System.out.printf(
                Locale.ROOT,
                "%,d GiB %s: live heap %,d KiB before and %+,d KiB after, never more than %,d KiB of %,d KiB with what is garbage%n",
                bytes / GIBIBYTE,
                way,
                before >> 10,
                grown >> 10,
                peak >> 10,
                Runtime.getRuntime().maxMemory() >> 10);
    }

    private static long live() {
        System.gc();
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            pool.resetPeakUsage();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
