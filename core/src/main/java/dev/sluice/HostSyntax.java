// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.regex.Pattern;

/**
 * How hosts are written. The JDK takes more than people mean ({@code 127.1}, {@code 1234}, an address with a leading zero)
 * and asks the resolver for the rest, so the form is checked before.
 */
final class HostSyntax {
    private static final int LONGEST_NAME = 253; // RFC 1035, section 2.3.4, without the root's dot
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
    private static final Pattern OCTET = Pattern.compile("0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5]");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0[xX][0-9A-Fa-f]*");
    // The JDK checks the rest of a literal; what it must not see here is a name, or brackets of another kind.
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?]");

    private HostSyntax() {}

    /** Returns what is wrong with the host, or null if nothing is. */
    static String fault(String host) {
        if (host.isEmpty()) {
            return "a host is missing; * is every address";
        }
        if (host.startsWith("[")) {
            return IPV6.matcher(host).matches() ? null : "what is in brackets is no IPv6 address";
        }
        if (host.indexOf(':') >= 0) {
            return "an IPv6 address is written in brackets, as in tcp://[::1]:7000";
        }
        String[] labels = host.split("\\.", -1);
        if (NUMBER.matcher(labels[labels.length - 1]).matches()) {
            return isIpv4(labels) ? null : "an IPv4 address is four decimal numbers within 0 to 255";
        }
        for (String label : labels) {
            if (!LABEL.matcher(label).matches()) {
                return "a host name is made of letters, digits and hyphens, with dots between";
            }
        }
        return host.length() <= LONGEST_NAME ? null : "a host name has at most 253 characters";
    }

    private static boolean isIpv4(String[] labels) {
        if (labels.length != 4) {
            return false;
        }
        for (String label : labels) {
            if (!OCTET.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }
}
