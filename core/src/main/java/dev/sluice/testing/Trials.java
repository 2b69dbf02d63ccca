// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.util.List;
import java.util.Random;

/** Takes every stream of the corpus through framers in every way, in buffers of one kind. */
final class Trials<F, V> {
    private final Subject<F, V> subject;
    private final List<Entry<V>> corpus;
    private final Stage stage;
    private final long seed;

    Trials(Subject<F, V> subject, List<Entry<V>> corpus, Stage stage, long seed) {
        this.subject = subject;
        this.corpus = corpus;
        this.stage = stage;
        this.seed = seed;
    }

    /** First one framer for each stream, so that a plain mistake is not told as one of changing over. */
    void all() {
        corpus.forEach(this::split);
        corpus.forEach(this::cutAndChange);
    }

    private void split(Entry<V> entry) {
        int length = entry.stream().length;
        FrameException whole = run(entry, new int[] {length});
        Splits.forEach(length, new Random(seed), cuts -> checkSameRefusal(entry, whole, cuts));
        // Every pair in buffers of one kind is enough, and another kind for each stream.
        Stage.Kind[] kinds = Stage.Kind.values();
        if (stage.kind() == kinds[entry.number() % kinds.length]) {
            Splits.forEachPair(length, cuts -> checkSameRefusal(entry, whole, cuts));
        }
    }

    private void cutAndChange(Entry<V> entry) {
        int length = entry.stream().length;
        int[] indexes = Splits.indexes(length, new Random(seed));
        for (int i = 0; i < indexes.length; i++) {
            cutShort(entry, indexes[i]);
            change(entry, indexes[i], corpus.get(i % corpus.size()));
        }
        for (Entry<V> next : corpus) {
            change(entry, length, next);
        }
    }

    /** Says whether a stream leaves a framer at a boundary without being ended, so that it can be shown again behind. */
    static <F, V> boolean canBeRepeated(Subject<F, V> subject, Entry<V> entry, long seed) {
        int length = entry.stream().length;
        Run<F, V> run = new Run<>(
                subject, entry, new Stage(Stage.Kind.HEAP, Math.max(1, length), seed), seed, subject.framer());
        run.showUpTo(length);
        return length > 0 && run.atBoundary() && !run.end(length) && !run.isRefused();
    }

    FrameException run(Entry<V> entry, int[] cuts) {
        return run(start(entry, subject.framer()), entry, cuts);
    }

    private FrameException run(Run<F, V> run, Entry<V> entry, int[] cuts) {
        for (int cut : cuts) {
            run.showUpTo(cut);
        }
        run.end(entry.stream().length);
        run.checkOutcome();
        return run.refusal();
    }

    /** For whole frames the refusal, too, says the same at every split: parts may begin elsewhere. */
    void checkSameRefusal(Entry<V> entry, FrameException whole, int[] cuts) {
        Run<F, V> run = start(entry, subject.framer());
        FrameException now = run(run, entry, cuts);
        if (now == null
                || now.kind() == FrameException.Kind.TRUNCATED
                || subject.framer().yields() == Framer.Yields.PARTS) {
            return;
        }
        if (now.offset() != whole.offset() || now.limit() != whole.limit()) {
            throw run.broken(Rule.SAME_AT_EVERY_SPLIT, "shown whole: " + whole + ", split: " + now, null);
        }
    }

    void cutShort(Entry<V> entry, int at) {
        Run<F, V> run = start(entry, subject.framer()).note("then ended there");
        run.showUpTo(at);
        boolean accepted = !run.isRefused();
        boolean last = run.end(at);
        if (entry.isAccepted() && !accepted) {
            throw run.broken(Rule.SAME_AT_EVERY_SPLIT, "the stream is accepted and its beginning is not", null);
        }
        run.checkPrefix(last);
    }

    /** Where the framer says that it holds nothing, a new one must do as well here, and it elsewhere. */
    void change(Entry<V> entry, int at, Entry<V> other) {
        Framer<F> framer = subject.framer();
        Run<F, V> run = start(entry, framer).note("then another framer");
        run.showUpTo(at);
        if (!run.atBoundary()) {
            return;
        }
        run.outcomeTells(Rule.HOLDS_NOTHING).continueWith(subject.framer());
        int length = entry.stream().length;
        run(run, entry, at == length ? new int[] {} : new int[] {length});
        Run<F, V> elsewhere = start(other, framer)
                .outcomeTells(Rule.HOLDS_NOTHING)
                .note("on a framer that had been shown " + at + " bytes of " + entry
                        + " and said it was at a boundary");
        run(elsewhere, other, new int[] {other.stream().length});
    }

    private Run<F, V> start(Entry<V> entry, Framer<F> framer) {
        return new Run<>(subject, entry, stage, seed, framer);
    }
}
