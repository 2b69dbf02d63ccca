// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.MemoryBudget;
import dev.sluice.outbound.PortRange;
import dev.sluice.outbound.SourceAddresses;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * What has to be made new for a configuration: everything that can fail is done by {@link #prepare}, before anything that
 * runs is touched, but for upstreams' files that have changed. What stays the same is taken from what runs.
 *
 * @param <C> its configuration
 * @param <P> its plan
 */
final class Change<C extends ProxyConfig, P> {
    private final ProxyKind<C, P> kind;
    private final C config;
    private final Map<String, OpenListener<P>> openBefore;
    private final Map<String, LiveUpstream> upstreamsBefore;
    private final List<LiveUpstream> staying = new ArrayList<>(); // which have only their files to read again

    final Map<String, LiveUpstream> upstreams = new LinkedHashMap<>();
    final Map<String, OpenListener<P>> listeners = new LinkedHashMap<>();
    final List<LiveUpstream> newUpstreams = new ArrayList<>();
    final List<OpenListener<P>> newListeners = new ArrayList<>();
    P plan;

    Change(
            ProxyKind<C, P> kind,
            C config,
            Map<String, OpenListener<P>> openBefore,
            Map<String, LiveUpstream> upstreamsBefore) {
        this.kind = kind;
        this.config = config;
        this.openBefore = openBefore;
        this.upstreamsBefore = upstreamsBefore;
    }

    /**
     * Makes what is new.
     *
     * @throws IOException if an address can't be listened on, or a file can't be used; nothing is left of it then, but that
     *     upstreams of which all files could be used may have them
     */
    void prepare(
            Function<String, UpstreamCounts> upstreamCounts,
            Function<List<PortRange>, SourceAddresses> sources,
            Function<String, ListenerCounts> listenerCounts,
            MemoryBudget budget)
            throws IOException {
        try {
            for (UpstreamConfig upstream : config.upstreams()) {
                upstreams.put(upstream.name(), upstream(upstream, upstreamCounts.apply(upstream.name()), sources));
            }
            plan = kind.plan(config, Map.copyOf(upstreams));
            for (ListenerConfig listener : config.listeners()) {
                listeners.put(listener.name(), listener(listener, listenerCounts.apply(listener.name()), budget));
            }
            for (LiveUpstream upstream : staying) { // last, for it can't be undone
                upstream.reloadFiles();
            }
        } catch (IOException | RuntimeException e) {
            undo();
            throw e;
        }
    }

    private LiveUpstream upstream(
            UpstreamConfig upstream, UpstreamCounts counts, Function<List<PortRange>, SourceAddresses> sources)
            throws IOException {
        LiveUpstream before = upstreamsBefore.get(upstream.name());
        if (before != null && before.canBecome(upstream)) {
            staying.add(before);
            return before;
        }
        SourceAddresses from = upstream.sources().isEmpty() ? null : sources.apply(upstream.sources());
        LiveUpstream made = LiveUpstream.start(upstream, counts, from);
        newUpstreams.add(made);
        return made;
    }

    private OpenListener<P> listener(ListenerConfig listener, ListenerCounts counts, MemoryBudget budget)
            throws IOException {
        Object settings = kind.settings(listener, config, plan);
        OpenListener<P> before = openBefore.get(listener.name());
        if (before != null && before.settings().equals(settings)) {
            return before;
        }
        requireFree(listener.toEndpoint().address());
        OpenListener<P> made = kind.open(listener, config, plan, counts, budget);
        newListeners.add(made);
        return made;
    }

    /**
     * Listeners share their port, so that the next can be opened before the last is closed. So the kernel wouldn't mind if
     * another proxy had it already; but people do.
     */
    private void requireFree(SocketAddress address) throws IOException {
        InetSocketAddress wanted = (InetSocketAddress) address;
        boolean isOurs =
                openBefore.values().stream().anyMatch(open -> open.server().port() == wanted.getPort());
        if (wanted.getPort() == 0 || isOurs) {
            return;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true); // connections that rest are nobody's
            probe.bind(wanted, 1);
        } catch (BindException e) {
            String why = Objects.requireNonNullElse(e.getMessage(), "it is taken");
            String help = "; stop what has port " + wanted.getPort() + " (ss -ltnp shows it), or take another";
            throw new IOException(
                    "cannot listen on " + Ends.text(wanted) + ": " + why + (why.contains("in use") ? help : ""), e);
        }
    }

    private void undo() {
        newUpstreams.forEach(LiveUpstream::close);
        for (OpenListener<P> listener : newListeners) {
            try {
                listener.server().stop(Duration.ZERO);
                listener.ended();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
