// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.util.Arrays;
import java.util.Comparator;

/** Where each key belongs, if all backends are up: an index for a hash. Never changes. */
interface KeyMap {
    int indexOf(long hash);

    /** Each backend gets a range of hashes by its weight, in the order of the list. */
    static KeyMap ranges(Backend[] backends) {
        int[] ends = new int[backends.length];
        int sum = 0;
        for (int i = 0; i < ends.length; i++) {
            sum += backends[i].weight();
            ends[i] = sum;
        }
        int total = sum;
        return hash -> View.indexOf(ends, Hash.below(total, hash));
    }

    /**
     * The table of Maglev. Each backend has a permutation of all places, made from its name; in turn, and as often as its
     * weight allows, each takes the next place of its permutation that is still free. In whatever order the list is, the table
     * is the same.
     */
    static KeyMap maglev(Backend[] backends) {
        char[] table = MaglevTable.of(backends);
        return hash -> table[Hash.below(table.length, hash)];
    }

    /** The indexes of the backends in the order of their names. */
    static int[] byName(Backend[] backends) {
        Integer[] order = new Integer[backends.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparing(i -> backends[i].name()));
        return Arrays.stream(order).mapToInt(i -> i).toArray();
    }
}
