// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import dev.sluice.frame.Framer;
import dev.sluice.frame.FramerFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The framer under test and how to read its frames.
 *
 * @param describe turns a frame into a value with {@code equals}, of its own memory
 * @param join joins the values of adjacent parts; {@code null} for two that do not join
 */
record Subject<F, V>(
        FramerFactory<F> factory,
        int maxFrameBytes,
        Function<? super F, ? extends V> describe,
        BiFunction<? super V, ? super V, ? extends V> join) {

    Framer<F> framer() {
        return factory.create(maxFrameBytes);
    }

    /** What frames are compared as: for PARTS, with adjacent ones joined. */
    List<V> comparable(List<V> frames, Framer.Yields yields) {
        if (yields == Framer.Yields.WHOLE) {
            return frames;
        }
        List<V> joined = new ArrayList<>();
        for (V frame : frames) {
            int last = joined.size() - 1;
            V both = last < 0 ? null : join.apply(joined.get(last), frame);
            if (both == null) {
                joined.add(frame);
            } else {
                joined.set(last, both);
            }
        }
        return joined;
    }
}
