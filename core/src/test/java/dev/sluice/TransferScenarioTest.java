// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.LineFramer;
import dev.sluice.sim.Conversation;
import dev.sluice.sim.Faults;
import dev.sluice.sim.RandomClients;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replies that come from a file. */
class TransferScenarioTest {
    private static final int LARGE = 5_000_000;

    @TempDir
    private Path directory;

    /** Sends parts of a file for as long as there are any. */
    private record Sending(FileChannel file, Reply reply, long[] range) implements Runnable {
        static void begin(FileChannel file, Reply reply, long from, long to) {
            new Sending(file, reply.defer(), new long[] {from, to}).run();
        }

        @Override
        public void run() {
            while (range[0] < range[1] && reply.isOpen()) {
                long taken = reply.transfer(file, range[0], range[1] - range[0]);
                range[0] += taken;
                if (range[0] < range[1]) {
                    reply.whenWritable(this);
                    return;
                }
            }
            reply.end();
        }
    }

    private byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(1).nextBytes(content);
        return content;
    }

    private FileChannel file(byte[] content) throws IOException {
        Path path = Files.write(directory.resolve("file"), content);
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    @Test
    void aLargeFileLeavesToASlowReaderAndNothingMuchIsHeld() throws Exception {
        byte[] content = content(LARGE);
        try (FileChannel file = file(content);
                TestServer test = new TestServer(
                        (line, reply) -> Sending.begin(file, reply, 0, LARGE),
                        b -> b.topology(Topology.singleThread()));
                Client client = new Client(test.server, 4096)) {
            Reader reader = test.server.readers().get(0);
            client.send("x\n");
            for (int at = 0; at < LARGE; at += 100_000) {
                assertArrayEquals(Arrays.copyOfRange(content, at, at + 100_000), client.read(100_000));
                assertTrue(reader.lentBytes() <= 64 << 10, () -> reader.lentBytes() + " bytes are lent");
            }
            Await.until("all is counted", () -> reader.bytesWritten() == LARGE);
        }
    }

    @Test
    void filesOfAllSizesLeaveInTheOrderOfTheRequestsBetweenOtherReplies() throws Exception {
        int[] sizes = {1, 100, 16 << 10, (16 << 10) + 1, 64 << 10, 100_000, 1 << 20, (1 << 20) + 1, 3_000_000};
        byte[] content = content(LARGE);
        try (FileChannel file = file(content);
                TestServer test = new TestServer((line, reply) -> {
                    int size = Integer.parseInt(TestServer.text(line));
                    if (size < 0) {
                        reply.send(bytes("no file\n"));
                    } else {
                        Sending.begin(file, reply, size, 2L * size);
                    }
                });
                Client client = test.client()) {
            StringBuilder asked = new StringBuilder();
            for (int size : sizes) {
                asked.append("-1\n").append(Math.min(size, LARGE / 2)).append('\n');
            }
            client.send(asked.toString());
            for (int size : sizes) {
                int from = Math.min(size, LARGE / 2);
                client.read("no file\n");
                assertArrayEquals(Arrays.copyOfRange(content, from, 2 * from), client.read(from));
            }
        }
    }

    @Test
    void aFileThatHasBecomeShorterEndsTheConnection() throws Exception {
        for (int size : new int[] {1000, LARGE}) {
            try (FileChannel file = file(content(size));
                    TestServer test = new TestServer((line, reply) -> Sending.begin(file, reply, 0, size + 1L));
                    Client client = test.client()) {
                client.send("x\n");
                assertEquals(size == LARGE, client.isReset(), "a reset where a part has left");
                assertEquals(CloseReason.Kind.IO_FAILED, test.reason().kind());
            }
        }
    }

    @Test
    void aPeerThatStopsReadingAFileIsMetByTheDeadline() throws Exception {
        Deadlines impatient = Deadlines.defaults().withWriteStall(Duration.ofMillis(200));
        try (FileChannel file = file(content(LARGE));
                TestServer test = new TestServer(
                        (line, reply) -> Sending.begin(file, reply, 0, LARGE), b -> b.deadlines(impatient));
                Client client = new Client(test.server, 4096)) {
            client.send("x\n");
            CloseReason.DeadlinePassed reason = (CloseReason.DeadlinePassed) test.reason();
            assertEquals(CloseReason.Deadline.WRITE_STALL, reason.deadline());
        }
    }

    @Test
    void transferIsForTheReadersThread() throws Exception {
        AtomicReference<Reply> deferred = new AtomicReference<>();
        try (FileChannel file = file(content(10));
                TestServer test = new TestServer((line, reply) -> deferred.set(reply.defer()));
                Client client = test.client()) {
            client.send("x\n");
            Await.until("it is deferred", () -> deferred.get() != null);
            assertThrows(IllegalStateException.class, () -> deferred.get().transfer(file, 0, 10));
            deferred.get().end();
        }
    }

    @Test
    void anInterruptThatSomebodyLeftClosesNeitherFileNorSocket() throws Exception {
        byte[] content = content(100_000);
        try (FileChannel file = file(content);
                TestServer test = new TestServer((line, reply) -> {
                    Thread.currentThread().interrupt();
                    Sending.begin(file, reply, 0, content.length);
                });
                Client client = test.client()) {
            client.send("x\n");
            assertArrayEquals(content, client.read(content.length));
            assertTrue(file.isOpen());
        }
    }

    @Test
    void underFaultsEachFileArrivesWholeOrItsConnectionEnds() throws Exception {
        String content = "0123456789".repeat(30_000) + "\n";
        try (FileChannel file = file(content.getBytes(StandardCharsets.ISO_8859_1))) {
            for (int seed = 0; seed < 20; seed++) {
                run(seed, file, content);
            }
        }
    }

    private static void run(int seed, FileChannel file, String content) throws Exception {
        Simulation sim = Simulation.seed(seed).faults(Faults.mixed()).build();
        Protocol<ByteBuffer> protocol =
                Protocol.of(LineFramer::new, (line, reply) -> Sending.begin(file, reply, 0, content.length()));
        Server server = Server.builder()
                .environment(sim.environment())
                .topology(Topology.acceptorAndReaders(2))
                .listen(Endpoint.tcp("10.0.0.1", 7000), protocol)
                .start();
        Conversation downloads = random -> new Conversation.Exchange(raw("x\n"), raw(content));
        RandomClients clients =
                sim.randomClients(5, server.address(), downloads).requests(3);
        sim.runClients(Duration.ofHours(4)); // who compare what comes
        assertTrue(clients.replies() > 0);
        server.stop(Duration.ZERO);
        sim.runUntilStopped(Duration.ofMinutes(10));
    }

    private static byte[] raw(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
