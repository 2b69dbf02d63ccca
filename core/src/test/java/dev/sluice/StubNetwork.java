// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Just enough of a network for stepping a server on the test's thread: channels that read what a test puts there and
 * swallow what is written. It allocates nothing itself once it runs, so that what is allocated is the library's doing.
 * Not a simulation: nothing is delayed or lost.
 */
final class StubNetwork extends SelectorProvider {
    private final List<Loop> loops = new ArrayList<>();
    private final ArrayDeque<Channel> waiting = new ArrayDeque<>();
    long nowNanos;
    IOException acceptFails; // null while it doesn't
    boolean acceptSpins;

    /** An environment in which loops are not run by threads but by {@link #step}. */
    Environment environment() {
        return new Environment(
                () -> nowNanos,
                this,
                task -> {
                    loops.add((Loop) task);
                    return new NotStarted();
                },
                new SplittableRandom(1),
                host -> CompletableFuture.failedStage(new UnknownHostException(host)));
    }

    /** One pass of every loop. */
    void step() throws IOException {
        for (int i = 0; i < loops.size(); i++) {
            loops.get(i).claim();
            loops.get(i).runOnce();
        }
    }

    /** Makes the test's thread nobody's loop, until the next step. */
    void release() {
        loops.forEach(Loop::release);
    }

    /** A client that has connected and waits to be accepted. */
    Channel connect() {
        Channel channel = new Channel(this);
        waiting.add(channel);
        return channel;
    }

    private static final class NotStarted extends Thread {
        @Override
        public synchronized void start() {}
    }

    @Override
    public AbstractSelector openSelector() {
        return new StubSelector(this);
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() {
        return new Listening(this);
    }

    @Override
    public SocketChannel openSocketChannel() {
        throw new UnsupportedOperationException("not needed");
    }

    @Override
    public DatagramChannel openDatagramChannel() {
        throw new UnsupportedOperationException("not needed");
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) {
        throw new UnsupportedOperationException("not needed");
    }

    @Override
    public Pipe openPipe() {
        throw new UnsupportedOperationException("not needed");
    }

    /** Ready operations, told by the channel. */
    private interface Stub {
        int readyOps();
    }

    static final class Channel extends SocketChannel implements Stub {
        private ByteBuffer toRead = ByteBuffer.allocate(0);
        private int readsLeft;
        int falselyReady; // operations that it is always reported ready for
        boolean takesNothing;
        long written;

        private Channel(SelectorProvider provider) {
            super(provider);
        }

        /** The next {@code times} reads get these bytes. */
        void feed(ByteBuffer bytes, int times) {
            toRead = bytes;
            readsLeft = times;
        }

        boolean isDone() {
            return readsLeft == 0;
        }

        @Override
        public int readyOps() {
            return falselyReady | (readsLeft > 0 ? SelectionKey.OP_READ : 0);
        }

        @Override
        public int read(ByteBuffer dst) {
            if (readsLeft == 0) {
                return 0;
            }
            readsLeft--;
            int n = toRead.remaining();
            int position = toRead.position();
            dst.put(toRead);
            toRead.position(position);
            return n;
        }

        @Override
        public int write(ByteBuffer src) {
            if (takesNothing) {
                return 0;
            }
            int n = src.remaining();
            src.position(src.limit());
            written += n;
            return n;
        }

        @Override
        public long read(ByteBuffer[] dsts, int offset, int length) {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public long write(ByteBuffer[] srcs, int offset, int length) {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public SocketChannel bind(SocketAddress local) {
            return this;
        }

        @Override
        public <T> SocketChannel setOption(SocketOption<T> name, T value) {
            return this;
        }

        @Override
        public <T> T getOption(SocketOption<T> name) {
            return null;
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public SocketChannel shutdownInput() {
            return this;
        }

        @Override
        public SocketChannel shutdownOutput() {
            return this;
        }

        @Override
        public Socket socket() {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public boolean isConnectionPending() {
            return false;
        }

        @Override
        public boolean connect(SocketAddress remote) {
            return true;
        }

        @Override
        public boolean finishConnect() {
            return true;
        }

        private final SocketAddress remote = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

        @Override
        public SocketAddress getRemoteAddress() {
            return remote;
        }

        @Override
        public SocketAddress getLocalAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 2);
        }

        @Override
        protected void implCloseSelectableChannel() {}

        @Override
        protected void implConfigureBlocking(boolean block) {}
    }

    private static final class Listening extends ServerSocketChannel implements Stub {
        private final StubNetwork network;

        Listening(StubNetwork network) {
            super(network);
            this.network = network;
        }

        @Override
        public int readyOps() {
            return network.waiting.isEmpty() && !network.acceptSpins ? 0 : SelectionKey.OP_ACCEPT;
        }

        @Override
        public SocketChannel accept() throws IOException {
            if (network.acceptFails != null) {
                throw network.acceptFails;
            }
            return network.waiting.poll();
        }

        @Override
        public ServerSocketChannel bind(SocketAddress local, int backlog) {
            return this;
        }

        @Override
        public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
            return this;
        }

        @Override
        public <T> T getOption(SocketOption<T> name) {
            return null;
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public ServerSocket socket() {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public SocketAddress getLocalAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 2);
        }

        @Override
        protected void implCloseSelectableChannel() {}

        @Override
        protected void implConfigureBlocking(boolean block) {}
    }

    private static final class Key extends AbstractSelectionKey {
        private final SelectableChannel channel;
        private final Selector selector;
        private int interest;

        Key(SelectableChannel channel, Selector selector, int interest) {
            this.channel = channel;
            this.selector = selector;
            this.interest = interest;
        }

        @Override
        public SelectableChannel channel() {
            return channel;
        }

        @Override
        public Selector selector() {
            return selector;
        }

        @Override
        public int interestOps() {
            return interest;
        }

        @Override
        public SelectionKey interestOps(int ops) {
            interest = ops;
            return this;
        }

        @Override
        public int readyOps() {
            return ((Stub) channel).readyOps() & interest;
        }
    }

    private static final class StubSelector extends AbstractSelector {
        private final List<Key> keys = new ArrayList<>();

        StubSelector(SelectorProvider provider) {
            super(provider);
        }

        @Override
        protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
            Key key = new Key(channel, this, ops);
            key.attach(attachment);
            keys.add(key);
            return key;
        }

        @Override
        public int select(Consumer<SelectionKey> action) {
            int ready = 0;
            for (int i = 0; i < keys.size(); i++) {
                if (keys.get(i).isValid() && keys.get(i).readyOps() != 0) {
                    action.accept(keys.get(i));
                    ready++;
                }
            }
            return ready;
        }

        @Override
        public int select(Consumer<SelectionKey> action, long timeout) {
            return select(action);
        }

        @Override
        public int selectNow(Consumer<SelectionKey> action) {
            return select(action);
        }

        @Override
        public Set<SelectionKey> keys() {
            return Set.copyOf(keys);
        }

        @Override
        public Set<SelectionKey> selectedKeys() {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public int selectNow() {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public int select(long timeout) {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public int select() {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public Selector wakeup() {
            return this;
        }

        @Override
        protected void implCloseSelector() {}
    }
}
