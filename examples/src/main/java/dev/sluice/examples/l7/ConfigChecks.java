// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.Fields;
import dev.sluice.examples.proxy.HostPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What can be wrong between tables that are right by themselves. */
final class ConfigChecks {
    /** What a route takes; {@code host} is empty for all that no other route names. */
    private record Taken(String listener, String host, String path) {}

    private final Fields file;
    private final Map<String, Fields> listeners;
    private final Map<String, Fields> upstreams;
    private final Map<Taken, Fields> taken = new HashMap<>();

    ConfigChecks(Fields file, Map<String, Fields> listeners, Map<String, Fields> upstreams) {
        this.file = file;
        this.listeners = listeners;
        this.upstreams = upstreams;
    }

    /** Notes what an earlier route takes already. */
    void route(RouteConfig route, Fields table) {
        List<Taken> all = new ArrayList<>();
        List<String> hosts = route.hosts().isEmpty()
                ? List.of("")
                : route.hosts().stream().map(HostPattern::toString).toList();
        for (String listener : listeners.keySet()) {
            if (route.isFor(listener)) {
                for (String host : hosts) {
                    route.paths().forEach(path -> all.add(new Taken(listener, host, path)));
                }
            }
        }
        for (Taken one : all) {
            Fields earlier = taken.putIfAbsent(one, table);
            if (earlier != null) {
                String what =
                        (one.host.isEmpty() ? "" : "host \"" + one.host + "\" and ") + "path \"" + one.path + "\"";
                String whose = earlier == table
                        ? "this route"
                        : earlier.path() + " in line " + earlier.place().line();
                table.wrong(what + " at listener " + one.listener + " is that of " + whose + " already");
                return;
            }
        }
    }

    /**
     * Notes listeners whose requests have nowhere to go. Where there is but one upstream, they go there: returns the route for
     * those.
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
            return Optional.of(
                    RouteConfig.allOf(without, upstreams.keySet().iterator().next()));
        }
        if (upstreams.size() > 1) {
            for (String name : without) {
                listeners
                        .get(name)
                        .wrong("its requests have nowhere to go: no route is for it, and there are " + upstreams.size()
                                + " upstreams");
            }
        }
        return Optional.empty();
    }
}
