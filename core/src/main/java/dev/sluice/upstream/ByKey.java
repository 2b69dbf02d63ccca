// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/**
 * Takes the one that the key belongs to. If that won't do, the key is hashed again, so that the keys of a backend that is down
 * are spread over all others, and no other key moves. One that starts gets those of its keys that are below its part of
 * the weight, so that each key comes to it once, and stays.
 */
final class ByKey implements Choice {
    private static final int HASHES = 64;

    @Override
    public int choose(View view, long key, Lease tried, long now) {
        if (view.used == 0) {
            return NONE;
        }
        KeyMap keys = view.roster.keys;
        long seed = Hash.mix(key);
        int i = 0;
        for (int n = 0; n < HASHES; n++) {
            long hash = Hash.mix(seed + n * Hash.GOLDEN);
            i = keys.indexOf(hash);
            if (isWithinPart(view.parts[i], seed) && view.mayPick(i, tried, now)) {
                return i;
            }
        }
        return nextFrom(i, view, tried, now);
    }

    @Override
    public boolean heedsKeys() {
        return true;
    }

    private static boolean isWithinPart(int parts, long seed) {
        return parts == View.FULL || (seed & (View.FULL - 1)) < parts;
    }

    private static int nextFrom(int start, View view, Lease tried, long now) {
        int size = view.size();
        for (int n = 0; n < size; n++) {
            int i = (start + n) % size;
            if (view.mayPick(i, tried, now)) {
                return i;
            }
        }
        return NONE;
    }
}
