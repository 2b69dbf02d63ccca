// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Predicate;

/** Figures are kept of names that a configuration has no longer, so that they go on if those come back; but not of any number. */
public final class PastNames {
    /** So many. */
    public static final int MOST = 100;

    private PastNames() {}

    /** Forgets the oldest of those that are of the past, if there are more than {@link #MOST}. */
    public static <V> void forget(LinkedHashMap<String, V> figures, Predicate<String> isNeeded) {
        long past = figures.keySet().stream().filter(isNeeded.negate()).count();
        for (Iterator<String> names = figures.keySet().iterator(); past > MOST; ) {
            if (!isNeeded.test(names.next())) {
                names.remove();
                past--;
            }
        }
    }
}
