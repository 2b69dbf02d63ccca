// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.DrainReport;
import dev.sluice.Listener;
import dev.sluice.MemoryBudget;
import dev.sluice.Server;
import dev.sluice.examples.proxy.Snapshot.ListenerView;
import dev.sluice.http.HttpAccessLogFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A proxy that runs. Its configuration can be replaced at any time, and nothing that goes on is cut for that: listeners that stay the
 * same are kept, new ones are opened, those that are gone take nobody in any more and end with their last connection; the lists of
 * backends are replaced in place. Any thread; changes happen one after the other.
 *
 * @param <C> its configuration
 * @param <P> its plan
 */
public final class LiveProxy<C extends ProxyConfig, P> {
    private static final Logger LOG = LoggerFactory.getLogger(LiveProxy.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final ProxyKind<C, P> kind;
    private final long startNanos = System.nanoTime();
    private final AtomicReference<HttpAccessLogFile> log = new AtomicReference<>();
    private final ScheduledExecutorService later;

    private final Object changes = new Object(); // one after the other; taken before this

    // guarded by changes
    private final Ledgers ledgers = new Ledgers();
    private MemoryBudget budget;
    private long budgetBytes;

    // guarded by this; the maps are replaced, under both
    private C config;
    private Map<String, OpenListener<P>> listeners = Map.of();
    private Map<String, LiveUpstream> upstreams = Map.of();
    private final List<OpenListener<P>> leaving = new ArrayList<>();
    private final LinkedHashMap<String, ListenerCounts> listenerCounts = new LinkedHashMap<>();
    private final LinkedHashMap<String, UpstreamCounts> upstreamCounts = new LinkedHashMap<>();
    private boolean draining;
    private long reloads;

    private LiveProxy(ProxyKind<C, P> kind) {
        this.kind = kind;
        later = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, kind.words().proxy() + "-leaving");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Opens a proxy.
     *
     * @throws IOException if an address can't be listened on
     * @throws IllegalArgumentException if core doesn't take a value; the message names it
     */
    public static <C extends ProxyConfig, P> LiveProxy<C, P> start(ProxyKind<C, P> kind, C config) throws IOException {
        LiveProxy<C, P> proxy = new LiveProxy<>(kind);
        try {
            proxy.take(config);
        } catch (IOException | RuntimeException e) {
            proxy.later.shutdownNow();
            throw e;
        }
        long every = LOOK_EVERY.toMillis();
        proxy.later.scheduleWithFixedDelay(proxy::endThoseThatHaveLeft, every, every, TimeUnit.MILLISECONDS);
        return proxy;
    }

    /**
     * Takes over another configuration. If that can't be, all goes on as it was.
     *
     * @return what was changed, in words
     * @throws IOException if an address can't be listened on, or the proxy is ending
     */
    public String reload(C next) throws IOException {
        return take(next);
    }

    private String take(C next) throws IOException {
        synchronized (changes) {
            if (isDraining()) {
                throw new IOException("the proxy is ending");
            }
            C before = config();
            HttpAccessLogFile oldLog = log.get();
            String path = next.server().accessLog();
            boolean sameLog = before != null && Objects.equals(before.server().accessLog(), path);
            HttpAccessLogFile newLog = sameLog || path == null ? oldLog : HttpAccessLogFile.open(Path.of(path));
            MemoryBudget nextBudget = budgetFor(next);
            Change<C, P> change = new Change<>(kind, next, listeners, upstreams);
            try {
                change.prepare(this::upstreamCounts, ledgers::of, this::listenerCounts, nextBudget);
            } catch (IOException | RuntimeException e) {
                if (newLog != null && newLog != oldLog) {
                    newLog.close();
                }
                throw e;
            }
            budget = nextBudget; // which a change that fails must not replace
            budgetBytes = next.limits().memoryBytes();
            log.set(path == null ? null : newLog);
            if (oldLog != null && !sameLog) {
                oldLog.close();
            }
            return commit(next, change);
        }
    }

    private MemoryBudget budgetFor(C next) {
        long bytes = next.limits().memoryBytes();
        if (budget != null && budgetBytes == bytes) {
            return budget;
        }
        return bytes == 0 ? MemoryBudget.ofProcess() : MemoryBudget.ofBytes(bytes);
    }

    private synchronized UpstreamCounts upstreamCounts(String name) {
        return upstreamCounts.getOrDefault(name, new UpstreamCounts());
    }

    private synchronized ListenerCounts listenerCounts(String name) {
        return listenerCounts.getOrDefault(name, new ListenerCounts(log));
    }

    /** Nothing of this can fail. */
    private synchronized String commit(C next, Change<C, P> change) {
        for (UpstreamConfig upstream : next.upstreams()) {
            LiveUpstream live = change.upstreams.get(upstream.name());
            live.become(upstream);
            upstreamCounts.put(upstream.name(), live.counts());
        }
        for (OpenListener<P> listener : change.listeners.values()) {
            listener.plan(change.plan);
            listenerCounts.put(listener.name(), listener.counts());
        }
        int closed = 0;
        for (OpenListener<P> before : listeners.values()) {
            if (change.listeners.get(before.name()) != before) {
                closed++;
                before.server().closeListeners();
                before.leaving();
                leaving.add(before);
            }
        }
        for (LiveUpstream before : upstreams.values()) {
            if (change.upstreams.get(before.config().name()) != before) {
                before.close();
            }
        }
        reloads += config == null ? 0 : 1;
        listeners = change.listeners;
        upstreams = change.upstreams;
        config = next;
        forgetThePast();
        int opened = change.newListeners.size();
        return "listeners: " + opened + " opened, " + (listeners.size() - opened) + " kept, " + closed
                + " closed to new clients; upstreams: " + upstreams.size();
    }

    private void forgetThePast() {
        Set<String> ending = leaving.stream().map(OpenListener::name).collect(Collectors.toSet());
        PastNames.forget(listenerCounts, name -> listeners.containsKey(name) || ending.contains(name));
        PastNames.forget(upstreamCounts, upstreams::containsKey);
        kind.taken(upstreams.keySet());
    }

    /** Ends the servers that have no listener any more, and no relay. */
    private void endThoseThatHaveLeft() {
        List<OpenListener<P>> left;
        synchronized (this) {
            left = leaving.stream().filter(OpenListener::hasLeft).toList();
        }
        for (OpenListener<P> listener : left) {
            try {
                listener.server().closeListeners().get(1, TimeUnit.SECONDS); // who waited in the backlog comes first
                if (listener.hasLeft()) {
                    listener.server().stop(Duration.ZERO);
                    listener.ended();
                    synchronized (this) {
                        listenerCounts.get(listener.name()).ended(figures(listener));
                        leaving.remove(listener);
                    }
                }
            } catch (InterruptedException e) {
                return; // the proxy is ending, and sees to them
            } catch (Exception e) {
                LOG.warn("listener {}: not ended yet", listener.name(), e);
            }
        }
    }

    // ---- what is seen of it

    ProxyKind<C, P> kind() {
        return kind;
    }

    /** Where it listens, in the order of the configuration. */
    public synchronized List<Listener> listeners() {
        return listeners.values().stream()
                .map(listener -> listener.server().listeners().get(0))
                .toList();
    }

    /** Whether it is ending. */
    public synchronized boolean isDraining() {
        return draining;
    }

    /** What it does now. */
    public synchronized C config() {
        return config;
    }

    /** Its figures, with those of reloads that failed, which others count. */
    public synchronized Snapshot snapshot(long failedReloads) {
        Set<String> names = new LinkedHashSet<>(listeners.keySet());
        names.addAll(listenerCounts.keySet());
        List<ListenerView> views = new ArrayList<>();
        for (String name : names) {
            ListenerCounts counts = listenerCounts.get(name);
            ListenerFigures figures = counts.past();
            for (OpenListener<P> one : leaving) {
                figures = one.name().equals(name) ? figures.plus(figures(one)) : figures;
            }
            OpenListener<P> open = listeners.get(name);
            figures = open == null ? figures : figures.plus(figures(open));
            List<OpenListener<P>> all = new ArrayList<>(leaving);
            all.removeIf(one -> !one.name().equals(name));
            if (open != null) {
                all.add(open);
            }
            String address =
                    open == null ? null : open.server().listeners().get(0).toString();
            views.add(new ListenerView(name, address, kind.active(counts, all), counts.unrouted.sum(), figures));
        }
        return new Snapshot(
                Duration.ofNanos(System.nanoTime() - startNanos),
                draining,
                reloads,
                failedReloads,
                views,
                upstreams.values().stream().map(kind::view).toList());
    }

    private static ListenerFigures figures(OpenListener<?> listener) {
        return ListenerFigures.of(listener.server().counters());
    }

    // ---- the end

    /**
     * Lets nobody in any more, and ends: what goes on may do so until it ends, or the configuration's time for it is over.
     *
     * @throws InterruptedException if interrupted while waiting; the proxy goes on ending
     */
    public void drain() throws InterruptedException {
        List<Server> servers = new ArrayList<>();
        Duration window;
        synchronized (changes) { // one that is under way is waited for
            synchronized (this) {
                draining = true;
                window = config.server().drain();
                listeners.values().forEach(listener -> servers.add(listener.server()));
                leaving.forEach(listener -> servers.add(listener.server()));
            }
        }
        later.shutdownNow();
        servers.forEach(server -> server.beginDrain(window));
        int forced = 0;
        for (Server server : servers) {
            DrainReport report = server.drain(window);
            forced += report.forced();
        }
        synchronized (this) {
            listeners.values().forEach(OpenListener::ended);
            leaving.forEach(OpenListener::ended);
            upstreams.values().forEach(LiveUpstream::close);
        }
        HttpAccessLogFile last = log.getAndSet(null);
        if (last != null) {
            last.close();
        }
        LOG.info("ended, {} connections were cut", forced);
    }
}
