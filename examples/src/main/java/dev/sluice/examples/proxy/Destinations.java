// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Notes listeners from which there is no way on. */
public final class Destinations {
    private Destinations() {}

    /**
     * Notes them, and that there is no upstream. Where there is but one, all go there: returns the names of the listeners that
     * need a route for that.
     *
     * @param routed whether there is a route for the listener of a name
     * @param who comes through listeners, as {@code clients}
     */
    public static List<String> check(
            Fields file,
            Map<String, Fields> listeners,
            Map<String, Fields> upstreams,
            Predicate<String> routed,
            String who) {
        if (upstreams.isEmpty()) {
            file.wrong(
                    "upstream",
                    "there is none; at least one is needed, as [upstream.main] backends = [\"10.0.0.1:80\"]");
        }
        List<String> without =
                listeners.keySet().stream().filter(routed.negate()).toList();
        if (upstreams.size() == 1) {
            return without;
        }
        if (upstreams.size() > 1) {
            for (String name : without) {
                listeners
                        .get(name)
                        .wrong("its " + who + " have nowhere to go: no route is for it, and there are "
                                + upstreams.size() + " upstreams");
            }
        }
        return List.of();
    }
}
