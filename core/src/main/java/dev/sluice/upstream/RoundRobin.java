// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Each backend has a time at which it is due, and the one that is due first is picked; then it is due again a stride later,
 * which is the shorter the heavier it is ("stride scheduling"). So no lock is needed, weights may change at any time, and a
 * round of picks gives each exactly its weight. Who joins is due at a place of its own within a stride, so that those of
 * equal weight are spread.
 *
 * <p>It may look at connections first: then only those take their turn which have the fewest for their weight.
 */
final class RoundRobin implements Choice {
    private static final long STRIDE_OF_ONE = 1L << 40;

    private final boolean ofFewest;
    private final AtomicLong latest = new AtomicLong(); // due time of the last one picked, or nearly that

    RoundRobin(boolean ofFewest) {
        this.ofFewest = ofFewest;
    }

    @Override
    public int choose(View view, long key, Lease tried, long now) {
        while (true) {
            int first = first(view, tried, now);
            if (first == NONE) {
                return NONE;
            }
            AtomicLong due = view.roster.members[first].due;
            long time = due.get();
            long stride = STRIDE_OF_ONE / view.weights[first];
            // One that could not be picked for a while, since it was at its limit, is not given all that it has missed.
            long from = later(time, latest.get() - stride);
            if (due.compareAndSet(time, from + stride)) {
                latest.lazySet(later(time, latest.get()));
                return first;
            }
        }
    }

    private int first(View view, Lease tried, long now) {
        int first = NONE;
        int firstActive = 0;
        long firstDue = 0;
        for (int i = 0; i < view.size(); i++) {
            if (view.weights[i] == 0) {
                continue;
            }
            int active = ofFewest ? view.roster.members[i].active.get() : 0;
            long due = view.roster.members[i].due.get();
            long more = first == NONE ? -1 : Choice.compare(active, view.weights[i], firstActive, view.weights[first]);
            if ((more < 0 || more == 0 && due - firstDue < 0) && view.mayPick(i, tried, now)) {
                first = i;
                firstActive = active;
                firstDue = due;
            }
        }
        return first;
    }

    @Override
    public void changing(View to) {
        long time = latest.get();
        for (int i = 0; i < to.size(); i++) {
            Member member = to.roster.members[i];
            int before = member.weightInTurn;
            int weight = to.weights[i];
            if (weight > 0 && before == 0) {
                long stride = STRIDE_OF_ONE / weight;
                member.due.set(time + stride / (2L * to.size()) * (2L * i + 1));
            } else if (weight > 0 && before != weight) {
                long rest = Math.max(0, member.due.get() - time);
                member.due.set(time + rest * before / weight);
            }
            member.weightInTurn = weight;
        }
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }
}
