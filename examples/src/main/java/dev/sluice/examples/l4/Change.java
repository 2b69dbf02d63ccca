// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.MemoryBudget;
import dev.sluice.examples.l4.OpenListener.Plan;
import dev.sluice.examples.l4.OpenListener.Settings;
import dev.sluice.examples.proxy.Ends;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.LiveUpstream;
import dev.sluice.examples.proxy.UpstreamConfig;
import dev.sluice.examples.proxy.UpstreamCounts;
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
 * runs is touched. What stays the same is taken from what runs.
 */
final class Change {
    private final L4Config config;
    private final Map<String, OpenListener> openBefore;
    private final Map<String, LiveUpstream> upstreamsBefore;

    final Map<String, LiveUpstream> upstreams = new LinkedHashMap<>();
    final Map<String, OpenListener> listeners = new LinkedHashMap<>();
    final List<LiveUpstream> newUpstreams = new ArrayList<>();
    final List<OpenListener> newListeners = new ArrayList<>();
    Plan plan;

    Change(L4Config config, Map<String, OpenListener> openBefore, Map<String, LiveUpstream> upstreamsBefore) {
        this.config = config;
        this.openBefore = openBefore;
        this.upstreamsBefore = upstreamsBefore;
    }

    /**
     * Makes what is new.
     *
     * @throws IOException if an address can't be listened on; nothing is left of it then
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
            plan = new Plan(Routing.of(config), Map.copyOf(upstreams));
            for (ListenerConfig listener : config.listeners()) {
                listeners.put(listener.name(), listener(listener, listenerCounts.apply(listener.name()), budget));
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
            return before;
        }
        SourceAddresses from = upstream.sources().isEmpty() ? null : sources.apply(upstream.sources());
        LiveUpstream made = LiveUpstream.start(upstream, counts, from);
        newUpstreams.add(made);
        return made;
    }

    private OpenListener listener(ListenerConfig listener, ListenerCounts counts, MemoryBudget budget)
            throws IOException {
        Settings settings = Settings.of(listener, config, plan.routing());
        OpenListener before = openBefore.get(listener.name());
        if (before != null && before.settings().equals(settings)) {
            return before;
        }
        requireFree(OpenListener.endpoint(listener).address());
        OpenListener made = new OpenListener(settings, config.server(), plan, counts, budget);
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
            throw new IOException("cannot listen on " + Ends.text(wanted) + ": " + why, e);
        }
    }

    private void undo() {
        newUpstreams.forEach(LiveUpstream::close);
        for (OpenListener listener : newListeners) {
            try {
                listener.server().stop(Duration.ZERO);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
