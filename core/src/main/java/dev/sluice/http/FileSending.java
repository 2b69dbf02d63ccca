// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;

/** Sends a part of a file as the body of a reply, as fast as the client reads, and closes it in the end. Reader's thread. */
final class FileSending implements Runnable {
    /** Up to this a file is read at once. */
    private static final int SMALL_BYTES = 16 * 1024;

    private final HttpReplyStream stream;
    private final FileChannel file;
    private long position;
    private final Runnable done;
    private long left;

    private FileSending(HttpReplyStream stream, FileChannel file, long position, long bytes, Runnable done) {
        this.stream = stream;
        this.file = file;
        this.position = position;
        this.left = bytes;
        this.done = done;
    }

    /** Closes a file. */
    record Closing(FileChannel file) implements Runnable {
        @Override
        public void run() {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e); // it was open for reading, so this loses nothing; but say so
            }
        }
    }

    /** Sends it as the body of a reply; {@code done} runs when the file isn't needed any more. */
    static void begin(HttpReply reply, String contentType, FileChannel file, long position, long bytes, Runnable done) {
        if (bytes <= SMALL_BYTES) { // less work than a reply that goes on later
            try {
                reply.sendSmall(contentType, file, position, (int) bytes);
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw e; // the file is still its owner's
            } catch (Throwable t) {
                done.run();
                throw t;
            }
            done.run();
            return;
        }
        HttpReplyStream stream = reply.stream(contentType, bytes);
        stream.whenWritable(new FileSending(stream, file, position, bytes, done)); // on the Reader, wherever this is
    }

    @Override
    public void run() {
        boolean goesOn = false;
        try {
            if (left > 0 && stream.isOpen()) {
                long sent = stream.transfer(file, position, left);
                position += sent;
                left -= sent;
            }
            goesOn = left > 0 && stream.isOpen();
            if (goesOn) {
                stream.whenWritable(this);
            }
        } finally {
            if (!goesOn) {
                close();
            }
        }
    }

    private void close() {
        try {
            done.run();
        } finally {
            if (stream.isOpen()) {
                stream.end();
            }
        }
    }
}
