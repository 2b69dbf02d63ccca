// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.outbound.PortRange;
import dev.sluice.outbound.SourceAddresses;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One ledger for the same ports, whoever uses them, and across all changes, since connections outlive those. It is forgotten when
 * neither an upstream nor a connection has it: what rests by then, the kernel knows as well. One thread at a time.
 */
final class Ledgers {
    private final Map<List<PortRange>, WeakReference<SourceAddresses>> byRanges = new HashMap<>();

    SourceAddresses of(List<PortRange> ranges) {
        byRanges.values().removeIf(held -> held.get() == null);
        WeakReference<SourceAddresses> held = byRanges.get(ranges);
        SourceAddresses known = held == null ? null : held.get();
        if (known != null) {
            return known;
        }
        SourceAddresses made = SourceAddresses.of(ranges);
        byRanges.put(ranges, new WeakReference<>(made));
        return made;
    }
}
