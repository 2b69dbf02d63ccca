// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Reply;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * The body of a reply, written in parts. Any thread, by one at a time.
 *
 * <pre>{@code
 * HttpReplyStream stream = reply.stream("text/plain");
 * void pump() {
 *     while (hasMore() && stream.write(more())) {}
 *     if (hasMore() && stream.isOpen()) {
 *         stream.whenWritable(this::pump);
 *     } else if (stream.isOpen()) {
 *         stream.end();
 *     }
 * }
 * }</pre>
 *
 * <p>Each part is sent at once, as far as the socket takes it: to the client the body has come so far. If the client doesn't
 * want the body, as with HEAD, this is not open from the beginning, and what is written goes nowhere.
 */
public final class HttpReplyStream {
    enum Form {
        /** In chunks (RFC 9112, 7.1). */
        CHUNKED,
        /** As many bytes as the head said. */
        COUNTED,
        /** Until the connection ends. */
        RAW,
        /** Nowhere: the reply is complete. */
        LEFT_OUT
    }

    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int MOST_COPIED = 8 * 1024;
    private static final int FIRST_BYTES = 256;
    private static final int AROUND = 8 + 2 + 2; // eight digits, and two line ends

    private final Reply reply;
    private final HttpExchange exchange;
    private final boolean last;
    private final Form form;
    private final LoggedReply log; // null if there is no access log
    private final GzipStream gzip; // null if it isn't compressed
    private boolean more; // may be written, what was said last
    private long left; // of a counted body
    private boolean ended;
    private boolean told; // an action was run though there is nothing to wait for
    private ByteBuffer chunk; // null before the first

    HttpReplyStream(
            Reply reply, Form form, long bytes, HttpExchange exchange, boolean last, LoggedReply log, GzipStream gzip) {
        this.reply = reply;
        this.form = form;
        this.left = bytes;
        this.exchange = exchange;
        this.last = last;
        this.log = log;
        this.gzip = gzip;
    }

    /** Sends the head; of what has no body that is all. */
    HttpReplyStream begin(int status, ByteBuffer head) {
        if (log != null) {
            log.begun(reply, status);
        }
        if (form == Form.LEFT_OUT) {
            HttpExchange.completes(exchange, reply, last);
            reply.send(head);
            if (log != null) {
                log.complete();
            }
        } else {
            reply.write(head);
        }
        return this;
    }

    /**
     * Writes a part, from position to limit; it is copied or sent before this returns, and the position stays. A part
     * is always taken; the answer says whether to go on. If the body is {@linkplain HttpReply#compress compressed}, all
     * of the part comes out at once, which costs some bytes more than {@link #writeMore}.
     *
     * @return as {@link Reply#write}
     * @throws IllegalStateException if the stream was ended
     * @throws IllegalArgumentException if that is more than the head said, of a body of known length
     */
    public boolean write(ByteBuffer part) {
        return write(part, true);
    }

    /**
     * Writes a part that another follows soon, or {@link #end}: compression may hold it back until then. As
     * {@link #write} in all else, and the same where the body isn't compressed.
     */
    public boolean writeMore(ByteBuffer part) {
        return write(part, false);
    }

    private boolean write(ByteBuffer part, boolean flush) {
        requireNotEnded();
        if (gzip == null || !part.hasRemaining()) {
            return writeOut(part);
        }
        more = reply.write(NOTHING);
        gzip.put(part, flush, this::writeCoded);
        return more;
    }

    private void writeCoded(ByteBuffer piece) {
        more = writeOut(piece);
    }

    private boolean writeOut(ByteBuffer part) {
        return switch (form) {
            case CHUNKED -> part.hasRemaining() ? writeChunk(part) : reply.write(NOTHING);
            case COUNTED -> writeCounted(part);
            case RAW -> writeAsItIs(part);
            case LEFT_OUT -> false;
        };
    }

    private boolean writeCounted(ByteBuffer part) {
        requireLeft(part.remaining());
        boolean goesOn = writeAsItIs(part);
        left -= part.remaining();
        return goesOn;
    }

    private boolean writeAsItIs(ByteBuffer part) {
        count(part.remaining());
        return reply.write(part);
    }

    private void count(long bytes) {
        if (log != null) {
            log.sent(reply, bytes);
        }
    }

    /**
     * Writes a part from a file, as {@link Reply#transfer} does, in a body whose length the head says. On the Reader's thread
     * only.
     *
     * @return how many bytes were taken
     * @throws IllegalStateException if the stream was ended, if its length isn't known, or on another thread
     * @throws IllegalArgumentException if that is more than the head said
     */
    public long transfer(FileChannel file, long position, long count) {
        requireNotEnded();
        if (form == Form.LEFT_OUT) {
            return 0;
        }
        if (form != Form.COUNTED) {
            throw new IllegalStateException("the length isn't known; begin with stream(contentType, bytes)");
        }
        requireLeft(count);
        long taken = reply.transfer(file, position, count);
        if (log != null) {
            log.took(taken);
        }
        left -= taken;
        return taken;
    }

    private void requireLeft(long bytes) {
        if (bytes > left) {
            throw new IllegalArgumentException(
                    "a part of " + bytes + " bytes, where " + left + " were left of the length that the head says");
        }
    }

    private boolean writeChunk(ByteBuffer part) {
        int bytes = part.remaining();
        count(bytes);
        boolean copied = bytes <= MOST_COPIED;
        ByteBuffer buffer = buffer(copied ? bytes + AROUND : AROUND);
        putSize(buffer, bytes);
        if (copied) {
            int at = buffer.position();
            buffer.put(at, part, part.position(), bytes).position(at + bytes);
            return reply.write(putLineEnd(buffer).flip());
        }
        reply.write(buffer.flip());
        reply.write(part);
        return reply.write(putLineEnd(buffer.clear()).flip());
    }

    private ByteBuffer buffer(int bytes) {
        if (chunk == null || chunk.capacity() < bytes) {
            chunk = ByteBuffer.allocate(Math.max(bytes, chunk == null ? FIRST_BYTES : 2 * chunk.capacity()));
        }
        return chunk.clear();
    }

    private static void putSize(ByteBuffer buffer, int bytes) {
        int digits = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(bytes) + 3) / 4);
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            buffer.put((byte) Character.forDigit(bytes >> shift & 0xf, 16));
        }
        putLineEnd(buffer);
    }

    private static ByteBuffer putLineEnd(ByteBuffer buffer) {
        return buffer.put((byte) '\r').put((byte) '\n');
    }

    /**
     * Runs {@code action} once more may be written, or the connection has ended, as {@link Reply#whenWritable} does. If this
     * is not open from the beginning, the first action is run at once, by the caller, and no other.
     *
     * @throws IllegalStateException if the stream was ended
     */
    public void whenWritable(Runnable action) {
        requireNotEnded();
        if (form == Form.RAW) {
            reply.whenWritable(() -> runOrBreakOff(action));
        } else if (form != Form.LEFT_OUT) {
            reply.whenWritable(action);
        } else if (!told) {
            told = true;
            action.run();
        }
    }

    private void runOrBreakOff(Runnable action) {
        try {
            action.run();
        } catch (Throwable t) { // whatever it is, also what the compiler thinks can't be thrown
            hasFailed();
            throw t;
        }
    }

    /**
     * Its writer has failed, so its connection ends; but an end in order would be the end of the body, where nothing
     * else is.
     */
    void hasFailed() {
        if (form == Form.RAW && !ended) {
            abort();
        }
    }

    /** Whether what is written still goes somewhere. */
    public boolean isOpen() {
        return !ended && form != Form.LEFT_OUT && reply.isOpen();
    }

    /** The connection that the request came from. */
    public Connection connection() {
        return reply.connection();
    }

    /**
     * Ends the body, and with it the reply.
     *
     * @throws IllegalStateException if it was ended before, or if less was written than the head said, in which case the
     *     connection is ended so that the client sees it
     */
    public void end() {
        requireNotEnded();
        ended = true;
        if (form == Form.LEFT_OUT) {
            return;
        }
        if (gzip != null) {
            gzip.finish(this::writeCoded);
        }
        boolean isShort = left > 0 && reply.isOpen();
        if (form == Form.CHUNKED) {
            reply.write(ByteBuffer.wrap(LAST_CHUNK));
        }
        if (isShort) {
            reply.thenClose(); // before it ends, or the reply behind it would pass for the rest of the body
        } else {
            HttpExchange.completes(exchange, reply, last);
        }
        reply.end();
        if (log != null) {
            log.complete();
        }
        if (isShort) {
            throw new IllegalStateException("the body ends " + left + " bytes short of the length that the head says");
        }
    }

    /** Breaks off: the connection is reset, so that the client can't take what it has got for the whole body. */
    public void abort() {
        requireNotEnded();
        ended = true;
        if (form != Form.LEFT_OUT) {
            reply.connection().abort();
            if (gzip != null) {
                gzip.drop();
            }
            if (log != null) {
                log.complete();
            }
        }
    }

    private void requireNotEnded() {
        if (ended) {
            throw new IllegalStateException("this stream was ended already");
        }
    }
}
