// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;

/**
 * Cuts the byte stream of one connection into frames. A framer does no I/O: it sees bytes and says what they are. It
 * knows no channel, no thread and no clock, so it can be tried with nothing but a {@code ByteBuffer}.
 *
 * <p><b>The contract.</b> {@link #next} is given all bytes that have arrived and were not consumed yet, oldest first.
 * There are three situations:
 *
 * <ul>
 *   <li><i>Less than a frame.</i> Return {@code null}. What you leave between position and limit is shown again,
 *       with more bytes behind it, in this or in another buffer. Bytes that you move the position past are gone.
 *   <li><i>Exactly one frame, or the first of several.</i> Move the position behind it and return it. {@code next} is
 *       called again at once for the rest.
 *   <li><i>Something that can never become a frame.</i> Throw a {@link FrameException}: the connection is closed for
 *       that reason. Throw it as soon as the bytes at hand prove it, so that nothing is collected in vain.
 * </ul>
 *
 * <p>The caller's loop is, in essence:
 *
 * <pre>{@code
 * in.flip();
 * F frame;
 * while (in.hasRemaining() && (frame = framer.next(in)) != null) {
 *     handle(frame);
 * }
 * in.compact();                       // the bytes of an unfinished frame
 * ... when the peer has ended its stream:
 * F last = framer.end(in);            // may be null
 * }</pre>
 *
 * <p><b>Rules</b>, each checked by {@code dev.sluice.testing.FramerContract}:
 *
 * <ol>
 *   <li>A frame is never returned without consuming at least one byte.
 *   <li>The outcome does not depend on how the stream was split. A framer that {@linkplain #yields() yields}
 *       {@link Yields#PARTS} may cut differently, but joined the parts are the same.
 *   <li>Work is linear in the bytes: remember how far you have looked instead of looking again.
 *   <li>The limit given to {@link FramerFactory#create} acts on the bytes at hand, before more are collected.
 *   <li>The limit of {@code in} and its bytes are left as they are. Byte order is big endian.
 *   <li>Between frames a framer holds nothing: {@link #atBoundary} is then true and the same object may go on with
 *       another connection. A framer never reads bytes of an earlier {@code in}: by then they are others'.
 * </ol>
 *
 * <p><b>Lifetime of a frame.</b> A frame may be a view of {@code in}. It is valid until the next call on the framer;
 * who keeps it longer must keep what {@link #detach} returns.
 *
 * <p><b>Threads.</b> One at a time. The library calls a framer from its connection's Reader only.
 *
 * @param <F> what a frame is
 * @see FrameView FrameView, for framers that return views of the bytes
 */
public interface Framer<F> {

    /** What {@link #kept} says unless it is overridden: a small framer and a view or two. */
    int KEPT_BYTES = 256;

    /** Whether frames stand for themselves. */
    enum Yields {
        /** Each frame is a message of its own, so frames may be handled by several workers at once. */
        WHOLE,
        /** Frames are parts of one stream, and only in order do they mean something. */
        PARTS
    }

    /**
     * Reads at most one frame.
     *
     * @param in all bytes not consumed yet, at least one; direct or heap
     * @return the frame, or {@code null} if more bytes are needed
     * @throws FrameException if the bytes break the format or a limit; the framer isn't called again after that
     */
    F next(ByteBuffer in) throws FrameException;

    /**
     * Told once that the peer has ended its stream. The default takes an end in the middle of a frame for an error.
     *
     * @param in the bytes not consumed, possibly none
     * @return a last frame that only the end completes, or {@code null}
     * @throws FrameException of kind {@link FrameException.Kind#TRUNCATED} if a frame was begun and not ended
     */
    default F end(ByteBuffer in) throws FrameException {
        if (in.hasRemaining() || !atBoundary()) {
            throw FrameException.truncated(in.remaining());
        }
        return null;
    }

    /** Says whether this framer holds no state, so that it could go on with another connection. */
    boolean atBoundary();

    /** Says whether frames are whole messages or parts of a stream; always the same answer. */
    Yields yields();

    /**
     * Returns a frame with the same content that stays valid for as long as it is referenced.
     *
     * @param frame the frame that the last call returned
     */
    F detach(F frame);

    /**
     * About how many bytes of memory it takes what {@link #detach} would return, for budgets. Override it where that is a
     * multiple of what came, as it is where short bytes become objects.
     *
     * @param frame the frame that the last call returned
     * @param bytes how many bytes were consumed for it
     */
    default int detachedBytes(F frame, int bytes) {
        return bytes;
    }

    /**
     * Told when a connection keeps this framer, since it is not {@linkplain #atBoundary at a boundary} and nothing more is at
     * hand. Until the next call it should have as little as it can: the last frame is valid no longer, and what was shown is
     * given back. It may be told again and again, and has to go on as if it hadn't been.
     *
     * @return about how many bytes of memory it takes, 0 or more, which the budget is charged until then; override it where that
     *     is much more than {@value #KEPT_BYTES}
     */
    default int kept() {
        return KEPT_BYTES;
    }
}
