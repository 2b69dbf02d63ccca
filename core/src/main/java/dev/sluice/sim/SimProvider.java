// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;

/** The sockets of one simulated process: selectors and TCP channels, and nothing else. */
final class SimProvider extends SelectorProvider {
    static final String NO_DESCRIPTOR = "Too many open files"; // glibc's text for EMFILE

    private final Network network;
    private final InetAddress host;
    private final Waiting waiting;
    private final Chance order;
    private int openSockets;

    SimProvider(Network network, InetAddress host, Waiting waiting, Chance order) {
        this.network = network;
        this.host = host;
        this.waiting = waiting;
        this.order = order;
    }

    @Override
    public AbstractSelector openSelector() {
        return new SimSelector(this, network, waiting, order);
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return new SimServerSocketChannel(this, network);
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        requireDescriptor();
        return SimSocketChannel.unconnected(this, new Tcp(network, host));
    }

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
        requireInternet(family);
        return openSocketChannel();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
        requireInternet(family);
        return openServerSocketChannel();
    }

    private static void requireInternet(ProtocolFamily family) {
        if (family != StandardProtocolFamily.INET && family != StandardProtocolFamily.INET6) {
            throw new UnsupportedOperationException("protocol family " + family + " is not simulated, only TCP is");
        }
    }

    @Override
    public DatagramChannel openDatagramChannel() {
        throw new UnsupportedOperationException("datagrams are not simulated, only TCP is");
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) {
        return openDatagramChannel();
    }

    @Override
    public Pipe openPipe() {
        throw new UnsupportedOperationException("pipes are not simulated, only TCP is");
    }

    // ---- for the channels

    void opened(int change) {
        openSockets += change;
        network.opened(change);
    }

    void requireDescriptor() throws IOException {
        if (openSockets >= network.descriptors) {
            throw new IOException(NO_DESCRIPTOR);
        }
    }

    static InetSocketAddress resolved(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            throw new UnsupportedAddressTypeException();
        }
        if (inet.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        return inet;
    }

    /** An address to bind to; null for any. */
    static InetSocketAddress localAddress(SocketAddress address) {
        return address == null ? new InetSocketAddress(0) : resolved(address);
    }

    static void requireNonBlocking(SelectableChannel channel, String operation) {
        if (channel.isBlocking()) {
            throw new UnsupportedOperationException("a simulated channel in blocking mode can't " + operation
                    + ", for nobody else could run meanwhile; call configureBlocking(false) first");
        }
    }
}
