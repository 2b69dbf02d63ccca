// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;

/**
 * A file that lines are appended to, by a thread of its own. Who brings a line copies it into a queue in memory, and
 * never waits for the disk: while that doesn't keep up and the queue is full, lines are dropped, counted
 * ({@link #dropped}) and told in the log.
 *
 * <pre>{@code
 * try (HttpAccessLogFile file = HttpAccessLogFile.open(Path.of("access.log"))) {
 *     HttpProtocol protocol = HttpProtocol.gathering(site).withAccessLog(HttpAccessLog.combined(file));
 *     ...
 * }
 * }</pre>
 *
 * <p>Lines are in the file within 100 ms, and all of them when {@link #close} returns, as far as the disk takes them;
 * the system may hold them longer. Close it behind its server.
 *
 * <p><b>Rotation.</b> When the file has been renamed or removed, as logrotate does, a new one is made: within a second
 * by itself while lines come, where the system tells files apart; else, or sooner, by {@link #reopen}.
 *
 * <p>Any thread.
 */
public final class HttpAccessLogFile implements HttpAccessLog.Sink, AutoCloseable {
    /** What the queue of {@link #open(Path)} holds, in bytes. */
    public static final int DEFAULT_QUEUE_BYTES = 4 << 20;

    private static final int LEAST_QUEUE_BYTES = 2 * 64 * 1024;
    private static final int MOST_QUEUE_BYTES = 1 << 30;
    private static final int GATHER_MILLIS = 100;

    private final LogFileWriter writer;
    private final Thread thread;
    private final Object lock = new Object();

    // under the lock
    private ByteBuffer filling;
    private ByteBuffer spare; // null while it is written
    private long linesInIt;
    private long dropped;
    private boolean reopens;
    private boolean closes;

    HttpAccessLogFile(LogFileWriter writer, int queueBytes, ThreadFactory threads) {
        this.writer = writer;
        this.filling = ByteBuffer.allocateDirect(queueBytes / 2);
        this.spare = ByteBuffer.allocateDirect(queueBytes / 2);
        this.thread = threads.newThread(this::run);
        this.thread.setName("access-log");
        this.thread.start();
    }

    /**
     * Opens a file, or makes it, with a queue of {@link #DEFAULT_QUEUE_BYTES} and a daemon thread.
     *
     * @throws IOException if it can't be written
     */
    public static HttpAccessLogFile open(Path path) throws IOException {
        return open(path, DEFAULT_QUEUE_BYTES, task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Opens a file, or makes it.
     *
     * @param queueBytes memory for lines that wait, 131,072 to 1,073,741,824; half of it is filled while the other is written
     * @param threads makes the one thread, which is named here
     * @throws IllegalArgumentException if {@code queueBytes} is out of range
     * @throws IOException if it can't be written
     */
    public static HttpAccessLogFile open(Path path, int queueBytes, ThreadFactory threads) throws IOException {
        if (queueBytes < LEAST_QUEUE_BYTES || queueBytes > MOST_QUEUE_BYTES) {
            throw new IllegalArgumentException(
                    "queueBytes: " + queueBytes + " is not within " + LEAST_QUEUE_BYTES + " to " + MOST_QUEUE_BYTES);
        }
        Objects.requireNonNull(threads, "threads");
        return new HttpAccessLogFile(LogFileWriter.open(new LogFileWriter.AtPath(path)), queueBytes, threads);
    }

    @Override
    public void line(ByteBuffer line) {
        synchronized (lock) { // held for a copy in memory, here as by the thread that writes
            if (closes || line.remaining() > filling.remaining()) {
                dropped++;
                return;
            }
            int before = filling.position();
            filling.put(line);
            linesInIt++;
            boolean half = isHalf(before) != isHalf(filling.position());
            if (before == 0 || half) {
                lock.notifyAll();
            }
        }
    }

    private boolean isHalf(int bytes) {
        return bytes >= filling.capacity() / 2;
    }

    /** How many lines were dropped: the queue was full, this was closed, or the file could not be written. */
    public long dropped() {
        synchronized (lock) {
            return dropped + writer.lost();
        }
    }

    /** Opens the file anew, behind the lines that came before this. It returns at once. */
    public void reopen() {
        synchronized (lock) {
            reopens = true;
            lock.notifyAll();
        }
    }

    /** Writes what is in the queue, and closes the file; lines that come later are dropped. It waits for that. */
    @Override
    public void close() {
        synchronized (lock) {
            closes = true;
            lock.notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // the lines come first; a disk that hangs is waited for
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- the thread that writes

    private void run() {
        boolean goesOn = true;
        while (goesOn) {
            ByteBuffer batch;
            boolean reopen;
            long lines;
            long droppedByNow;
            synchronized (lock) {
                awaitLines();
                batch = filling;
                lines = linesInIt;
                filling = spare;
                spare = null;
                linesInIt = 0;
                reopen = reopens;
                reopens = false;
                goesOn = !closes;
                droppedByNow = dropped;
            }
            writer.write(batch.flip(), lines);
            if (reopen && goesOn) {
                writer.reopen();
            }
            writer.tellDropped(droppedByNow, !goesOn);
            synchronized (lock) {
                spare = batch.clear();
            }
        }
        writer.close();
    }

    /** Waits for a line, and then a little for others, so that a quiet server's threads needn't wake anybody for each. */
    private void awaitLines() {
        try {
            while (filling.position() == 0 && !reopens && !closes) {
                lock.wait();
            }
            if (!isHalf(filling.position()) && !reopens && !closes) {
                lock.wait(GATHER_MILLIS);
            }
        } catch (InterruptedException e) {
            closes = true; // whoever owns the threads wants this one to end; what is here is written
        }
    }
}
