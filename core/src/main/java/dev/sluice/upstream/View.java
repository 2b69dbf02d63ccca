// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/**
 * Who may be used, and by which weight, from when it was made until something changes. Never changes itself, but for the
 * members' counters.
 */
final class View {
    /** A weight of 1 in full; while a backend starts it has fewer of these parts. */
    static final int FULL = 32;

    final Roster roster;

    /** By index: the weight times the {@link #parts}; 0 if it isn't used. */
    final int[] weights;

    /** By index: of {@link #FULL}, how much of its weight it has; 0 if it isn't used. */
    final int[] parts;

    /** By index: whether only one connection at a time may try it. */
    final boolean[] onTrial;

    /** By index: the weights up to and with it. */
    final int[] ends;

    /** How many are used. */
    final int used;

    /** Whether all are used because too few are up. */
    final boolean panic;

    /** Whether whoever picks has to look at the clock. */
    final boolean timed;

    /** From when on another view has to be made, if {@link #timed}. */
    final long validUntil;

    View(Roster roster, int[] parts, boolean[] onTrial, boolean panic, boolean timed, long validUntil) {
        this.roster = roster;
        this.parts = parts;
        this.onTrial = onTrial;
        this.panic = panic;
        this.timed = timed;
        this.validUntil = validUntil;
        this.weights = new int[parts.length];
        this.ends = new int[parts.length];
        int sum = 0;
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            weights[i] = roster.backends[i].weight() * parts[i];
            sum += weights[i];
            ends[i] = sum;
            count += parts[i] > 0 ? 1 : 0;
        }
        this.used = count;
    }

    int size() {
        return weights.length;
    }

    int totalWeight() {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    /** Whether it may be picked, as far as can be said before it is taken. */
    boolean mayPick(int i, Lease tried, long now) {
        return weights[i] > 0 && hasRoom(i) && !isOnTrialNow(i, now) && !Lease.hasTried(tried, roster.members[i]);
    }

    boolean hasRoom(int i) {
        return roster.members[i].active.get() < roster.backends[i].connections();
    }

    private boolean isOnTrialNow(int i, long now) {
        return onTrial[i] && roster.members[i].isOnTrial(now);
    }

    /** Why there was none that {@link #mayPick}. */
    NoBackend whyNone(Lease tried, long now) {
        if (size() == 0) {
            return NoBackend.EMPTY;
        }
        boolean anyTried = false;
        for (int i = 0; i < size(); i++) {
            if (weights[i] > 0 && !isOnTrialNow(i, now)) {
                boolean wasTried = Lease.hasTried(tried, roster.members[i]);
                if (!wasTried && !hasRoom(i)) {
                    return NoBackend.AT_LIMIT;
                }
                anyTried |= wasTried;
            }
        }
        return anyTried ? NoBackend.ALL_TRIED : NoBackend.ALL_DOWN;
    }

    /** The first index whose end is beyond {@code value}. */
    static int indexOf(int[] ends, int value) {
        int low = 0;
        int high = ends.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] > value) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
