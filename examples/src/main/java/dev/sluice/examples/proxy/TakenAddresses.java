// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Notes places that are listened on twice. */
public final class TakenAddresses {
    private final Map<HostPort, String> taken = new HashMap<>();

    private TakenAddresses() {}

    /**
     * Notes what is there twice, and that there is no listener.
     *
     * @param tables of the listeners, by their names
     * @param admin where the pages are, or null
     */
    public static void check(Fields file, Map<String, Fields> tables, List<ListenerConfig> listeners, HostPort admin) {
        if (tables.isEmpty()) {
            file.wrong("listener", "there is none; at least one is needed, as [listener.main] address = \"*:443\"");
        }
        TakenAddresses taken = new TakenAddresses();
        for (ListenerConfig listener : listeners) {
            taken.add(listener.address(), tables.get(listener.name()), "[listener." + listener.name() + "]");
        }
        if (admin != null) {
            taken.add(admin, file.table("admin"), "[admin]");
        }
    }

    private void add(HostPort address, Fields table, String who) {
        if (address == null || address.port() == 0) {
            return;
        }
        String other = taken.putIfAbsent(address, who);
        if (other != null) {
            table.wrong("address", Quoted.of(address.toString()) + " is that of " + other + " already");
        }
    }
}
