// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/** No source port is left for a connection to one destination. The message says how many there are, and what to add. */
public final class PortsExhausted extends IOException {
    private static final long serialVersionUID = 1L;

    private final InetSocketAddress destination;
    private final transient SourceAddresses.Usage usage;

    PortsExhausted(InetSocketAddress destination, PortList ports, SourceAddresses.Usage usage, String latestRefusal) {
        super(message(destination, ports, usage, latestRefusal));
        this.destination = destination;
        this.usage = usage;
    }

    /** Where the connection was to go. */
    public InetSocketAddress destination() {
        return destination;
    }

    /** What had become of the source ports for that destination; null in a copy that was serialized. */
    public SourceAddresses.Usage usage() {
        return usage;
    }

    private static String message(
            InetSocketAddress to, PortList ports, SourceAddresses.Usage usage, String latestRefusal) {
        String front = "no source port is left towards " + PortRange.text(to.getAddress()) + ":" + to.getPort() + ": ";
        if (usage.ports() == 0) {
            String version = to.getAddress() instanceof Inet6Address ? "IPv6" : "IPv4";
            return front + "there is no source address of " + version + "; add one";
        }
        String why = usage.refused() == 0 || latestRefusal == null ? "" : " (" + latestRefusal + ")";
        return front + "of " + usage.ports() + " (" + ports + ") " + usage.held() + " are in use, "
                + usage.quarantined() + " are in quarantine while the kernel may have them in TIME_WAIT, and "
                + usage.refused() + " were refused by the system" + why
                + "; add a source address or a wider range of ports, or connect to another address or port too";
    }
}
