// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.Arrays;

/** The keys of one channel, mostly one. */
final class KeyList {
    private static final SimKey[] NONE = {};

    private SimKey[] keys = NONE;

    void add(SimKey key) {
        keys = Arrays.copyOf(keys, keys.length + 1);
        keys[keys.length - 1] = key;
    }

    void remove(SimKey key) {
        int n = 0;
        SimKey[] left = new SimKey[keys.length - 1];
        for (SimKey other : keys) {
            if (other != key) {
                left[n++] = other;
            }
        }
        keys = left.length == 0 ? NONE : left;
    }

    /** What the channel could do may have changed. */
    void changed() {
        for (SimKey key : keys) {
            key.refresh();
        }
    }
}
