// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;

/** A channel over a simulated listening socket: the states and exceptions of the JDK's. Non-blocking only. */
final class SimServerSocketChannel extends ServerSocketChannel implements SimChannel, Owner {
    private static final int DEFAULT_BACKLOG = 50;

    private final SimProvider provider;
    private final Network network;
    private final Options options = new Options(Options.OF_LISTENERS);
    private final KeyList keyList = new KeyList();
    private Listening listening;

    SimServerSocketChannel(SimProvider provider, Network network) throws IOException {
        super(provider);
        provider.requireDescriptor();
        this.provider = provider;
        this.network = network;
        provider.opened(1);
    }

    @Override
    public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
        ensureOpen();
        if (listening != null) {
            throw new AlreadyBoundException();
        }
        Ports.Binding binding = network.ports.bind(
                SimProvider.localAddress(local),
                options.get(StandardSocketOptions.SO_REUSEADDR, true),
                options.get(StandardSocketOptions.SO_REUSEPORT, false));
        listening = new Listening(network, binding.address, backlog < 1 ? DEFAULT_BACKLOG : backlog);
        listening.owner(this);
        listening.receiveBytes = options.get(StandardSocketOptions.SO_RCVBUF, network.bufferBytes);
        binding.listen(listening);
        network.log.begin("listen ").append(Network.text(binding.address));
        network.log.end();
        changed();
        return this;
    }

    @Override
    public SocketChannel accept() throws IOException {
        ensureOpen();
        if (listening == null) {
            throw new NotYetBoundException();
        }
        SimProvider.requireNonBlocking(this, "accept");
        provider.requireDescriptor(); // Linux looks for one before it looks for a connection
        if (!listening.hasWaiting()) {
            return null;
        }
        if (network.dice.hits(Fault.ACCEPT_NO_DESCRIPTOR)) {
            throw new IOException(SimProvider.NO_DESCRIPTOR);
        }
        if (network.dice.hits(Fault.ACCEPT_NO_MEMORY)) {
            throw new IOException("Cannot allocate memory");
        }
        if (network.dice.hits(Fault.ACCEPT_UNKNOWN)) {
            throw new IOException("Unknown error 1042");
        }
        Tcp tcp = listening.accept();
        network.log.begin("accept ").append(tcp.name);
        network.log.end();
        return SimSocketChannel.accepted(provider, tcp);
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        ensureOpen();
        return listening == null ? null : listening.local;
    }

    private void ensureOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> option, T value) throws IOException {
        options.checkSupported(option);
        ensureOpen();
        options.set(option, value);
        if (listening != null) {
            listening.receiveBytes = options.get(StandardSocketOptions.SO_RCVBUF, network.bufferBytes);
        }
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> option) throws IOException {
        options.checkSupported(option);
        ensureOpen();
        if (option == StandardSocketOptions.SO_RCVBUF) {
            return option.type().cast(options.get(StandardSocketOptions.SO_RCVBUF, network.bufferBytes));
        }
        if (option == StandardSocketOptions.SO_REUSEADDR) {
            return option.type().cast(options.get(StandardSocketOptions.SO_REUSEADDR, true));
        }
        return option.type().cast(options.getOrDefault(option));
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Options.OF_LISTENERS;
    }

    @Override
    public ServerSocket socket() {
        throw new UnsupportedOperationException("a simulated channel has no socket(); use the channel's own methods");
    }

    // While a selector holds the channel its socket stays, and goes on completing connections.
    @Override
    protected void implCloseSelectableChannel() {
        if (!isRegistered()) {
            kill();
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) {}

    @Override
    public void kill() {
        provider.opened(-1);
        if (listening != null) {
            network.log.begin("unlisten ").append(Network.text(listening.local));
            network.log.end();
            listening.close();
        }
    }

    // ---- for the selector

    @Override
    public void changed() {
        keyList.changed();
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public KeyList keyList() {
        return keyList;
    }

    @Override
    public int poll() {
        if (listening == null) {
            return Tcp.OUT | Tcp.HUP;
        }
        return listening.hasWaiting() ? Tcp.IN : 0;
    }

    @Override
    public int events(int interestOps) {
        return (interestOps & SelectionKey.OP_ACCEPT) != 0 ? Tcp.IN : 0;
    }

    @Override
    public int readyOps(int bits, int interestOps) {
        return (bits & Tcp.IN) != 0 ? SelectionKey.OP_ACCEPT : 0;
    }

    @Override
    public SelectableChannel channel() {
        return this;
    }

    @Override
    public String toString() {
        return "SimServerSocketChannel[" + (listening == null ? "unbound" : Network.text(listening.local)) + "]";
    }
}
