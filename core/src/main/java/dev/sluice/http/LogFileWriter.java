// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes an access log's lines to its file, and opens that anew. One thread, but for {@link #lost}. */
final class LogFileWriter {
    private static final Logger LOG = LoggerFactory.getLogger(HttpAccessLogFile.class);
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** Where the file is. */
    interface Place {
        WritableByteChannel open() throws IOException;

        /** Whether what was opened last isn't there any more, or something else is. */
        boolean hasMoved();
    }

    private final Place place;
    private WritableByteChannel file;
    private boolean torn; // the file doesn't end with a line's end
    private long lookedNanos = System.nanoTime();
    private long toldNanos = System.nanoTime() - SECOND_NANOS;
    private long failureNanos = System.nanoTime() - SECOND_NANOS;
    private long told; // of those that were dropped
    private volatile long lost; // lines that could not be written; one thread writes it

    private LogFileWriter(Place place, WritableByteChannel file) {
        this.place = place;
        this.file = file;
    }

    static LogFileWriter open(Place place) throws IOException {
        return new LogFileWriter(place, place.open());
    }

    /** Lines that could not be written. Any thread. */
    long lost() {
        return lost;
    }

    /** Writes whole lines; what can't be written is lost. */
    void write(ByteBuffer batch, long lines) {
        long now = System.nanoTime();
        if (batch.hasRemaining() && now - lookedNanos >= SECOND_NANOS) {
            lookedNanos = now;
            if (place.hasMoved()) {
                reopen();
            }
        }
        try {
            if (torn && batch.hasRemaining()) {
                file.write(ByteBuffer.wrap(new byte[] {'\n'}));
                torn = false;
            }
            while (batch.hasRemaining()) {
                file.write(batch);
            }
        } catch (IOException e) {
            int at = batch.position();
            torn |= at > 0 && batch.get(at - 1) != '\n';
            lost = lost + left(batch, lines);
            tellFailure(e);
        }
    }

    private void tellFailure(IOException e) {
        long now = System.nanoTime();
        if (now - failureNanos >= SECOND_NANOS) {
            failureNanos = now;
            LOG.warn("an access log can't be written, {} lines are lost so far: {}", lost, e.toString());
        }
    }

    private static long left(ByteBuffer batch, long lines) {
        long written = 0;
        for (int i = 0; i < batch.position(); i++) {
            written += batch.get(i) == '\n' ? 1 : 0;
        }
        return lines - written;
    }

    /** Opens the file anew; if that fails, lines go where they went. */
    void reopen() {
        try {
            WritableByteChannel other = place.open();
            close();
            file = other;
            torn = false;
        } catch (IOException e) {
            LOG.warn("an access log can't be opened anew, it goes on as it is: {}", e.toString());
        }
    }

    /** Says how many lines were dropped, once a second at most, or for the last time. */
    void tellDropped(long dropped, boolean last) {
        long now = System.nanoTime();
        if (dropped > told && (last || now - toldNanos >= SECOND_NANOS)) {
            LOG.warn("{} lines of an access log were dropped: they came faster than it is written", dropped - told);
            told = dropped;
            toldNanos = now;
        }
    }

    void close() {
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("an access log can't be closed: {}", e.toString());
        }
    }

    /** A file of a name. */
    static final class AtPath implements Place {
        private final Path path;
        private Object key; // null where the system has none

        AtPath(Path path) {
            this.path = path.toAbsolutePath();
        }

        @Override
        public WritableByteChannel open() throws IOException {
            WritableByteChannel opened = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE);
            key = key();
            return opened;
        }

        @Override
        public boolean hasMoved() {
            return key != null && !Objects.equals(key, key());
        }

        private Object key() {
            try {
                return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            } catch (IOException e) {
                return null; // it isn't there, or not for us
            }
        }
    }
}
