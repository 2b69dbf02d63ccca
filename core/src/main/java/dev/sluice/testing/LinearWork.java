// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;

/**
 * Tells quadratic work from linear work by the clock, very coarsely. A framer's reads cannot be counted, since nobody
 * can extend {@code ByteBuffer}. For sixteen times the bytes, linear work takes 16 times as long and quadratic work 256
 * times; only over 100 times, and over a tenth of a second, five times in a row, is called quadratic. A pause of the
 * machine can't look like that; and what it lets through is linear, or too little to matter.
 */
final class LinearWork {
    private static final int SMALL = 4 * 1024;
    private static final int LARGE = 16 * SMALL;
    private static final int MAX_RATIO = 100;
    private static final long ALWAYS_ALLOWED_NANOS = 100_000_000;
    private static final int TRIES = 5;
    private static final int LOOK_AT_CLOCK_EVERY = 64;

    private LinearWork() {}

    /** Grows a frame byte by byte. Returns what is wrong, or {@code null}. */
    static String growingByteByByte(Subject<?, ?> subject, IntFunction<byte[]> unfinished) throws FrameException {
        return tooSlow(subject, unfinished.apply(SMALL), unfinished.apply(LARGE), 1);
    }

    /** Shows many frames in one buffer. Returns what is wrong, or {@code null}. */
    static String manyFramesAtOnce(Subject<?, ?> subject, byte[] stream) throws FrameException {
        byte[] small = repeated(stream, SMALL);
        byte[] large = repeated(stream, LARGE);
        return tooSlow(subject, small, large, Integer.MAX_VALUE);
    }

    private static String tooSlow(Subject<?, ?> subject, byte[] small, byte[] large, int step) throws FrameException {
        long smallNanos = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            smallNanos = Math.min(smallNanos, nanos(subject.framer(), small, step, Long.MAX_VALUE));
        }
        long allowed = Math.max(ALWAYS_ALLOWED_NANOS, MAX_RATIO * smallNanos);
        for (int i = 0; i < TRIES; i++) {
            if (nanos(subject.framer(), large, step, allowed) <= allowed) {
                return null;
            }
        }
        return small.length + " bytes took " + smallNanos + " ns and " + large.length + " bytes over " + allowed
                + " ns, " + TRIES + " times";
    }

    /** Takes the time; gives up, with more than {@code allowed}, as soon as that is passed. */
    private static long nanos(Framer<?> framer, byte[] stream, int step, long allowed) throws FrameException {
        ByteBuffer in = ByteBuffer.allocateDirect(stream.length).put(stream);
        in.position(0).limit(0);
        long begin = System.nanoTime();
        int calls = 0;
        while (in.limit() < stream.length) {
            in.limit(in.limit() + Math.min(step, stream.length - in.limit()));
            Object frame;
            do {
                frame = framer.next(in);
                if (++calls % LOOK_AT_CLOCK_EVERY == 0 && System.nanoTime() - begin > allowed) {
                    return Long.MAX_VALUE;
                }
            } while (frame != null && in.hasRemaining());
        }
        return System.nanoTime() - begin;
    }

    private static byte[] repeated(byte[] stream, int atLeast) {
        int times = (atLeast + stream.length - 1) / stream.length;
        byte[] all = new byte[times * stream.length];
        for (int i = 0; i < times; i++) {
            System.arraycopy(stream, 0, all, i * stream.length, stream.length);
        }
        return all;
    }
}
