// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.examples.proxy.Fields;
import java.util.ArrayList;
import java.util.List;

/** What can be wrong between tables that are right by themselves. */
final class ConfigChecks {
    private record Placed(RouteConfig route, Fields table) {}

    private final List<Placed> routes = new ArrayList<>();

    /** Notes a route to which an earlier one leaves nobody. */
    void reachable(RouteConfig route, Fields table) {
        for (Placed earlier : routes) {
            if (earlier.route.covers(route)) {
                table.wrong("nobody comes here: " + earlier.table.path() + " in line "
                        + earlier.table.place().line() + " takes all of them");
                return; // nor does it take anybody from those behind it
            }
        }
        routes.add(new Placed(route, table));
    }
}
