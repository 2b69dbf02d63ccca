// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.util.Arrays;

/** How the table of {@link KeyMap#maglev} is filled. */
final class MaglevTable {
    private static final char FREE = Character.MAX_VALUE;

    // Prime, so that each step from each start visits all places. At least a hundred places for each backend
    // keep shares within one percent (Eisenbud et al., 5.3).
    private static final int SMALL = 65_537;
    private static final int LARGE = 655_373;
    private static final int MOST_IN_SMALL = 512;

    private final Backend[] backends;
    private final char[] table;
    private final int[] place; // next of each permutation
    private final int[] step;
    private int free;

    private MaglevTable(Backend[] backends) {
        this.backends = backends;
        this.table = new char[backends.length <= MOST_IN_SMALL ? SMALL : LARGE];
        this.place = new int[backends.length];
        this.step = new int[backends.length];
        this.free = table.length;
    }

    /** The index of a backend in each place. The list must not be empty. */
    static char[] of(Backend[] backends) {
        MaglevTable filling = new MaglevTable(backends);
        filling.permute();
        filling.fill();
        return filling.table;
    }

    private void permute() {
        for (int i = 0; i < backends.length; i++) {
            long hash = Hash.of(backends[i].name());
            place[i] = Hash.below(table.length, hash);
            step[i] = 1 + Hash.below(table.length - 1, Hash.mix(hash + Hash.GOLDEN));
        }
    }

    private void fill() {
        Arrays.fill(table, FREE);
        int heaviest = Arrays.stream(backends).mapToInt(Backend::weight).max().orElseThrow();
        int[] order = KeyMap.byName(backends);
        int[] credit = new int[backends.length];
        while (true) {
            for (int i : order) {
                credit[i] += backends[i].weight();
                if (credit[i] >= heaviest) {
                    credit[i] -= heaviest;
                    takePlace(i);
                    if (free == 0) {
                        return;
                    }
                }
            }
        }
    }

    private void takePlace(int i) {
        int at = place[i];
        while (table[at] != FREE) {
            at = next(at, i);
        }
        table[at] = (char) i;
        place[i] = next(at, i);
        free--;
    }

    private int next(int at, int i) {
        int next = at + step[i];
        return next < table.length ? next : next - table.length;
    }
}
