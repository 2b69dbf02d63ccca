// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Descriptors;
import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.Loop;
import dev.sluice.loop.SocketIo;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loops of a server or a connector, with the Readers on them: made, started and ended together. */
final class LoopGroup {
    private static final Logger LOG = LoggerFactory.getLogger(LoopGroup.class);
    /** Longer than listeners take to close where no loop is blocked. */
    private static final Duration SLACK = Duration.ofMillis(100);

    final Environment environment;
    final Limits limits;
    final MemoryBudget budget;
    final Permits permits; // of connections
    final Permits refusals = new Permits(Admission.MOST_REFUSALS);
    final AcceptRate rate;
    final Handshakes handshakes;
    final Sources sources; // null if sources are not counted
    final long descriptors; // that the process may have, 0 if that isn't known
    final Executor workers;
    final Reader[] readers;

    private final List<Loop> loops = new ArrayList<>(); // in the order of the topology's
    private final List<Reader> readerOfLoop = new ArrayList<>(); // the Reader on each, or null
    private final List<Thread> threads = new ArrayList<>();
    private final String name;
    private final Watch watch;
    private Thread watcher; // may be null
    private Long sourceSalt; // null until it is asked for; under this

    LoopGroup(Settings settings, Topology topology) throws IOException {
        this.environment = settings.environment;
        this.limits = settings.limits;
        this.budget = settings.budget;
        this.permits = new Permits(limits.connections());
        long now = environment.nanoClock().getAsLong();
        this.rate = new AcceptRate(limits.acceptsPerSecond(), limits.acceptBurst(), now);
        this.handshakes = new Handshakes(limits, now);
        boolean countsSources = limits.connectionsPerSource() < limits.connections();
        this.sources = countsSources ? new Sources(limits.connectionsPerSource()) : null;
        this.workers = topology.workers();
        this.name = settings.name;
        this.watch = new Watch(settings.blockedAfter.toNanos(), environment.nanoClock());
        boolean onThisMachine = environment.selectorProvider() == SelectorProvider.provider();
        if (onThisMachine) {
            rehearse();
        }
        this.descriptors = onThisMachine ? Descriptors.allowed() : 0;
        List<Reader> made = new ArrayList<>();
        try {
            int acceptors = 0;
            for (Topology.Roles roles : topology.loops()) {
                String loopName =
                        settings.name + (roles.reads() ? "-reader-" + made.size() : "-acceptor-" + acceptors++);
                Loop loop = new Loop(
                        loopName,
                        environment.selectorProvider().openSelector(),
                        environment.nanoClock(),
                        settings.budget.bytes);
                loops.add(loop);
                if (roles.reads()) {
                    Reader reader = new Reader(made.size(), loop, settings);
                    loop.afterCallbacks(reader.outbound::flush);
                    loop.atEnd(reader::closeAll);
                    made.add(reader);
                    readerOfLoop.add(reader);
                } else {
                    readerOfLoop.add(null);
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            closeUnstarted();
            throw e;
        }
        this.readers = made.toArray(Reader[]::new);
        for (int i = 0; i < loops.size(); i++) {
            watch.add(loops.get(i), readerOfLoop.get(i));
        }
        watch.allAdded();
    }

    private static void rehearse() {
        try {
            SocketIo.rehearse();
        } catch (IOException e) {
            LOG.debug("no connection over loopback could be made", e); // whoever needs sockets is told by them
        }
    }

    /** Where source ports begin to be taken depends on it. It stays the same, so that a connector may be made anew. */
    synchronized long sourceSalt() {
        if (sourceSalt == null) {
            sourceSalt = environment.random().nextLong();
        }
        return sourceSalt;
    }

    int size() {
        return loops.size();
    }

    Loop loop(int i) {
        return loops.get(i);
    }

    /** Whether no thread runs the loops, but somebody steps them. */
    boolean isStepped() {
        return threads.stream().allMatch(thread -> thread.getState() == Thread.State.NEW);
    }

    /** What was found about the i-th loop from outside. */
    WatchedLoop watch(int i) {
        return watch.of(i);
    }

    /** The Reader on the i-th loop, or null. */
    Reader readerOn(int i) {
        return readerOfLoop.get(i);
    }

    /** One frame level for each Reader, by its index. */
    FrameLevel<?>[] levels(Protocol<?> protocol, Admission admission) {
        return levels(protocol, admission, null);
    }

    /** The same with connections that are encrypted, unless {@code security} is null. */
    FrameLevel<?>[] levels(Protocol<?> protocol, Admission admission, Security security) {
        return levels(protocol, admission, workers, security);
    }

    private <F> FrameLevel<?>[] levels(
            Protocol<F> protocol, Admission admission, Executor handlers, Security security) {
        FrameLevel<?>[] levels = new FrameLevel<?>[readers.length];
        for (Reader reader : readers) {
            levels[reader.index()] = new FrameLevel<>(reader, protocol, admission, handlers, security, levels);
        }
        return levels;
    }

    /** The same for an endpoint: with what proxies say in front, if that is wanted. */
    FrameLevel<?>[] levels(Protocol<?> protocol, Endpoint endpoint) {
        Admission admission = Admission.at(endpoint, this);
        Security security = Security.of(endpoint);
        FrameLevel<?>[] behind = levels(protocol, admission, security);
        if (endpoint.proxyProtocol() == null) {
            return behind;
        }
        Security inClear = security == null ? null : security.behindClear();
        return levels(new ProxyPrelude(endpoint.proxyProtocol(), behind), admission, null, inClear);
    }

    void start() {
        FailurePaths.load();
        int started = 0;
        try {
            for (Loop loop : loops) {
                Thread thread = Check.present(
                        "a thread from environment.threadFactory",
                        environment.threadFactory().newThread(loop));
                thread.setName(loop.name());
                threads.add(thread);
            }
            for (; started < threads.size(); started++) {
                threads.get(started).start();
            }
        } catch (RuntimeException | Error e) { // no more threads can be made
            loops.subList(0, started).forEach(Loop::stop);
            closeUnstarted(loops.subList(started, loops.size()));
            throw e;
        }
        if (threads.stream()
                .anyMatch(thread -> thread.getState() != Thread.State.NEW)) { // else somebody steps the loops
            watcher = watch.start(name + "-watch");
        }
    }

    /** Lets go of the selectors of loops that were never started. */
    void closeUnstarted() {
        closeUnstarted(loops);
    }

    private static void closeUnstarted(List<Loop> loops) {
        for (Loop loop : loops) {
            loop.stop();
            loop.run();
        }
    }

    /** Refuses to stop from one of the threads that stopping waits for. */
    void requireOffLoops() {
        if (loops.stream().anyMatch(Loop::onLoop)) {
            throw new IllegalStateException("stop() waits for the loops, so it can't be called on one of them");
        }
    }

    /** Ends all connections soon after {@code window} where {@link #drain} has not been called by then. */
    void drainBy(Duration window) {
        Duration late = Duration.ofNanos(Drain.nanos(window)).plus(SLACK);
        for (Reader reader : readers) {
            reader.loop.post(new DrainBy(reader, late));
        }
    }

    /**
     * Begins to drain every Reader, and ends the loops once none has a connection any more. The report is of those who
     * could be drained: a Reader whose loop has ended cut its connections then.
     */
    CompletableFuture<DrainReport> drain(Duration window, Duration telling) {
        CompletableFuture<DrainReport> all = CompletableFuture.completedFuture(DrainReport.NOTHING);
        for (Reader reader : readers) {
            CompletableFuture<DrainReport> one = new CompletableFuture<>();
            if (!reader.loop.post(new BeginDrain(reader, window, telling, one))) {
                one.complete(DrainReport.NOTHING);
            }
            all = all.thenCombine(one, DrainReport::with);
        }
        return all.whenComplete((report, failure) -> loops.forEach(Loop::stop));
    }

    /** Waits until the threads have ended. */
    void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        if (watcher != null) {
            watcher.join();
        }
    }

    private record DrainBy(Reader reader, Duration late) implements Work {
        @Override
        public void run() {
            Work atOnce = new BeginDrain(reader, Duration.ZERO, Duration.ZERO, new CompletableFuture<>());
            reader.loop.timers().arm(new Timer(atOnce), reader.loop.now() + late.toNanos());
        }

        @Override
        public void failed(Throwable cause) {
            LOG.debug("{}: ended before it was drained", reader, LoggedFailure.of(cause));
        }
    }

    private record BeginDrain(Reader reader, Duration window, Duration telling, CompletableFuture<DrainReport> done)
            implements Work {
        @Override
        public void run() {
            reader.drain(window, telling).thenAccept(done::complete);
        }

        @Override
        public void failed(Throwable cause) {
            LOG.debug("{}: ended before it was drained", reader, LoggedFailure.of(cause));
            done.complete(DrainReport.NOTHING);
        }
    }
}
