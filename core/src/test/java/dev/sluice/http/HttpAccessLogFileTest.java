// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file that access logs are written to. */
@Timeout(60)
class HttpAccessLogFileTest {
    private static final int QUEUE_BYTES = 128 * 1024;

    private static ByteBuffer line(String text) {
        return ByteBuffer.wrap((text + '\n').getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void allLinesAreInItWhenItIsClosed(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("log");
        Files.writeString(path, "before\n");
        HttpAccessLogFile file = HttpAccessLogFile.open(path);
        StringBuilder expected = new StringBuilder("before\n");
        for (int i = 0; i < 10_000; i++) {
            file.line(line("line " + i));
            expected.append("line ").append(i).append('\n');
        }
        file.close();
        assertEquals(expected.toString(), Files.readString(path));
        file.line(line("late"));
        assertEquals(1, file.dropped());
        file.close();
    }

    @Test
    void linesOfManyThreadsStayWhole(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("log");
        int each = 2000;
        HttpAccessLogFile file = HttpAccessLogFile.open(path);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String text = ("" + t).repeat(50 + t);
            threads.add(new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    file.line(line(text));
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        file.close();
        List<String> lines = Files.readAllLines(path);
        assertEquals(4 * each - file.dropped(), lines.size());
        for (String line : lines) {
            int t = line.charAt(0) - '0';
            assertEquals(("" + t).repeat(50 + t), line);
        }
    }

    @Test
    void reopeningTakesWhatCameBeforeToTheOldFile(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("log");
        Path old = folder.resolve("log.1");
        HttpAccessLogFile file = HttpAccessLogFile.open(path);
        file.line(line("one"));
        Files.move(path, old);
        file.reopen();
        while (!Files.exists(path)) {
            Thread.onSpinWait();
        }
        file.line(line("two"));
        file.close();
        assertEquals("one\n", Files.readString(old));
        assertEquals("two\n", Files.readString(path));
    }

    @Test
    void aFileThatWasRenamedIsMadeAnewByItself(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("log");
        Path old = folder.resolve("log.1");
        HttpAccessLogFile file = HttpAccessLogFile.open(path);
        Files.move(path, old);
        int lines = 0;
        while (!Files.exists(path)) {
            file.line(line("x"));
            lines++;
            LockSupport.parkNanos(1_000_000);
        }
        file.close();
        assertEquals(0, file.dropped());
        assertEquals(
                lines, Files.readAllLines(old).size() + Files.readAllLines(path).size());
    }

    @Test
    void whatCannotBeOpenedIsSaidAtOnce(@TempDir Path folder) {
        assertThrows(IOException.class, () -> HttpAccessLogFile.open(folder.resolve("absent/log")));
        Path path = folder.resolve("log");
        assertThrows(IllegalArgumentException.class, () -> HttpAccessLogFile.open(path, 1000, Thread::new));
    }

    /** A file that takes nothing until it is told to, or fails. */
    private static final class Slow implements LogFileWriter.Place, WritableByteChannel {
        final CountDownLatch begun = new CountDownLatch(1);
        final Semaphore writes = new Semaphore(0);
        final AtomicInteger failures = new AtomicInteger();
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public WritableByteChannel open() {
            return this;
        }

        @Override
        public boolean hasMoved() {
            return false;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            begun.countDown();
            writes.acquireUninterruptibly();
            if (failures.getAndDecrement() > 0) {
                source.position(source.position() + 3); // half a line
                bytes.write(new byte[] {'x', 'x', 'x'});
                throw new IOException("deliberate");
            }
            return Channels.newChannel(bytes).write(source);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void whileTheDiskHangsLinesAreQueuedThenDroppedAndNobodyWaits() throws Exception {
        Slow slow = new Slow();
        HttpAccessLogFile file = new HttpAccessLogFile(LogFileWriter.open(slow), QUEUE_BYTES, Thread::new);
        String text = "x".repeat(1023);
        file.line(line(text));
        slow.begun.await();
        for (int i = 0; i < 100; i++) {
            file.line(line(text)); // this would never end if it waited
        }
        assertEquals(100 - QUEUE_BYTES / 2 / 1024, file.dropped());
        slow.writes.release(1000);
        file.close();
        assertEquals(1 + QUEUE_BYTES / 2 / 1024, slow.bytes.size() / 1024);
    }

    @Test
    void whatCannotBeWrittenIsCountedAndTheNextLinesAreWhole() throws Exception {
        Slow slow = new Slow();
        slow.failures.set(1);
        HttpAccessLogFile file = new HttpAccessLogFile(LogFileWriter.open(slow), QUEUE_BYTES, Thread::new);
        file.line(line("first"));
        slow.begun.await();
        file.line(line("second"));
        slow.writes.release(1000);
        file.close();
        assertEquals(1, file.dropped());
        assertEquals("xxx\nsecond\n", slow.bytes.toString(StandardCharsets.US_ASCII));
        assertTrue(slow.failures.get() < 0);
    }
}
