// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.examples.proxy.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What can be wrong between tables that are right by themselves. */
final class ConfigChecks {
    private record Placed(RouteConfig route, Fields table) {}

    private final Fields file;
    private final Map<String, Fields> listeners;
    private final Map<String, Fields> upstreams;
    private final List<Placed> routes = new ArrayList<>();

    ConfigChecks(Fields file, Map<String, Fields> listeners, Map<String, Fields> upstreams) {
        this.file = file;
        this.listeners = listeners;
        this.upstreams = upstreams;
    }

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

    /**
     * Notes listeners whose clients have nowhere to go. Where there is but one upstream, they go there: returns the route
     * for those.
     */
    Optional<RouteConfig> destinations(List<RouteConfig> all) {
        if (upstreams.isEmpty()) {
            file.wrong(
                    "upstream",
                    "there is none; at least one is needed, as [upstream.main] backends = [\"10.0.0.1:80\"]");
        }
        List<String> without = listeners.keySet().stream()
                .filter(name -> all.stream().noneMatch(route -> route.isFor(name)))
                .toList();
        if (upstreams.size() == 1 && !without.isEmpty()) {
            String only = upstreams.keySet().iterator().next();
            return Optional.of(RouteConfig.allOf(without, only));
        }
        if (upstreams.size() > 1) {
            for (String name : without) {
                listeners
                        .get(name)
                        .wrong("its clients have nowhere to go: no route is for it, and there are " + upstreams.size()
                                + " upstreams");
            }
        }
        return Optional.empty();
    }
}
