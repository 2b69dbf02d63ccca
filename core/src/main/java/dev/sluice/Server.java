// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.outbound.SourceAddresses;
import dev.sluice.tls.ClientTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server: listeners, acceptors and readers on the loops of its {@link Topology}.
 *
 * <pre>{@code
 * Server server = Server.builder()
 *         .listen(Endpoint.tcp("127.0.0.1", 7000),
 *                 Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF)))
 *         .start();
 * }</pre>
 *
 * Its methods may be called from any thread. It runs until {@link #stop}; its threads are not daemons unless the
 * {@link Environment} makes them so.
 */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);

    private final LoopGroup group;
    private final List<Listener> listeners;
    private final List<Acceptor> acceptors;
    private volatile boolean draining;

    private Server(LoopGroup group, List<Listener> listeners, List<Acceptor> acceptors) {
        this.group = group;
        this.listeners = List.copyOf(listeners);
        this.acceptors = List.copyOf(acceptors);
    }

    /** Begins the configuration of a server. */
    public static Builder builder() {
        return new Builder();
    }

    /** The address of the first listener. */
    public SocketAddress address() {
        return listeners.get(0).localAddress();
    }

    /** The port of the first listener, or -1 if that is a Unix domain socket. */
    public int port() {
        return listeners.get(0).port();
    }

    /** All listeners, in the order in which their endpoints were given. */
    public List<Listener> listeners() {
        return listeners;
    }

    /** All acceptors. */
    public List<Acceptor> acceptors() {
        return acceptors;
    }

    /** All readers, by index. */
    public List<Reader> readers() {
        return List.of(group.readers);
    }

    /**
     * How many connections are held, those included that are being taken over or connected. Clients in the act of being
     * refused are not among them.
     */
    public int connections() {
        return group.permits.taken();
    }

    /** How many handshakes of TLS are under way, of {@link Limits#handshakes}. */
    public int handshakes() {
        return group.handshakes.slots.taken();
    }

    /**
     * How many connections have sent something of their first message of TLS, and wait for their handshake to begin: because {@link
     * Limits#handshakes} are under way, {@link Limits#handshakesPerSecond} have begun, or their Reader has no time. One whose
     * turn doesn't come ends with {@link CloseReason.DeadlinePassed}, with nothing read.
     */
    public int handshakesWaiting() {
        return group.handshakes.waiting.get();
    }

    /** How many connections have ended, by kind of reason, the refused included; every kind is in it. */
    public Map<CloseReason.Kind, Long> closed() {
        Map<CloseReason.Kind, Long> closed = new LinkedHashMap<>();
        for (CloseReason.Kind kind : CloseReason.Kind.values()) {
            long sum = 0;
            for (Reader reader : group.readers) {
                sum += reader.closed(kind);
            }
            closed.put(kind, sum);
        }
        return closed;
    }

    /** All figures at once. */
    public Counters counters() {
        return Counters.of(this, group);
    }

    /**
     * A page for people: what each loop, acceptor and the oddest connections are doing. Each loop is asked by mail; the
     * answers are waited for half a second at most. A loop that gives none is shown with whom it serves and its stack. It
     * looks at every connection, a fraction of a microsecond each; so it is for somebody who asks, not for a scraper. The
     * form of the page may change.
     */
    public String explain() {
        return new Explanation(this, group).page();
    }

    LoopGroup group() {
        return group;
    }

    /** How many clients were not let in, by what there was none left of; every cause is in it. */
    public Map<CloseReason.Cause, Long> refused() {
        Map<CloseReason.Cause, Long> refused = new LinkedHashMap<>();
        for (CloseReason.Cause cause : CloseReason.Cause.values()) {
            refused.put(
                    cause,
                    acceptors.stream()
                            .mapToLong(acceptor -> acceptor.refused(cause))
                            .sum());
        }
        return refused;
    }

    /** Makes a connector whose connections are read by this server's Readers, and count as its connections. */
    public <F> Connector connector(Protocol<F> protocol) {
        return connector(protocol, TcpOptions.defaults());
    }

    /**
     * The same with other options for its sockets.
     *
     * @throws IllegalArgumentException if an option is out of its range or not supported; the message names it
     */
    public <F> Connector connector(Protocol<F> protocol, TcpOptions options) {
        return connect(protocol, options, null, null);
    }

    /** The same for connections that come from these addresses and ports. */
    public <F> Connector connector(Protocol<F> protocol, TcpOptions options, SourceAddresses sources) {
        return connect(protocol, options, Check.present("sources", sources), null);
    }

    /**
     * The same for connections that speak TLS. One is open, and its protocol is told, when the handshake is over, for which {@link
     * Deadlines#handshake} is the time.
     */
    public <F> Connector connector(Protocol<F> protocol, ClientTls tls) {
        return connect(protocol, TcpOptions.defaults(), null, Security.of(Check.present("tls", tls), false));
    }

    /** The same for connections that begin in clear, and go over to TLS where the protocol says so by {@link Connection#startTls}. */
    public <F> Connector connectorWithStartTls(Protocol<F> protocol, ClientTls tls) {
        return connect(protocol, TcpOptions.defaults(), null, Security.of(Check.present("tls", tls), true));
    }

    /**
     * All of these at once.
     *
     * @param sources null for the kernel's choice
     * @param tls null for none
     */
    public <F> Connector connector(Protocol<F> protocol, TcpOptions options, SourceAddresses sources, ClientTls tls) {
        return connect(protocol, options, sources, Security.of(tls, false));
    }

    private <F> Connector connect(
            Protocol<F> protocol, TcpOptions options, SourceAddresses sources, Security security) {
        Check.present("options", options).check();
        try {
            return new Connector(group, Check.present("protocol", protocol), options, sources, security, false);
        } catch (IOException e) {
            throw new UncheckedIOException("no socket can be opened to see which options there are", e);
        }
    }

    /**
     * Lets nobody in any more, and goes on with who is there: what waits in the backlog is taken, then the listeners are
     * closed. To hand an address over to another server, which has to listen there already if nobody is to be turned away: see
     * {@link Topology#listenerPerLoop}. {@link #drain} or {@link #stop} ends this one. May be called from any thread, and
     * doesn't wait.
     *
     * @return completed once all are closed
     */
    public CompletableFuture<Void> closeListeners() {
        return CompletableFuture.allOf(acceptors.stream().map(Acceptor::close).toArray(CompletableFuture[]::new));
    }

    /**
     * Ends the server with time for its peers to go elsewhere: what waits in the backlog is taken, then the listeners are
     * closed; over the first half of {@code window} each connection's protocol is told {@link Protocol#draining}, so that
     * not all of them come back at once; a connection then ends as soon as it has nothing to do, or its peer ends it, and
     * at the end of the window whatever it does. One that was accepted within the last 200 ms, and has sent nothing, is
     * given that long to ask. Returns when all threads have ended.
     *
     * @param window from zero to 365 days; more counts as 365 days
     * @throws IllegalStateException if called on one of the server's own threads, which it would wait for
     * @throws InterruptedException if interrupted while waiting; the server goes on draining
     */
    public DrainReport drain(Duration window) throws InterruptedException {
        group.requireOffLoops();
        CompletableFuture<DrainReport> report = beginDrain(window);
        group.join();
        return told(report);
    }

    /** As {@link #drain}, and doesn't wait. May be called from any thread, the server's own included. */
    public CompletableFuture<DrainReport> beginDrain(Duration window) {
        return end(Check.present("window", window), window.dividedBy(2));
    }

    /** Stops in order: as {@link #drain}, but all connections are told at once. */
    public DrainReport stop(Duration grace) throws InterruptedException {
        group.requireOffLoops();
        CompletableFuture<DrainReport> report = end(Check.present("grace", grace), Duration.ZERO);
        group.join();
        return told(report);
    }

    // In a simulation nothing has happened yet, since there are no threads to wait for.
    private static DrainReport told(CompletableFuture<DrainReport> report) {
        return report.getNow(DrainReport.NOTHING);
    }

    private CompletableFuture<DrainReport> end(Duration window, Duration telling) {
        draining = true;
        group.drainBy(window); // a loop that is blocked closes its listeners late, and the other loops wait for it
        return closeListeners().thenCompose(closed -> group.drain(window, telling));
    }

    /** Whether it is ending, or has ended. */
    public boolean isDraining() {
        return draining;
    }

    /** Stops with five seconds of grace. */
    @Override
    public void close() {
        try {
            stop(CLOSE_GRACE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a server is made from. {@link #start} checks everything; nothing is opened before that. */
    public static final class Builder {
        private record Service(Endpoint endpoint, Protocol<?> protocol) {}

        private final List<Service> services = new ArrayList<>();
        private final Settings settings = new Settings("sluice");
        private Topology topology =
                Topology.acceptorAndReaders(Runtime.getRuntime().availableProcessors());
        private ReaderChoice readerChoice = ReaderChoice.ROUND_ROBIN;

        private Builder() {}

        /** Adds an address to listen on, and what is spoken there. Needed at least once. */
        public Builder listen(Endpoint endpoint, Protocol<?> protocol) {
            services.add(new Service(Check.present("endpoint", endpoint), Check.present("protocol", protocol)));
            return this;
        }

        /** Begins the names of the threads; by default {@code sluice}. */
        public Builder name(String newName) {
            settings.name = newName;
            return this;
        }

        /** By default one accepting loop, and one reading loop for each processor. */
        public Builder topology(Topology newTopology) {
            topology = newTopology;
            return this;
        }

        /** By default round robin. Without effect in topologies whose accepting loops read what they accept. */
        public Builder readerChoice(ReaderChoice choice) {
            readerChoice = choice;
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

        /**
         * Moves connections away from Readers that hold more than others: more than 1.25 times the average and 8, in three
         * looks in a row. Moved are at most 64 in a look, only those that were accepted, and only between two frames. Off
         * by default: see {@link Connection#moveTo} for what a protocol must not rely on then.
         *
         * @param every how often each Reader looks, from 10 ms to an hour
         */
        public Builder rebalance(Duration every) {
            settings.rebalance = Check.present("rebalance", every);
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

        /**
         * How long one pass of a loop may take before it is told of as blocked, with whom it serves and the stack of its
         * thread: zero for never, or 1 ms to 1 h; by default a second. One daemon thread looks, and ends with the loops.
         */
        public Builder blockedAfter(Duration time) {
            settings.blockedAfter = time;
            return this;
        }

        /**
         * Overwrites each frame's bytes after its handler has returned, so that a handler that keeps a view it should
         * have copied is found out in tests. Off by default.
         */
        public Builder poisonBuffers(boolean poison) {
            settings.poisonBuffers = poison;
            return this;
        }

        /**
         * Checks the configuration, binds and listens, and starts the threads.
         *
         * <p>If one address can't be listened on, none is: what was bound before is closed again.
         *
         * @throws IllegalArgumentException if a value is out of its range, contradicts another, or asks for an option that
         *     the system doesn't have; the message names field and value
         * @throws java.net.BindException if an address can't be listened on; the message names it
         * @throws IOException if a selector can't be opened
         */
        public Server start() throws IOException {
            check();
            LoopGroup group = new LoopGroup(settings, topology);
            warnOfBacklogs();
            List<Listener> listeners = new ArrayList<>();
            List<Acceptor> acceptors = new ArrayList<>();
            try {
                for (Service service : services) {
                    open(service, group, listeners, acceptors);
                }
            } catch (IOException | RuntimeException | Error e) {
                listeners.forEach(Listener::abandon);
                group.closeUnstarted();
                throw e;
            }
            try {
                group.start();
            } catch (RuntimeException | Error e) {
                listeners.forEach(Listener::abandon);
                throw e;
            }
            Server server = new Server(group, listeners, acceptors);
            try {
                services.forEach(service -> service.protocol.starting(server));
            } catch (RuntimeException | Error e) {
                listeners.forEach(Listener::abandon);
                group.drain(Duration.ZERO, Duration.ZERO);
                throw e;
            }
            if (settings.rebalance != null) {
                Rebalancer.start(group.readers, settings.rebalance);
            }
            acceptors.forEach(Acceptor::start); // who connects before that waits in the backlog
            return server;
        }

        private void check() {
            settings.check();
            Check.present("topology", topology).check();
            Check.present("readerChoice", readerChoice);
            if (services.isEmpty()) {
                throw new IllegalArgumentException("listen: missing; a server needs at least one endpoint");
            }
            for (int i = 0; i < services.size(); i++) {
                Endpoint endpoint = services.get(i).endpoint;
                endpoint.check(topology);
                if (services.subList(0, i).stream().anyMatch(earlier -> earlier.endpoint.isSamePlaceAs(endpoint))) {
                    throw new IllegalArgumentException("endpoint.address: " + endpoint.where() + " is given twice");
                }
            }
        }

        private void warnOfBacklogs() {
            if (settings.environment.selectorProvider() == SelectorProvider.provider()) { // the machine's own
                KernelBacklog.ofThisMachine()
                        .warning(services.stream().map(Service::endpoint).toList())
                        .ifPresent(LOG::warn);
            }
        }

        private void open(Service service, LoopGroup group, List<Listener> listeners, List<Acceptor> acceptors)
                throws IOException {
            Endpoint endpoint = service.endpoint;
            FrameLevel<?>[] levels = group.levels(service.protocol, endpoint);
            Listener listener = null;
            for (int i = 0; i < group.size(); i++) {
                if (!topology.loops().get(i).accepts()) {
                    continue;
                }
                if (listener == null || topology.listenerPerLoop()) {
                    SelectorProvider provider = settings.environment.selectorProvider();
                    listener = Listener.open(provider, endpoint, topology.listenerPerLoop(), levels);
                    listeners.add(listener);
                    endpoint = listener.boundEndpoint();
                }
                acceptors.add(new Acceptor(listener, group.loop(i), group, group.readerOn(i), picker(group, i)));
            }
        }

        // An accepting loop that reads keeps what it accepts.
        private ReaderChoice.Picker picker(LoopGroup group, int i) {
            Reader own = group.readerOn(i);
            Reader[] candidates = own != null ? new Reader[] {own} : group.readers;
            return readerChoice.picker(
                    candidates,
                    new SplittableRandom(settings.environment.random().nextLong()));
        }
    }
}
