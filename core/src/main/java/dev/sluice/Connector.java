// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.OptionValue;
import dev.sluice.outbound.BackOff;
import dev.sluice.outbound.Resolver;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.tls.ClientTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

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
    private static final int LONGEST_PREFACE = 16 + 65_535;

    private final LoopGroup group;
    private final Admission admission;
    private final FrameLevel<?>[] levels;
    private final SourcePorts sourcePorts; // null: the kernel chooses
    private final boolean ownsGroup;
    private final TcpOptions options;
    private final List<OptionValue<?>> tcpOptions;
    private final AtomicInteger next = new AtomicInteger();

    Connector(
            LoopGroup group,
            Protocol<?> protocol,
            TcpOptions options,
            SourceAddresses sources,
            Security security,
            boolean ownsGroup)
            throws IOException {
        this.group = group;
        this.options = options;
        this.tcpOptions = options.ofConnecting(group.environment.selectorProvider(), true);
        this.sourcePorts = sources == null ? null : new SourcePorts(sources, group.sourceSalt(), options);
        this.admission = Admission.ofConnector(group, this, sourcePorts);
        this.levels = group.levels(protocol, admission, security);
        this.ownsGroup = ownsGroup;
    }

    /** Begins the configuration of a connector with Readers of its own. */
    public static Builder builder(Protocol<?> protocol) {
        return new Builder(Check.present("protocol", protocol));
    }

    /** Connects, from an address and port of its source addresses, or of the kernel's choice if it has none. */
    public CompletableFuture<Connection> connect(SocketAddress remote) {
        return connect(null, remote, null);
    }

    /**
     * Connects. An attempt is given up when {@link Deadlines#connect} has passed, and counts among {@link Limits#connections}
     * until then. Whoever doesn't want to wait so long completes the future, for instance with {@code orTimeout} or
     * {@code cancel}: a connection that comes to be all the same is closed.
     *
     * @param local the address to bind to before, or null; port 0 lets the kernel choose, and with any other port
     *     {@code SO_REUSEADDR} is set, so that the port may have connections to other destinations too. Must be null if the
     *     connector has source addresses
     * @param remote where to. An unresolved one, {@code InetSocketAddress.createUnresolved(host, port)}, is looked up by
     *     {@link Environment#resolver} first; if the name has several addresses they are raced as RFC 8305 says: the families
     *     alternate, the next address is tried when one has failed or has not answered for {@link Deadlines#nextAddress}, the
     *     first that answers is taken, and the others are closed. Each address that is being tried counts among
     *     {@link Limits#connections}. ({@code new InetSocketAddress(host, port)} looks a name up as well, and blocks meanwhile)
     * @param attachment attached to the connection before the protocol's {@code opened} is called; may be null
     * @return completed on the Reader's thread: with the connection once {@code opened} has returned, or with the
     *     {@code IOException} that says where to and why there is none, which is a
     *     {@link dev.sluice.outbound.PortsExhausted} when no source port is left towards the one address that there is, or with
     *     what {@code opened} has thrown. The cause of such
     *     an {@code IOException} tells its kind: a {@link java.net.SocketTimeoutException} when the deadline has passed, a
     *     {@link java.net.ConnectException} when nobody listens there, a {@link java.net.UnknownHostException} when there is no
     *     such host. It has none when {@link Limits#connections} are held, or the system has no socket to give, for want of
     *     descriptors for instance, which is then among the suppressed, or the Reader stops. Where several addresses have failed the message
     *     lists each with its reason, the cause is the first one's, and the exception of each is among the suppressed
     */
    public CompletableFuture<Connection> connect(SocketAddress local, SocketAddress remote, Object attachment) {
        return connect(local, remote, attachment, null);
    }

    /**
     * The same, and these bytes are sent before all else: a PROXY header, for instance. They go in clear, also where TLS follows, whose
     * handshake begins behind them; of addresses that are raced only the one that is taken gets them.
     *
     * @param preface up to 65,551 bytes, the longest PROXY header; nobody may change them until the future is completed, and their
     *     position stays. Null for none
     */
    public CompletableFuture<Connection> connect(
            SocketAddress local, SocketAddress remote, Object attachment, ByteBuffer preface) {
        Check.present("remote", remote);
        if (preface != null) {
            Check.range("preface.remaining", preface.remaining(), 0, LONGEST_PREFACE);
        }
        if (local != null && sourcePorts != null) {
            throw new IllegalArgumentException("local: must be null, for the connector has source addresses");
        }
        CompletableFuture<Connection> result = new CompletableFuture<>();
        if (!group.permits.tryTake()) {
            result.completeExceptionally(Attempt.failure(Addresses.text(remote) + ": " + limitText(), null));
            return result;
        }
        Reader reader = pick();
        FrameLevel<?> level = levels[reader.index()];
        reader.connect(
                remote instanceof InetSocketAddress named && named.isUnresolved()
                        ? new NamedConnect(this, reader, level, local, named, attachment, preface, result)
                        : new Attempt(this, reader, level, local, remote, attachment, preface, result, null));
        return result;
    }

    /** As {@link #keep(SocketAddress, Supplier, BackOff, Consumer)}, without attachments. */
    public Reconnector keep(SocketAddress remote, BackOff backOff, Consumer<Reconnector.Status> told) {
        return keep(remote, () -> null, backOff, told);
    }

    /**
     * Keeps a connection there: connects, and connects again when that has failed, or when the connection has ended, until the
     * {@link Reconnector} is closed or the Readers stop.
     *
     * @param remote where to, as {@link #connect} takes it; a name is looked up each time
     * @param attachments asked on the Reader's thread for the attachment of each connection; may give null
     * @param backOff how long to wait before each further connect; for this one use alone
     * @param told on the Reader's thread of each change
     */
    public Reconnector keep(
            SocketAddress remote, Supplier<?> attachments, BackOff backOff, Consumer<Reconnector.Status> told) {
        Reconnector reconnector = new Reconnector(
                this,
                pick(),
                Check.present("remote", remote),
                Check.present("attachments", attachments),
                Check.present("backOff", backOff),
                Check.present("told", told));
        reconnector.begin();
        return reconnector;
    }

    /** Takes a permit for a connection of that Reader, if there is one. Any thread. */
    boolean takePermit(Reader reader) {
        if (!group.permits.tryTake()) {
            return false;
        }
        reader.expect();
        return true;
    }

    /** Why there is none, in words. */
    String limitText() {
        return "limits.connections of " + group.limits.connections() + " are held";
    }

    Admission admission() {
        return admission;
    }

    Resolver resolver() {
        return group.environment.resolver();
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

    /** Where the ports of connections to there come from, or null. */
    SourcePorts sourcePorts(SocketAddress remote) {
        return remote instanceof InetSocketAddress ? sourcePorts : null;
    }

    /** What its sockets are told before they connect there. */
    List<OptionValue<?>> optionsFor(SelectorProvider provider, SocketAddress remote) throws IOException {
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

    /** What a connector is made from. */
    public static final class Builder {
        private final Protocol<?> protocol;
        private int readers = 1;
        private TcpOptions options = TcpOptions.defaults();
        private SourceAddresses sources;
        private Security security;
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

        /**
         * Where connections come from; by default the kernel chooses. Matters only where many connections go to few
         * destinations.
         */
        public Builder sources(SourceAddresses newSources) {
            sources = Check.present("sources", newSources);
            return this;
        }

        /** Speaks TLS, as {@link Server#connector(Protocol, ClientTls)} says; by default it doesn't. */
        public Builder tls(ClientTls newTls) {
            security = Security.of(Check.present("tls", newTls), false);
            return this;
        }

        /**
         * Connects in clear, and goes over to TLS where the protocol says so by {@link Connection#startTls}; by default it can't.
         * Takes the place of {@link #tls}. Whoever stands between can hide that a server offers it, so a protocol that needs TLS ends
         * a connection where it isn't offered (RFC 3207, section 6).
         */
        public Builder startTls(ClientTls newTls) {
            security = Security.of(Check.present("tls", newTls), true);
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
                connector = new Connector(group, protocol, options, sources, security, true);
            } catch (IOException | RuntimeException | Error e) {
                group.closeUnstarted();
                throw e;
            }
            group.start(); // sees to its own failure: some loops may run by then
            return connector;
        }
    }
}
