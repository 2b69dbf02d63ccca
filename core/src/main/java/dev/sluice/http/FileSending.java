// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Sends a part of a file as the body of a reply, as fast as the client reads, and closes it in the end. Reader's thread. */
final class FileSending implements Runnable {
    /** Up to this a file is read at once. */
    private static final int SMALL_BYTES = 16 * 1024;

    private final HttpReplyStream stream;
    private final FileChannel file;
    private long position;
    private long left;

    private FileSending(HttpReplyStream stream, FileChannel file, long position, long bytes) {
        this.stream = stream;
        this.file = file;
        this.position = position;
        this.left = bytes;
    }

    /** Sends it as the body of a reply. */
    static void begin(HttpReply reply, String contentType, FileChannel file, long position, long bytes) {
        if (bytes <= SMALL_BYTES) {
            reply.send(contentType, read(file, position, bytes)); // less work than a reply that goes on later
            return;
        }
        HttpReplyStream stream = reply.stream(contentType, bytes);
        stream.whenWritable(new FileSending(stream, file, position, bytes)); // on the Reader, wherever this is
    }

    /** Reads a part of a file, and closes it. */
    private static ByteBuffer read(FileChannel file, long position, long bytes) {
        ByteBuffer part = ByteBuffer.allocate((int) bytes);
        try (file) {
            while (part.hasRemaining()) {
                if (file.read(part, position + part.position()) < 0) {
                    throw new EOFException("the file has " + part.remaining() + " bytes fewer than were to be sent");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return part.flip();
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
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // it was open for reading, so this loses nothing; but say so
        } finally {
            if (stream.isOpen()) {
                stream.end();
            }
        }
    }
}
