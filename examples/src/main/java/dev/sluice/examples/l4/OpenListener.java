// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.Deadlines;
import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.MemoryBudget;
import dev.sluice.Protocol;
import dev.sluice.ProxyProtocol;
import dev.sluice.Server;
import dev.sluice.examples.proxy.Ends;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.LiveUpstream;
import dev.sluice.examples.proxy.ServerConfig;
import dev.sluice.prelude.IpNetwork;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayReport;
import dev.sluice.relay.RelayRequest;
import dev.sluice.relay.RelayTarget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * A listener that is open, with a server of its own, since what a server was made from doesn't change while it runs: another
 * server takes the place of one whose settings have changed. Where clients go to may change at any time.
 */
final class OpenListener {
    /**
     * What a server is made from. While that stays the same, so does the listener.
     *
     * @param readsHello whether a route asks for what a ClientHello says
     */
    record Settings(
            ListenerConfig listener,
            boolean readsHello,
            LimitsConfig limits,
            DeadlinesConfig deadlines,
            ServerConfig.Kind topology,
            int readers) {

        static Settings of(ListenerConfig listener, L4Config config, Routing routing) {
            return new Settings(
                    listener,
                    routing.needsHello(listener.name()),
                    config.limits(),
                    config.deadlines(),
                    config.server().topology(),
                    config.server().readers());
        }
    }

    /** Where clients go to. */
    record Plan(Routing routing, Map<String, LiveUpstream> upstreams) {}

    private final Settings settings;
    private final ListenerCounts counts;
    private final Server server;
    private volatile Ways ways;

    private record Ways(Routing routing, Map<String, Way.Path> paths) {}

    /** Opens it. */
    OpenListener(Settings settings, ServerConfig config, Plan plan, ListenerCounts counts, MemoryBudget budget)
            throws IOException {
        this.settings = settings;
        this.counts = counts;
        plan(plan);
        Protocol<?> protocol = settings.readsHello ? Relay.byHello(this::route) : Relay.to(this::route);
        this.server = Server.builder()
                .name("l4-" + settings.listener.name())
                .listen(endpoint(settings.listener).withConnections(clients(settings)), protocol)
                .topology(config.toTopology())
                .limits(limits(settings.limits))
                .deadlines(deadlines(settings.deadlines))
                .budget(budget)
                .start();
    }

    /** Most clients: for each of them there is to be room for a backend's connection too, however many come at once. */
    private static int clients(Settings settings) {
        return Math.min(settings.listener.connections(), Math.max(1, settings.limits.connections() / 2));
    }

    /** Its endpoint. A name is looked up here. */
    static Endpoint endpoint(ListenerConfig listener) {
        Endpoint endpoint = Endpoint.parse("tcp://" + listener.address()).withConnections(listener.connections());
        if (listener.trusted().isEmpty()) {
            return endpoint;
        }
        String[] networks = listener.trusted().stream().map(IpNetwork::toString).toArray(String[]::new);
        return endpoint.withProxyProtocol(ProxyProtocol.requiredFrom(networks));
    }

    private static Limits limits(LimitsConfig limits) {
        return Limits.defaults()
                .withConnections(limits.connections())
                .withConnectionsPerSource(limits.connectionsPerSource())
                .withAcceptRate(limits.acceptsPerSecond(), limits.acceptsPerSecond());
    }

    private static Deadlines deadlines(DeadlinesConfig deadlines) {
        return Deadlines.defaults()
                .withConnect(deadlines.connect())
                .withFirstByte(deadlines.hello())
                .withFrame(deadlines.hello())
                .withIdle(deadlines.idle())
                .withWriteStall(deadlines.writeStall());
    }

    Settings settings() {
        return settings;
    }

    String name() {
        return settings.listener.name();
    }

    ListenerCounts counts() {
        return counts;
    }

    Server server() {
        return server;
    }

    /** From now on clients go there. */
    void plan(Plan plan) {
        Map<String, Way.Path> paths = new HashMap<>();
        plan.upstreams.forEach((name, upstream) -> paths.put(name, new Way.Path(this, upstream)));
        ways = new Ways(plan.routing, paths);
    }

    // ---- its Readers' threads

    private RelayTarget route(RelayRequest request) {
        SocketAddress client = request.client().remoteAddress();
        SocketAddress own = request.client().localAddress();
        Ways now = ways;
        String name = now.routing.upstream(
                name(),
                request.hello(),
                client instanceof InetSocketAddress inet ? inet.getAddress() : null,
                own instanceof InetSocketAddress inet ? inet.getPort() : 0);
        if (name == null) {
            counts.unrouted.increment();
            refused(client, null);
            return null;
        }
        Way way = Way.of(now.paths.get(name), client);
        if (way == null) {
            refused(client, name);
            return null;
        }
        counts.relays.incrementAndGet();
        return way;
    }

    private void refused(SocketAddress client, String upstream) {
        AccessLog log = counts.log.get();
        if (log != null) {
            log.refused(name(), Ends.text(client), upstream, System.currentTimeMillis());
        }
    }

    /** A relay has ended, or could not be made, in which case there is no report. */
    void ended(Way way, RelayReport report) {
        counts.relays.decrementAndGet();
        AccessLog log = counts.log.get();
        if (log != null) {
            log.ended(name(), way, report, System.currentTimeMillis());
        }
    }
}
