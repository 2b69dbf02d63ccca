// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.Fields;
import dev.sluice.examples.proxy.HostPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What can be wrong between tables that are right by themselves. */
final class ConfigChecks {
    /** What a route takes; {@code host} is empty for all that no other route names. */
    private record Taken(String listener, String host, String path) {}

    private final Set<String> listeners;
    private final Map<Taken, Fields> taken = new HashMap<>();

    /** Of a file with listeners of these names. */
    ConfigChecks(Set<String> listeners) {
        this.listeners = listeners;
    }

    /** Notes what an earlier route takes already. */
    void route(RouteConfig route, Fields table) {
        List<Taken> all = new ArrayList<>();
        List<String> hosts = route.hosts().isEmpty()
                ? List.of("")
                : route.hosts().stream().map(HostPattern::toString).toList();
        for (String listener : listeners) {
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
}
