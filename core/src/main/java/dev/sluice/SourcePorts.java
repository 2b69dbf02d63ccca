// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.SocketIo;
import dev.sluice.loop.Work;
import dev.sluice.outbound.PortsExhausted;
import dev.sluice.outbound.SourceAddresses;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;

/**
 * Which ports a connector's connections come from: taken when one is tried, given back when its socket is gone. A connection
 * has nothing for that but its socket, which knows both addresses. Loop threads.
 */
final class SourcePorts {
    private final SourceAddresses addresses;
    private final long salt;
    private final boolean resetOnClose;

    /** The system would not give the port, which is noted; with the next it may be otherwise. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        private Refused(BindException cause) {
            super(cause);
        }
    }

    SourcePorts(SourceAddresses addresses, long salt, TcpOptions options) {
        this.addresses = addresses;
        this.salt = salt;
        this.resetOnClose = options.resetOnClose();
    }

    /** The next free port towards there. It is to be given back whatever comes of it, unless {@link #connect} says refused. */
    InetSocketAddress take(InetSocketAddress remote, long now) throws PortsExhausted {
        return addresses.take(remote, now, salt);
    }

    /** As {@link SocketIo#connect}. */
    boolean connect(SocketChannel channel, InetSocketAddress from, InetSocketAddress remote, long now)
            throws IOException {
        try {
            SocketIo.bind(channel, from);
        } catch (BindException e) {
            if (String.valueOf(e.getMessage()).contains("assign requested address")) { // it is none of this machine's
                addresses.addressRefused(from, remote, text(from) + ": " + e.getMessage(), now);
            } else {
                addresses.refused(from, remote, text(from) + ": " + e.getMessage(), now);
            }
            throw new Refused(e);
        }
        try {
            return SocketIo.connect(channel, null, remote);
        } catch (BindException e) {
            String why = String.valueOf(e.getMessage());
            if (why.contains("assign requested address") || why.contains("in use")) { // another has all four numbers
                addresses.refused(from, remote, text(from) + ": " + why, now);
                throw new Refused(e);
            }
            throw e; // a firewall's no, for instance, which is none to the port
        }
    }

    private static String text(InetSocketAddress address) {
        return Addresses.text(address);
    }

    /** No connection came of it, and its socket is closed. */
    void neverWas(SocketAddress from, SocketAddress remote, long now) {
        addresses.release((InetSocketAddress) from, (InetSocketAddress) remote, now);
    }

    /**
     * A connection has ended and its channel is closed. The JDK keeps the socket until the selector's next select, so its port
     * is given back after that.
     *
     * @param endedHereFirst whether its end was told the peer before the peer told its own
     */
    void ended(Reader reader, SocketAddress from, SocketAddress remote, boolean endedHereFirst) {
        boolean timeWait = endedHereFirst && !resetOnClose;
        reader.loop.later(new GiveBack(this, reader, (InetSocketAddress) from, (InetSocketAddress) remote, timeWait));
    }

    private record GiveBack(
            SourcePorts ports, Reader reader, InetSocketAddress from, InetSocketAddress remote, boolean timeWait)
            implements Work {
        @Override
        public void run() {
            if (timeWait) {
                ports.addresses.quarantine(from, remote, reader.loop.now());
            } else {
                ports.addresses.release(from, remote, reader.loop.now());
            }
        }

        @Override
        public void failed(Throwable cause) {
            reader.warnings.warn("{}: {} was not given back", reader, text(from), cause);
        }
    }
}
