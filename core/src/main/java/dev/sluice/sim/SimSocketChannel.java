// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Set;

/** A channel over one end of a simulated connection: the states and exceptions of the JDK's. Non-blocking only. */
final class SimSocketChannel extends SocketChannel implements SimChannel, Owner {
    private enum State {
        UNCONNECTED,
        PENDING,
        CONNECTED
    }

    private final SimProvider provider;
    private final Tcp tcp;
    private final Options options = new Options(Options.OF_CONNECTIONS);
    private final KeyList keyList = new KeyList();
    private State state;
    private Ports.Binding binding;
    private boolean inputClosed;
    private boolean outputClosed;
    private boolean wasReset;

    private SimSocketChannel(SimProvider provider, Tcp tcp, State state) {
        super(provider);
        this.provider = provider;
        this.tcp = tcp;
        this.state = state;
    }

    static SimSocketChannel unconnected(SimProvider provider, Tcp tcp) {
        return own(new SimSocketChannel(provider, tcp, State.UNCONNECTED));
    }

    static SimSocketChannel accepted(SimProvider provider, Tcp tcp) {
        return own(new SimSocketChannel(provider, tcp, State.CONNECTED));
    }

    private static SimSocketChannel own(SimSocketChannel channel) {
        channel.tcp.owner(channel);
        channel.provider.opened(1);
        return channel;
    }

    // ---- connecting

    @Override
    public SocketChannel bind(SocketAddress local) throws IOException {
        ensureOpen();
        if (state == State.PENDING) {
            throw new ConnectionPendingException();
        }
        if (tcp.local != null) {
            throw new AlreadyBoundException();
        }
        binding = network()
                .ports
                .bind(
                        SimProvider.localAddress(local),
                        options.get(StandardSocketOptions.SO_REUSEADDR, false),
                        options.get(StandardSocketOptions.SO_REUSEPORT, false));
        tcp.local = binding.address;
        return this;
    }

    @Override
    public boolean connect(SocketAddress remote) throws IOException {
        InetSocketAddress to = SimProvider.resolved(Objects.requireNonNull(remote));
        ensureOpen();
        if (state == State.CONNECTED) {
            throw new AlreadyConnectedException();
        }
        if (state == State.PENDING) {
            throw new ConnectionPendingException();
        }
        SimProvider.requireNonBlocking(this, "connect");
        try {
            network().connect(tcp, to);
        } catch (IOException e) {
            close();
            throw e;
        }
        state = State.PENDING;
        return false; // as over Linux's loopback, even where it is done by now
    }

    @Override
    public boolean finishConnect() throws IOException {
        if (isOpen() && state == State.CONNECTED) {
            return true;
        }
        ensureOpen();
        if (state != State.PENDING) {
            throw new NoConnectionPendingException();
        }
        try {
            if (!tcp.finishConnect()) {
                return false;
            }
        } catch (IOException e) {
            close();
            throw e;
        }
        state = State.CONNECTED;
        changed();
        return true;
    }

    @Override
    public boolean isConnected() {
        return isOpen() && state == State.CONNECTED;
    }

    @Override
    public boolean isConnectionPending() {
        return isOpen() && state == State.PENDING;
    }

    @Override
    public SocketAddress getRemoteAddress() throws IOException {
        ensureOpen();
        return state == State.UNCONNECTED ? null : tcp.remote;
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        ensureOpen();
        return state == State.CONNECTED ? tcp.local : binding != null ? binding.address : null;
    }

    // ---- reading and writing

    @Override
    public int read(ByteBuffer into) throws IOException {
        Objects.requireNonNull(into);
        if (cannotRead()) {
            return -1;
        }
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("Read-only buffer");
        }
        return into.hasRemaining() ? readSome(into) : 0;
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (cannotRead()) {
            return -1;
        }
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            if (!into[i].hasRemaining()) {
                continue;
            }
            int n = readSome(into[i]);
            if (n < 0) {
                return -1;
            }
            total += n;
            if (into[i].hasRemaining() || !tcp.hasInput()) {
                break;
            }
        }
        return total;
    }

    private boolean cannotRead() throws IOException {
        ensureConnected();
        SimProvider.requireNonBlocking(this, "read");
        if (wasReset) {
            throw new SocketException("Connection reset");
        }
        return inputClosed;
    }

    private int readSome(ByteBuffer into) throws IOException {
        try {
            return tcp.read(into);
        } catch (SocketException e) {
            wasReset = true; // the kernel says so once, the channel from then on
            throw e;
        }
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        Objects.requireNonNull(from);
        ensureCanWrite();
        return from.hasRemaining() ? tcp.write(from) : 0;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        ensureCanWrite();
        for (int i = offset; i < offset + length; i++) {
            if (from[i].hasRemaining()) {
                return tcp.write(from, offset, length);
            }
        }
        return 0;
    }

    private void ensureCanWrite() throws IOException {
        ensureConnected();
        SimProvider.requireNonBlocking(this, "write");
        if (outputClosed) {
            throw new AsynchronousCloseException(); // odd, but the JDK's
        }
    }

    @Override
    public SocketChannel shutdownInput() throws IOException {
        ensureConnected();
        if (!inputClosed) {
            inputClosed = true;
            tcp.shutdownInput();
        }
        return this;
    }

    @Override
    public SocketChannel shutdownOutput() throws IOException {
        ensureConnected();
        if (!outputClosed) {
            outputClosed = true;
            tcp.shutdownOutput();
        }
        return this;
    }

    private void ensureOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private void ensureConnected() throws ClosedChannelException {
        ensureOpen();
        if (state != State.CONNECTED) {
            throw new NotYetConnectedException();
        }
    }

    // ---- options

    @Override
    public <T> SocketChannel setOption(SocketOption<T> option, T value) throws IOException {
        options.checkSupported(option);
        ensureOpen();
        options.set(option, value);
        if (option == StandardSocketOptions.SO_SNDBUF) {
            tcp.sendBytes = options.get(StandardSocketOptions.SO_SNDBUF, tcp.sendBytes);
        } else if (option == StandardSocketOptions.SO_RCVBUF) {
            tcp.receiveBytes = options.get(StandardSocketOptions.SO_RCVBUF, tcp.receiveBytes);
        }
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> option) throws IOException {
        options.checkSupported(option);
        ensureOpen();
        if (option == StandardSocketOptions.SO_SNDBUF) {
            return option.type().cast(tcp.sendBytes);
        }
        if (option == StandardSocketOptions.SO_RCVBUF) {
            return option.type().cast(tcp.receiveBytes);
        }
        return option.type().cast(options.getOrDefault(option));
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Options.OF_CONNECTIONS;
    }

    @Override
    public Socket socket() {
        throw new UnsupportedOperationException("a simulated channel has no socket(); use the channel's own methods");
    }

    // ---- closing

    // As the JDK does: while a selector holds the channel, its socket stays, and the peer is told the end meanwhile.
    @Override
    protected void implCloseSelectableChannel() {
        if (!isRegistered()) {
            kill();
        } else if (state == State.CONNECTED && !options.abortsOnClose()) {
            tcp.shutdownOutput();
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) {}

    @Override
    public void kill() {
        provider.opened(-1);
        tcp.close(options.abortsOnClose());
        if (binding != null) {
            network().ports.release(binding);
        }
    }

    // ---- for the selector

    @Override
    public void changed() {
        keyList.changed();
    }

    @Override
    public Network network() {
        return tcp.network;
    }

    @Override
    public KeyList keyList() {
        return keyList;
    }

    @Override
    public int poll() {
        return tcp.poll();
    }

    @Override
    public int events(int interestOps) {
        return ((interestOps & SelectionKey.OP_READ) != 0 ? Tcp.IN : 0)
                | ((interestOps & (SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT)) != 0 ? Tcp.OUT : 0);
    }

    @Override
    public int readyOps(int bits, int interestOps) {
        int ops = 0;
        if ((bits & Tcp.IN) != 0 && isConnected()) {
            ops |= SelectionKey.OP_READ;
        }
        if ((bits & Tcp.OUT) != 0) {
            ops |= isConnected() ? SelectionKey.OP_WRITE : isConnectionPending() ? SelectionKey.OP_CONNECT : 0;
        }
        return ops;
    }

    @Override
    public SelectableChannel channel() {
        return this;
    }

    @Override
    public String toString() {
        return "SimSocketChannel[" + tcp + (isOpen() ? " " + state : " closed") + "]";
    }
}
