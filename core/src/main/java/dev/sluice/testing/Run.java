// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Takes one stream through a framer as a Reader would, and checks every step against the contract. */
final class Run<F, V> {
    private final Subject<F, V> subject;
    private final Entry<V> entry;
    private final Stage stage;
    private final long seed;
    private final Framer.Yields yields;
    private final List<Integer> cuts = new ArrayList<>();
    private final List<V> frames = new ArrayList<>();
    private final List<F> detached = new ArrayList<>();

    private Framer<F> framer;
    private String note = "";
    private Rule outcomeRule = Rule.SAME_AT_EVERY_SPLIT;
    private int consumed;
    private int lastFrameEnd;
    private FrameException refusal;

    Run(Subject<F, V> subject, Entry<V> entry, Stage stage, long seed, Framer<F> framer) {
        this.subject = subject;
        this.entry = entry;
        this.stage = stage;
        this.seed = seed;
        this.framer = framer;
        this.yields = framer.yields();
    }

    /** Adds something to every message of this run. */
    Run<F, V> note(String text) {
        note = ", " + text;
        return this;
    }

    /** Says which rule is broken if the outcome is another than the corpus says. */
    Run<F, V> outcomeTells(Rule rule) {
        outcomeRule = rule;
        return this;
    }

    /** Says whether the framer takes itself for one that could go on with another connection. */
    boolean atBoundary() {
        return refusal == null && framer.atBoundary();
    }

    /** Goes on with another framer, as a Reader does that lent one out for the middle of a frame only. */
    void continueWith(Framer<F> other) {
        framer = other;
    }

    /** Says whether the stream was refused. */
    boolean isRefused() {
        return refusal != null;
    }

    FrameException refusal() {
        return refusal;
    }

    /** Shows the stream up to before {@code to}. */
    void showUpTo(int to) {
        if (refusal != null) {
            return;
        }
        cuts.add(to);
        ByteBuffer in = stage.show(entry.stream(), consumed, to);
        int startOfShown = in.position() - consumed;
        while (refusal == null && in.hasRemaining()) {
            int before = in.position();
            F frame = next(in);
            consumed = in.position() - startOfShown;
            check(in.position() >= before, Rule.CONSUMES, () -> "the position went backwards");
            if (refusal != null) {
                return;
            }
            if (frame == null) {
                checkLimit(in, to);
                keep();
                return;
            }
            check(in.position() > before, Rule.CONSUMES, () -> "a frame came and the position stayed");
            take(frame);
            lastFrameEnd = consumed;
            if (!in.hasRemaining() && yields == Framer.Yields.WHOLE) {
                check(
                        framer.atBoundary(),
                        Rule.HOLDS_NOTHING,
                        () -> "atBoundary() is false right behind a whole frame");
            }
        }
        keep();
    }

    /** Nothing more is at hand, so in a server a connection would keep it. */
    private void keep() {
        if (!framer.atBoundary()) {
            int bytes = framer.kept();
            check(bytes >= 0, Rule.KEPT, () -> "kept() is " + bytes);
        }
    }

    /** Ends the stream and returns whether the end gave a last frame. */
    boolean end(int to) {
        if (refusal != null) {
            return false;
        }
        ByteBuffer in = stage.show(entry.stream(), consumed, to);
        F last = null;
        try {
            last = framer.end(in);
        } catch (FrameException e) {
            refusal = e;
            check(e.kind() == FrameException.Kind.TRUNCATED, Rule.FAILS_TYPED, () -> "end() threw " + e.kind());
        } catch (RuntimeException e) {
            throw broken(Rule.FAILS_TYPED, "end() threw " + e, e);
        }
        checkBuffer(in);
        if (last != null) {
            take(last);
        }
        return last != null;
    }

    /** Compares the outcome of the whole stream with what the corpus says. */
    void checkOutcome() {
        List<V> expected = subject.comparable(entry.frames(), yields);
        List<V> actual = subject.comparable(frames, yields);
        check(
                expected.equals(actual),
                outcomeRule,
                () -> "expected the frames " + Printable.text(expected) + " and got " + Printable.text(actual)
                        + (refusal == null ? "" : ", then " + refusal));
        FrameException.Kind kind = refusal == null ? null : refusal.kind();
        check(
                kind == entry.rejection(),
                outcomeRule,
                () -> entry.isAccepted()
                        ? "expected the stream to be accepted and got " + refusal
                        : "expected " + entry.rejection() + " and got " + (refusal == null ? "no refusal" : refusal));
        checkDetached();
    }

    /** Checks that frames so far, without what the end gave, are the first ones of those the corpus says. */
    void checkPrefix(boolean endGaveFrame) {
        List<V> expected = subject.comparable(entry.frames(), yields);
        List<V> actual = subject.comparable(endGaveFrame ? frames.subList(0, frames.size() - 1) : frames, yields);
        int whole = yields == Framer.Yields.WHOLE ? actual.size() : Math.max(0, actual.size() - 1);
        check(
                actual.size() <= expected.size()
                        && actual.subList(0, whole).equals(expected.subList(0, whole))
                        && (whole == actual.size() || begins(expected.get(whole), actual.get(whole))),
                Rule.SAME_AT_EVERY_SPLIT,
                () -> "cut short, the stream gave " + Printable.text(actual) + ", which doesn't begin "
                        + Printable.text(expected));
        checkDetached();
    }

    AssertionError broken(Rule rule, String what, Throwable cause) {
        return rule.broken(
                what, entry + " shown up to " + cuts + ", " + stage.kind() + " buffers, seed " + seed + note, cause);
    }

    private F next(ByteBuffer in) {
        F frame = null;
        try {
            frame = framer.next(in);
        } catch (FrameException e) {
            refusal = e;
            check(e.kind() != FrameException.Kind.TRUNCATED, Rule.FAILS_TYPED, () -> "next() threw " + e.kind());
        } catch (RuntimeException e) {
            throw broken(Rule.FAILS_TYPED, "next() threw " + e, e);
        }
        checkBuffer(in);
        check(framer.yields() == yields, Rule.YIELDS, () -> "yields() was " + yields + " and is " + framer.yields());
        return frame;
    }

    private void checkBuffer(ByteBuffer in) {
        check(stage.limitIsKept(), Rule.LEAVES_BUFFER, () -> "the limit was moved");
        check(stage.bytesAreKept(), Rule.LEAVES_BUFFER, () -> "the buffer was written to");
        check(in.order() == ByteOrder.BIG_ENDIAN, Rule.LEAVES_BUFFER, () -> "the byte order was changed");
    }

    private void checkLimit(ByteBuffer in, int shown) {
        int max = subject.maxFrameBytes();
        check(
                in.remaining() < max,
                Rule.LIMITED,
                () -> "more was asked for with " + in.remaining() + " bytes at hand and a limit of " + max);
        if (entry.rejection() == FrameException.Kind.TOO_LONG && shown - lastFrameEnd >= max) {
            int taken = shown - frameBegin(shown);
            check(
                    taken < max,
                    Rule.LIMITED,
                    () -> taken + " bytes of a frame that is too long were taken, the limit is " + max);
        }
    }

    /** Where the unfinished frame begins: a framer may skip what stands between frames, such as blank lines. */
    private int frameBegin(int shown) {
        Framer<F> probe = subject.framer();
        int begin = lastFrameEnd;
        ByteBuffer in = ByteBuffer.wrap(entry.stream()).position(begin);
        for (int end = begin + 1; end <= shown; end++) {
            try {
                if (probe.next(in.limit(end)) != null) {
                    return begin;
                }
            } catch (FrameException e) {
                return begin;
            }
            if (!in.hasRemaining() && probe.atBoundary()) {
                begin = end;
            }
        }
        return begin;
    }

    private void take(F frame) {
        V value = subject.describe().apply(frame);
        F copy = framer.detach(frame);
        check(
                value.equals(subject.describe().apply(frame)),
                Rule.DETACHES,
                () -> "detach() changed the frame " + Printable.text(value));
        frames.add(value);
        detached.add(copy);
    }

    private void checkDetached() {
        stage.poison();
        for (int i = 0; i < frames.size(); i++) {
            V then = frames.get(i);
            V now = subject.describe().apply(detached.get(i));
            check(
                    then.equals(now),
                    Rule.DETACHES,
                    () -> "the frame " + Printable.text(then) + " became " + Printable.text(now));
        }
    }

    private static boolean begins(Object whole, Object part) {
        return !(whole instanceof String) || ((String) whole).startsWith((String) part);
    }

    private void check(boolean holds, Rule rule, Supplier<String> what) {
        if (!holds) {
            throw broken(rule, what.get(), null);
        }
    }
}
