// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import dev.sluice.prelude.IpText;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * An address of this machine, and ports of it that connections may come from.
 *
 * @param address one address, not the one that stands for all
 * @param first the lowest port, 1 to 65,535. Ports below 1,024 are for privileged processes as a rule
 * @param last the highest, {@code first} to 65,535
 */
public record PortRange(InetAddress address, int first, int last) {
    private static final int LAST_PORT = 65_535;

    /** Checks that it is a range. */
    public PortRange {
        if (address == null) {
            throw new IllegalArgumentException("sources.address: missing");
        }
        if (address.isAnyLocalAddress()) {
            throw new IllegalArgumentException(
                    "sources.address: " + IpText.text(address) + " stands for all addresses; name each");
        }
        if (first < 1 || last > LAST_PORT || first > last) {
            throw new IllegalArgumentException(
                    "sources.ports: " + first + "-" + last + " is no ascending range within 1 to " + LAST_PORT);
        }
    }

    /**
     * Reads {@code 127.0.0.2:20000-29999} or {@code [2001:db8::7]:20000-29999}. No name is ever looked up.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static PortRange parse(String text) {
        int colon = text.lastIndexOf(':');
        int dash = text.lastIndexOf('-');
        InetAddress address = colon < 0 ? null : address(text.substring(0, colon));
        if (address == null || dash < colon) {
            throw new IllegalArgumentException("sources: " + text
                    + " is no address and range of ports such as 127.0.0.2:20000-29999 or [2001:db8::7]:20000-29999");
        }
        return new PortRange(
                address, port(text, text.substring(colon + 1, dash)), port(text, text.substring(dash + 1)));
    }

    private static InetAddress address(String host) {
        boolean inBrackets = host.startsWith("[") && host.endsWith("]");
        InetAddress address = IpText.parse(inBrackets ? host.substring(1, host.length() - 1) : host);
        boolean wantsBrackets = host.indexOf(':') >= 0;
        return inBrackets == wantsBrackets ? address : null;
    }

    private static int port(String text, String digits) {
        if (!digits.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    "sources: the ports of " + text + " are not two numbers within 1 to " + LAST_PORT);
        }
        return Integer.parseInt(digits);
    }

    /** How many ports it has. */
    public int size() {
        return last - first + 1;
    }

    boolean overlaps(PortRange other) {
        return address.equals(other.address) && first <= other.last && other.first <= last;
    }

    static String text(InetAddress address) {
        return address instanceof Inet6Address ? "[" + IpText.text(address) + "]" : IpText.text(address);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return text(address) + ":" + first + "-" + last;
    }
}
