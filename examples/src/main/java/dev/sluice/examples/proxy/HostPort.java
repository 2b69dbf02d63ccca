// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.prelude.IpNetwork;
import dev.sluice.prelude.IpText;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/**
 * A host and a port. No name is looked up here.
 *
 * @param host a name, an IPv4 address, an IPv6 address in brackets, or {@code *} for every address of this machine
 * @param port 0 to 65,535
 */
public record HostPort(String host, int port) {
    private static final Pattern NAME = Pattern.compile(
            "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*");
    private static final Pattern NUMBER_LAST = Pattern.compile("(.*\\.)?([0-9]+|0[xX][0-9A-Fa-f]*)");
    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");
    private static final int LONGEST_NAME = 253;

    /**
     * Reads {@code HOST:PORT}.
     *
     * @throws IllegalArgumentException if it is something else; the message says what is allowed
     */
    public static HostPort parse(String text) {
        if (text.contains("://")) {
            throw new IllegalArgumentException(Quoted.of(text) + " is a URL; say HOST:PORT alone, as 10.0.0.1:80");
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0 || colon < text.lastIndexOf(']')) {
            throw new IllegalArgumentException(
                    Quoted.of(text) + " is no HOST:PORT, as 10.0.0.1:80 or [2001:db8::1]:80");
        }
        String host = text.substring(0, colon);
        String port = text.substring(colon + 1);
        if (!PORT.matcher(port).matches() || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException("the port of " + Quoted.of(text) + " is not within 0 to 65535");
        }
        String fault = fault(host);
        if (fault != null) {
            throw new IllegalArgumentException("the host of " + Quoted.of(text) + " " + fault);
        }
        return new HostPort(host, Integer.parseInt(port));
    }

    private static String fault(String host) {
        if (host.equals("*")) {
            return null;
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            return host.indexOf(':') >= 0 && isAddress(host.substring(1, host.length() - 1))
                    ? null
                    : "is no IPv6 address in brackets";
        }
        if (host.indexOf(':') >= 0) {
            return "is an IPv6 address without brackets, or none";
        }
        if (NUMBER_LAST.matcher(host).matches()) {
            return isAddress(host) ? null : "is no IPv4 address of four decimal numbers within 0 to 255";
        }
        return host.length() <= LONGEST_NAME && NAME.matcher(host).matches()
                ? null
                : "is no name of letters, digits and hyphens with dots between, and no address";
    }

    private static boolean isAddress(String text) {
        try {
            return text.indexOf('/') < 0 && IpNetwork.parse(text) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether it is every address of this machine. */
    public boolean isWildcard() {
        return host.equals("*");
    }

    /** Where to connect to: an address, or a name that is looked up for each connection. */
    public InetSocketAddress toPeer() {
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return isAddress(bare)
                ? new InetSocketAddress(IpText.parse(bare), port)
                : InetSocketAddress.createUnresolved(bare, port);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
