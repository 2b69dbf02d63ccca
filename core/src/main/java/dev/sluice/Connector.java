// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.OptionValue;
import dev.sluice.loop.SocketIo;
import dev.sluice.loop.Work;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes connections that all speak one protocol: the client side of the same machinery. It either shares the Readers of
 * a server ({@link Server#connector}) or has its own:
 *
 * <pre>{@code
 * try (Connector connector = Connector.builder(protocol).start()) {
 *     Connection connection = connector.connect(new InetSocketAddress("127.0.0.1", 7000)).get();
 *     connection.send(request);
 * }
 * }</pre>
 *
 * Its methods may be called from any thread.
 */
public final class Connector implements AutoCloseable {
    private final LoopGroup group;
    private final FrameLevel<?>[] levels;
    private final boolean ownsGroup;
    private final TcpOptions options;
    private final List<OptionValue<?>> tcpOptions;
    private final AtomicInteger next = new AtomicInteger();

    Connector(LoopGroup group, Protocol<?> protocol, TcpOptions options, boolean ownsGroup) throws IOException {
        this.group = group;
        this.options = options;
        this.tcpOptions = options.ofConnecting(group.environment.selectorProvider(), true);
        this.levels = group.levels(protocol, Admission.ofConnector(group));
        this.ownsGroup = ownsGroup;
    }

    /** Begins the configuration of a connector with Readers of its own. */
    public static Builder builder(Protocol<?> protocol) {
        return new Builder(Check.present("protocol", protocol));
    }

    /** Connects, from an address and port that the kernel chooses. */
    public CompletableFuture<Connection> connect(SocketAddress remote) {
        return connect(null, remote, null);
    }

    /**
     * Connects. Whoever doesn't want to wait completes the future, for instance with {@code orTimeout} or {@code cancel}: a
     * connection that comes to be all the same is closed. Otherwise the kernel gives up, with Linux's defaults after two minutes
     * without an answer; until then the attempt counts among {@link Limits#connections}.
     *
     * @param local the address to bind to before, or null; port 0 lets the kernel choose
     * @param remote a resolved address: {@code new InetSocketAddress(host, port)} looks the name up, and blocks meanwhile
     * @param attachment attached to the connection before the protocol's {@code opened} is called; may be null
     * @return completed on the Reader's thread: with the connection once {@code opened} has returned, or with the
     *     {@code IOException} that says why there is none, or with what {@code opened} has thrown. A connection that comes to nothing because
     *     {@link Limits#connections} are held, or because the connector is stopped, ends in an {@code IOException} too
     */
    public CompletableFuture<Connection> connect(SocketAddress local, SocketAddress remote, Object attachment) {
        Check.present("remote", remote);
        CompletableFuture<Connection> result = new CompletableFuture<>();
        if (!group.permits.tryTake()) {
            result.completeExceptionally(new IOException("cannot connect to " + Addresses.text(remote)
                    + ": limits.connections of " + group.limits.connections() + " are held"));
            return result;
        }
        Reader reader = pick();
        reader.connect(new Attempt(this, reader, levels[reader.index()], local, remote, attachment, result));
        return result;
    }

    /** How many connections are held or being made on the Readers that this connector uses. */
    public int connections() {
        return group.permits.taken();
    }

    /**
     * Stops as {@link Server#stop} does. Nothing happens if the Readers are a server's: they stop with it.
     *
     * @throws IllegalStateException if called on one of its own threads
     * @throws InterruptedException if interrupted while waiting
     */
    public void stop(Duration grace) throws InterruptedException {
        if (!ownsGroup) {
            return;
        }
        group.requireOffLoops();
        group.drain(grace, Duration.ZERO);
        group.join();
    }

    /** Stops without grace: connections that have nothing to do end, the others are cut. */
    @Override
    public void close() {
        try {
            stop(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The Readers that its connections belong to. On the thread of one of them a connection is made there. */
    public List<Reader> readers() {
        return List.of(group.readers);
    }

    private List<OptionValue<?>> optionsFor(SelectorProvider provider, SocketAddress remote) throws IOException {
        return remote instanceof InetSocketAddress ? tcpOptions : options.ofConnecting(provider, false);
    }

    // On a Reader's thread its own connections are made, so that the two ends of a relay share it.
    private Reader pick() {
        for (Reader reader : group.readers) {
            if (reader.loop.onLoop()) {
                return reader;
            }
        }
        int first = Math.floorMod(next.getAndIncrement(), group.readers.length);
        for (int i = 0; i < group.readers.length; i++) {
            Reader reader = group.readers[(first + i) % group.readers.length];
            if (!reader.hasEnded()) {
                return reader;
            }
        }
        return group.readers[first]; // all have ended, and this one says so
    }

    /**
     * One connection on its way. Until that is open, this is its attachment.
     *
     * @param connector whose options it has
     * @param reader who will own it
     * @param level its protocol there
     * @param local where to bind, or null
     * @param remote where to connect to
     * @param attachment the user's
     * @param result told the outcome
     */
    record Attempt(
            Connector connector,
            Reader reader,
            FrameLevel<?> level,
            SocketAddress local,
            SocketAddress remote,
            Object attachment,
            CompletableFuture<Connection> result)
            implements Work {

        @Override
        public void run() throws Exception {
            SocketChannel channel = open();
            SocketConnection c;
            try {
                SocketIo.configure(channel, connector.optionsFor(reader.provider(), remote));
                boolean connected = SocketIo.connect(channel, local, remote);
                c = reader.take(channel, level, connected ? ConnectionState.OPEN : ConnectionState.CONNECTING);
                c.attach(this);
            } catch (IOException | RuntimeException | Error e) {
                reader.notTaken(level, channel);
                result.completeExceptionally(named(e));
                return;
            }
            if (c.state() == ConnectionState.OPEN) {
                opened(c);
            }
        }

        private SocketChannel open() throws IOException {
            var provider = reader.provider();
            return remote instanceof InetSocketAddress
                    ? provider.openSocketChannel()
                    : provider.openSocketChannel(StandardProtocolFamily.UNIX);
        }

        /** The channel could not even be opened, or the loop has ended. */
        @Override
        public void failed(Throwable cause) {
            reader.notTaken(level, null);
            result.completeExceptionally(named(cause));
        }

        /** The socket says that the connect has ended. */
        void finish(SocketConnection c) {
            try {
                if (!SocketIo.finishConnect(c.channel)) {
                    return;
                }
            } catch (IOException e) {
                c.cutForIo(e);
                return;
            }
            c.connected();
            opened(c);
        }

        private void opened(SocketConnection c) {
            c.attach(attachment);
            try {
                c.opened();
            } catch (Throwable e) {
                c.failed(e);
                result.completeExceptionally(e);
                return;
            }
            if (!result.complete(c)) {
                c.close(); // whoever asked has given up
            }
        }

        /** The connection has ended before it was open. */
        void ended(CloseReason reason) {
            Throwable why = reason instanceof CloseReason.IoFailed io
                    ? io.cause()
                    : reason instanceof CloseReason.PeerReset reset
                            ? reset.cause()
                            : new IOException(reason.kind().name());
            result.completeExceptionally(named(why));
        }

        private IOException named(Throwable cause) {
            String why = cause.getMessage();
            if (cause instanceof UnresolvedAddressException) {
                why = "there is no such host, or nobody has looked it up, as new InetSocketAddress(host, port) does";
            } else if (why == null) {
                why = cause.getClass().getSimpleName();
            }
            return new IOException("cannot connect to " + Addresses.text(remote) + ": " + why, cause);
        }
    }

    /** What a connector is made from. */
    public static final class Builder {
        private final Protocol<?> protocol;
        private int readers = 1;
        private TcpOptions options = TcpOptions.defaults();
        private final Settings settings = new Settings("sluice-connector");

        private Builder(Protocol<?> protocol) {
            this.protocol = protocol;
        }

        /** How many Readers, 1 to 1,024; by default 1. */
        public Builder readers(int number) {
            readers = number;
            return this;
        }

        /** What the kernel is told about each socket before it connects; by default {@link TcpOptions#defaults}. */
        public Builder options(TcpOptions newOptions) {
            options = newOptions;
            return this;
        }

        /** Begins the names of the threads; by default {@code sluice-connector}. */
        public Builder name(String newName) {
            settings.name = newName;
            return this;
        }

        /** By default {@link Limits#defaults}. */
        public Builder limits(Limits newLimits) {
            settings.limits = newLimits;
            return this;
        }

        /** By default {@link Deadlines#defaults}. */
        public Builder deadlines(Deadlines newDeadlines) {
            settings.deadlines = newDeadlines;
            return this;
        }

        /** What its connections may hold together; by default {@link MemoryBudget#ofProcess}. */
        public Builder budget(MemoryBudget newBudget) {
            settings.budget = newBudget;
            return this;
        }

        /** By default {@link Environment#system}. */
        public Builder environment(Environment newEnvironment) {
            settings.environment = newEnvironment;
            return this;
        }

        /** As {@link Server.Builder#blockedAfter}. */
        public Builder blockedAfter(Duration time) {
            settings.blockedAfter = time;
            return this;
        }

        /** As {@link Server.Builder#poisonBuffers}. */
        public Builder poisonBuffers(boolean poison) {
            settings.poisonBuffers = poison;
            return this;
        }

        /**
         * Checks the configuration and starts the threads.
         *
         * @throws IllegalArgumentException if a value is out of its range, or an option not supported; the message names it
         * @throws IOException if a selector can't be opened
         */
        public Connector start() throws IOException {
            Check.range("connector.readers", readers, 1, 1024);
            Check.present("options", options).check();
            settings.check();
            Topology topology = new Topology(Collections.nCopies(readers, Topology.Roles.READS), false, null);
            LoopGroup group = new LoopGroup(settings, topology);
            Connector connector;
            try {
                connector = new Connector(group, protocol, options, true);
            } catch (IOException | RuntimeException | Error e) {
                group.closeUnstarted();
                throw e;
            }
            group.start(); // sees to its own failure: some loops may run by then
            return connector;
        }
    }
}
