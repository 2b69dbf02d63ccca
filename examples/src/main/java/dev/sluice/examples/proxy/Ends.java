// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.prelude.IpText;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The ends of connections as text. */
public final class Ends {
    private Ends() {}

    /** {@code HOST:PORT}, without a space whatever it is. */
    public static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
            String host = IpText.text(inet.getAddress());
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        if (address instanceof InetSocketAddress named) {
            return named.getHostString() + ":" + named.getPort();
        }
        return address == null ? "-" : Quoted.plain(address.toString()).replace(' ', '_');
    }
}
