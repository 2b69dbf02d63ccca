// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.FramerFactory;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Holds a framer to its contract for a stream of which nothing is known. What comes of it whole is taken for right, and
 * must come of it at every split, in every buffer, with another framer at each boundary; only a {@code FrameException}
 * may refuse it; and what is allocated is bounded by the bytes that came, whatever they claim.
 *
 * <pre>{@code
 * class LineFramerFuzz {
 *     @FuzzTest
 *     void streams(byte[] stream) {
 *         FramerFuzz.of(LineFramer::new).maxFrameBytes(16).check(stream);
 *     }
 * }
 * }</pre>
 *
 * <p>All that is random comes from the stream, so a file of the corpus is a stream and nothing else, and repeats what it
 * has shown once.
 */
public final class FramerFuzz<F, V> {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int RANDOM_PLACES = 4;
    private static final int SHORT = 256; // up to here byte by byte too
    private static final long ALWAYS_ALLOWED_BYTES = 64 * 1024;
    private static final long ALLOWED_BYTES_FOR_EACH = 1024;

    private final FramerFactory<F> factory;
    private final Function<? super F, ? extends V> describe;
    private final BiFunction<? super V, ? super V, ? extends V> join;
    private int maxFrameBytes = 64;

    private FramerFuzz(
            FramerFactory<F> factory,
            Function<? super F, ? extends V> describe,
            BiFunction<? super V, ? super V, ? extends V> join) {
        this.factory = factory;
        this.describe = describe;
        this.join = join;
    }

    /** For framers whose frames are bytes; parts are joined. */
    public static FramerFuzz<ByteBuffer, String> of(FramerFactory<ByteBuffer> factory) {
        return new FramerFuzz<>(factory, FramerContract::text, String::concat);
    }

    /** For framers of other frames; parameters as in {@link FramerContract#of(FramerFactory, Function)}. */
    public static <F, V> FramerFuzz<F, V> of(FramerFactory<F> factory, Function<? super F, ? extends V> describe) {
        return new FramerFuzz<>(factory, describe, (first, second) -> null);
    }

    /** As {@link FramerContract#joining}. */
    public FramerFuzz<F, V> joining(BiFunction<? super V, ? super V, ? extends V> newJoin) {
        return new FramerFuzz<>(factory, describe, newJoin).maxFrameBytes(maxFrameBytes);
    }

    /** The limit that framers are made with, in bytes; 64 unless set, since fuzzed streams are short. */
    public FramerFuzz<F, V> maxFrameBytes(int bytes) {
        maxFrameBytes = bytes;
        return this;
    }

    /**
     * Takes the stream through framers.
     *
     * @throws AssertionError if a rule is broken; the message says which, and how
     */
    public void check(byte[] stream) {
        Subject<F, V> subject = new Subject<>(factory, maxFrameBytes, describe, join);
        Entry<V> entry = whole(subject, stream);
        assertEquals(entry.frames(), wholeInBounds(subject, stream).frames(), "a second framer cuts otherwise");
        long seed = Arrays.hashCode(stream);
        Random random = new Random(seed);
        Stage.Kind[] kinds = Stage.Kind.values();
        Stage stage = new Stage(kinds[random.nextInt(kinds.length)], Math.max(1, stream.length), seed);
        split(new Trials<>(subject, List.of(entry), stage, seed), entry, random);
    }

    private void split(Trials<F, V> trials, Entry<V> entry, Random random) {
        int length = entry.stream().length;
        FrameException whole = trials.run(entry, new int[] {length});
        if (length < 2) {
            return;
        }
        if (length <= SHORT) {
            trials.checkSameRefusal(
                    entry, whole, IntStream.rangeClosed(1, length).toArray());
        }
        for (int i = 0; i < RANDOM_PLACES; i++) {
            trials.checkSameRefusal(entry, whole, Splits.randomly(length, random));
            trials.cutShort(entry, 1 + random.nextInt(length - 1));
            trials.change(entry, 1 + random.nextInt(length - 1), entry);
        }
        trials.change(entry, length, entry);
    }

    /** The first time also loads classes, which allocates; so this one counts. */
    private Entry<V> wholeInBounds(Subject<F, V> subject, byte[] stream) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        Entry<V> entry = whole(subject, stream);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertTrue(
                allocated <= ALWAYS_ALLOWED_BYTES + ALLOWED_BYTES_FOR_EACH * stream.length,
                () -> allocated + " bytes were allocated for a stream of " + stream.length + " bytes");
        return entry;
    }

    private Entry<V> whole(Subject<F, V> subject, byte[] stream) {
        Framer<F> framer = subject.framer();
        ByteBuffer in = ByteBuffer.wrap(stream);
        List<V> frames = new ArrayList<>();
        FrameException.Kind rejection = null;
        try {
            F frame = null;
            while (in.hasRemaining() && (frame = next(framer, in)) != null) {
                frames.add(describe.apply(frame));
            }
            frame = framer.end(in);
            if (frame != null) {
                frames.add(describe.apply(frame));
            }
        } catch (FrameException e) {
            rejection = e.kind();
        }
        return new Entry<>(1, stream, frames, rejection);
    }

    private F next(Framer<F> framer, ByteBuffer in) throws FrameException {
        int before = in.position();
        F frame = framer.next(in);
        assertTrue(frame == null || in.position() > before, "a frame came and the position stayed");
        return frame;
    }
}
