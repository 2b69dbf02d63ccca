// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.OptionValue;
import dev.sluice.loop.SocketIo;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;

/** Opens the channel of a listener in the family of its address, and makes it listen. */
final class PassiveSocket {
    private PassiveSocket() {}

    /** Opens what is to be bound, or takes what this process was started with. */
    static ServerSocketChannel open(SelectorProvider provider, Endpoint endpoint) throws IOException {
        try {
            if (endpoint.isInherited()) {
                return inherited(provider.inheritedChannel());
            }
            if (endpoint.isUnix()) {
                return provider.openServerSocketChannel(StandardProtocolFamily.UNIX);
            }
            return isIpv4(endpoint) ? ipv4(provider) : provider.openServerSocketChannel();
        } catch (IOException e) {
            throw BindTrouble.explained(endpoint, e);
        }
    }

    private static boolean isIpv4(Endpoint endpoint) {
        return endpoint.address() instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet4Address;
    }

    // Bound to 0.0.0.0, the channel that the JDK opens by default would listen on [::].
    private static ServerSocketChannel ipv4(SelectorProvider provider) throws IOException {
        try {
            return provider.openServerSocketChannel(StandardProtocolFamily.INET);
        } catch (UnsupportedOperationException e) {
            return provider.openServerSocketChannel(); // a provider that knows no families
        }
    }

    private static ServerSocketChannel inherited(Channel channel) throws IOException {
        if (channel instanceof ServerSocketChannel listening) {
            if (!listening.isOpen()) {
                throw new BindException("it was closed, by the server of this process that listened on it before");
            }
            if (listening.getLocalAddress() instanceof InetSocketAddress inet && inet.getPort() == 0) {
                throw new BindException("descriptor 0 is a socket that is not bound; bind it and listen before");
            }
            return listening;
        }
        if (channel instanceof SocketChannel) {
            throw new BindException("descriptor 0 is a connected socket, not one that listens;"
                    + " have the listening one passed (systemd: Accept=no; inetd: wait)");
        }
        if (channel instanceof DatagramChannel) {
            throw new BindException("descriptor 0 is a datagram socket; a stream socket that listens is needed");
        }
        throw new BindException("descriptor 0 is no socket; start this process with one"
                + " (systemd: StandardInput=socket in the service, beside a socket unit)");
    }

    /** Binds and listens, on a TCP address. An inherited socket does already. */
    static void listen(ServerSocketChannel channel, Endpoint endpoint, boolean reusePort, List<OptionValue<?>> options)
            throws IOException {
        if (endpoint.isInherited()) {
            SocketIo.takeOver(channel, options);
        } else if (isEveryAddress(endpoint) && !hasIpv6(channel.provider())) {
            int port = ((InetSocketAddress) endpoint.address()).getPort();
            InetAddress any = InetAddress.getByAddress(new byte[4]);
            SocketIo.listen(channel, new InetSocketAddress(any, port), endpoint.backlog(), reusePort, options);
        } else {
            SocketIo.listen(channel, endpoint.address(), endpoint.backlog(), reusePort, options);
        }
    }

    private static boolean isEveryAddress(Endpoint endpoint) {
        return endpoint.address() instanceof InetSocketAddress inet
                && inet.getAddress() instanceof Inet6Address ipv6
                && ipv6.isAnyLocalAddress();
    }

    private static boolean hasIpv6(SelectorProvider provider) throws IOException {
        try {
            SocketIo.close(provider.openServerSocketChannel(StandardProtocolFamily.INET6));
            return true;
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }
}
