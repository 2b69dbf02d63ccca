// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.Set;

/**
 * Where a route leads.
 *
 * @param to the name of an upstream; null if it refuses, or if that wasn't said
 */
public record RouteEnd(String to, boolean refuses) {
    /** Reads the keys {@code to} and {@code refuse}, one of which there has to be; what is wrong with them is noted. */
    public static RouteEnd read(Fields table, Set<String> upstreams) {
        String to = table.get("to", TableReader.oneOf(upstreams, "upstream"), null);
        boolean refuses = table.get("refuse", Readings::flag, false);
        if (table.has("to") && refuses) {
            table.wrong("refuse", "a route leads to an upstream or refuses, not both");
        }
        if (!table.has("to") && !refuses) {
            table.wrong("to", "missing; name an upstream, or say refuse = true");
        }
        return new RouteEnd(to, refuses);
    }
}
