// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.FrameView;
import dev.sluice.frame.Framer;
import dev.sluice.frame.FramerFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Holds a framer to the contract of {@link Framer}, with streams that you give: some that it accepts, and what frames
 * they have, and some that it rejects. Call it from a test of any framework; what is broken is an
 * {@code AssertionError} that names the rule, the stream, where it was split, and the seed.
 *
 * <pre>{@code
 * FramerContract.of(LineFramer::new)
 *         .maxFrameBytes(16)
 *         .accepts("one\ntwo\r\n\n", "one", "two", "")
 *         .rejects("one\n0123456789abcdefg", FrameException.Kind.TOO_LONG, "one")
 *         .rejects("no ending", FrameException.Kind.TRUNCATED)
 *         .unfinished(length -> new byte[length])
 *         .check();
 * }</pre>
 *
 * <p>Each stream is shown whole, byte by byte, in two at every index (at 512 random ones if it is longer than that), in
 * three at every pair of indexes up to 48 bytes, and at random; on heap, read-only and direct buffers, at odd places,
 * with what was shown before overwritten; then ended, and every accepted stream is also cut short everywhere. Where a
 * framer says that it is {@linkplain Framer#atBoundary() at a boundary}, another one goes on with the stream and this
 * one with another stream. Put at least two frames into one stream, and more than one stream into the corpus. The limit
 * is taken at its word: with {@code maxFrameBytes} bytes at hand, {@code null} is no answer.
 *
 * <p>Confined to one thread; not for checking a protocol's meaning, which is for its own tests.
 *
 * @param <F> what a frame is
 * @param <V> what frames are compared as
 */
public final class FramerContract<F, V> {
    private static final int ROOM_TO_GROW = 1 << 20;

    private final FramerFactory<F> factory;
    private final Function<? super F, ? extends V> describe;
    private final List<Entry<V>> corpus = new ArrayList<>();
    private BiFunction<? super V, ? super V, ? extends V> join;
    private IntFunction<byte[]> unfinished;
    private int maxFrameBytes = 1024;
    private long seed = 1;

    private FramerContract(
            FramerFactory<F> factory,
            Function<? super F, ? extends V> describe,
            BiFunction<? super V, ? super V, ? extends V> join) {
        this.factory = factory;
        this.describe = describe;
        this.join = join;
    }

    /**
     * For framers whose frames are bytes. They are compared as strings with one character for each byte (ISO 8859-1);
     * parts are joined.
     */
    public static FramerContract<ByteBuffer, String> of(FramerFactory<ByteBuffer> factory) {
        return new FramerContract<>(factory, FramerContract::text, String::concat);
    }

    /** One character for each byte. */
    static String text(ByteBuffer frame) {
        return new String(FrameView.copy(frame).array(), StandardCharsets.ISO_8859_1);
    }

    /**
     * For framers of other frames.
     *
     * @param describe makes of a frame a value that is not null, has {@code equals}, and shares no memory with it
     */
    public static <F, V> FramerContract<F, V> of(FramerFactory<F> factory, Function<? super F, ? extends V> describe) {
        return new FramerContract<>(factory, describe, (first, second) -> null);
    }

    /**
     * Says how adjacent parts are joined, for framers of PARTS that are not bytes.
     *
     * @param join returns both in one, or {@code null} if the two don't join: a head and the part of a body behind it
     */
    public FramerContract<F, V> joining(BiFunction<? super V, ? super V, ? extends V> join) {
        this.join = join;
        return this;
    }

    /** The limit that framers are made with, in bytes; 1,024 unless set. */
    public FramerContract<F, V> maxFrameBytes(int bytes) {
        maxFrameBytes = bytes;
        return this;
    }

    /** Where random splits and random bytes come from; 1 unless set. */
    public FramerContract<F, V> seed(long seed) {
        this.seed = seed;
        return this;
    }

    /** A stream that is accepted, and all its frames, the one that only the end completes included. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public final FramerContract<F, V> accepts(byte[] stream, V... frames) {
        return add(stream, null, Arrays.stream(frames).toList());
    }

    /** As {@link #accepts(byte[], Object[])}, with a stream that has one byte for each character (ISO 8859-1). */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public final FramerContract<F, V> accepts(String stream, V... frames) {
        return add(bytes(stream), null, Arrays.stream(frames).toList());
    }

    /** A stream that is rejected, and the frames in front of that. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public final FramerContract<F, V> rejects(byte[] stream, FrameException.Kind kind, V... frames) {
        return add(stream, kind, Arrays.stream(frames).toList());
    }

    /** As {@link #rejects(byte[], FrameException.Kind, Object[])}, with one byte for each character (ISO 8859-1). */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public final FramerContract<F, V> rejects(String stream, FrameException.Kind kind, V... frames) {
        return add(bytes(stream), kind, Arrays.stream(frames).toList());
    }

    /**
     * Says how a frame begins that goes on and on, so that it can be seen whether work is linear while it arrives byte
     * by byte. The clock tells that, with a margin that no pause can fill: 16 times the bytes must not take over 100
     * times as long. For this the framer is made with a limit of 1 MiB.
     *
     * @param stream makes a stream of so many bytes, up to 65,536, that is in the middle of a frame
     */
    public FramerContract<F, V> unfinished(IntFunction<byte[]> stream) {
        unfinished = stream;
        return this;
    }

    /**
     * Checks everything.
     *
     * @throws AssertionError if the framer breaks a rule
     * @throws IllegalStateException if no stream was given
     */
    public void check() {
        if (corpus.isEmpty()) {
            throw new IllegalStateException("the corpus is empty, must have one stream or more");
        }
        Subject<F, V> subject = new Subject<>(factory, maxFrameBytes, describe, join);
        checkFactory(subject);
        int longest =
                corpus.stream().mapToInt(entry -> entry.stream().length).max().orElse(0);
        for (Stage.Kind kind : Stage.Kind.values()) {
            new Trials<>(subject, corpus, new Stage(kind, longest, seed), seed).all();
        }
        checkLinear();
    }

    private void checkFactory(Subject<F, V> subject) {
        Framer<F> one = subject.framer();
        Framer<F> other = subject.framer();
        if (one == other || !one.atBoundary() || one.yields() != other.yields()) {
            throw Rule.NEW_FRAMER.broken(
                    "two calls gave " + (one == other ? "one framer" : "two") + ", atBoundary() " + one.atBoundary()
                            + ", yields() " + one.yields() + " and " + other.yields(),
                    "before any stream",
                    null);
        }
    }

    private void checkLinear() {
        Subject<F, V> roomy = new Subject<>(factory, ROOM_TO_GROW, describe, join);
        if (unfinished != null) {
            checkLinear("a frame grows byte by byte", () -> LinearWork.growingByteByByte(roomy, unfinished));
        }
        for (Entry<V> entry : corpus) {
            if (entry.isAccepted() && Trials.canBeRepeated(roomy, entry, seed)) {
                checkLinear("many times " + entry, () -> LinearWork.manyFramesAtOnce(roomy, entry.stream()));
            }
        }
    }

    private void checkLinear(String where, Work work) {
        String wrong;
        try {
            wrong = work.tooSlow();
        } catch (FrameException e) {
            throw Rule.SAME_AT_EVERY_SPLIT.broken("refused with " + e, where, e);
        }
        if (wrong != null) {
            throw Rule.LINEAR.broken(wrong, where, null);
        }
    }

    private FramerContract<F, V> add(byte[] stream, FrameException.Kind rejection, List<V> frames) {
        corpus.add(new Entry<>(corpus.size() + 1, stream.clone(), frames, rejection));
        return this;
    }

    private static byte[] bytes(String stream) {
        if (stream.chars().anyMatch(c -> c > 0xFF)) {
            throw new IllegalArgumentException("the stream has a character over U+00FF, must have one byte for each");
        }
        return stream.getBytes(StandardCharsets.ISO_8859_1);
    }

    @FunctionalInterface
    private interface Work {
        String tooSlow() throws FrameException;
    }
}
