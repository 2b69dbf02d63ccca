// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.prelude.IpText;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Addresses as text, without asking anybody for a name. */
final class Addresses {
    private Addresses() {}

    static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            if (inet.isUnresolved()) {
                return inet.getHostString() + ":" + inet.getPort();
            }
            String host = IpText.text(inet.getAddress());
            return (inet.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        if (address instanceof UnixDomainSocketAddress unix
                && unix.getPath().toString().isEmpty()) {
            return "a Unix domain socket"; // clients don't bind theirs to a path
        }
        return String.valueOf(address);
    }
}
