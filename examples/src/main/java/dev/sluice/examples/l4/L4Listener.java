// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.Deadlines;
import dev.sluice.MemoryBudget;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.examples.l4.L4.Plan;
import dev.sluice.examples.proxy.Ends;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.ListenerCounts;
import dev.sluice.examples.proxy.OpenListener;
import dev.sluice.examples.proxy.ServerConfig;
import dev.sluice.http.HttpAccessLogFile;
import dev.sluice.prelude.ClientHello;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayReport;
import dev.sluice.relay.RelayRequest;
import dev.sluice.relay.RelayTarget;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A listener that is open, and its relays. */
final class L4Listener implements OpenListener<Plan> {
    /**
     * What a server is made from. While that stays the same, so does the listener.
     *
     * @param readsHello whether a route asks for what a ClientHello says, which is passed on
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
                    listener.tls() == null && routing.needsHello(listener.name()),
                    config.limits(),
                    config.deadlines(),
                    config.server().topology(),
                    config.server().readers());
        }
    }

    private final Settings settings;
    private final ListenerCounts counts;
    private final ServerTls tls; // null if it isn't ended here
    private final Server server;
    private volatile Ways ways;

    private record Ways(Routing routing, Map<String, BackendTarget.Path> paths) {}

    /** Opens it. */
    L4Listener(Settings settings, ServerConfig config, Plan plan, ListenerCounts counts, MemoryBudget budget)
            throws IOException {
        this.settings = settings;
        this.counts = counts;
        this.tls = plan.certificates().of(settings.listener.name());
        take(plan);
        Protocol<?> protocol = settings.readsHello ? Relay.byHello(this::route) : Relay.to(this::route);
        this.server = Server.builder()
                .name("l4-" + settings.listener.name())
                .listen(settings.listener.toEndpoint(settings.limits, tls), protocol)
                .topology(config.toTopology())
                .limits(settings.limits.toLimits())
                .deadlines(deadlines(settings.deadlines))
                .budget(budget)
                .start();
    }

    private static Deadlines deadlines(DeadlinesConfig deadlines) {
        return Deadlines.defaults()
                .withConnect(deadlines.connect())
                .withHandshake(deadlines.hello())
                .withFirstByte(deadlines.hello())
                .withFrame(deadlines.hello())
                .withIdle(deadlines.idle())
                .withWriteStall(deadlines.writeStall());
    }

    @Override
    public Settings settings() {
        return settings;
    }

    @Override
    public String name() {
        return settings.listener.name();
    }

    @Override
    public ListenerCounts counts() {
        return counts;
    }

    @Override
    public Server server() {
        return server;
    }

    @Override
    public void plan(Plan plan) {
        take(plan);
        plan.certificates().renew(name(), tls);
    }

    private void take(Plan plan) {
        Map<String, BackendTarget.Path> paths = new HashMap<>();
        plan.upstreams().forEach((name, upstream) -> paths.put(name, new BackendTarget.Path(this, upstream)));
        ways = new Ways(plan.routing(), paths);
    }

    // ---- its Readers' threads

    private RelayTarget route(RelayRequest request) {
        SocketAddress client = request.client().remoteAddress();
        SocketAddress own = request.client().localAddress();
        Ways now = ways;
        String name = now.routing.upstream(
                name(),
                hello(request),
                client instanceof InetSocketAddress inet ? inet.getAddress() : null,
                own instanceof InetSocketAddress inet ? inet.getPort() : 0);
        if (name == null) {
            counts.unrouted.increment();
            refused(client, null);
            return null;
        }
        BackendTarget target = BackendTarget.of(now.paths.get(name), client);
        if (target == null) {
            refused(client, name);
            return null;
        }
        counts.active.incrementAndGet();
        return target;
    }

    /** What the client has said; where TLS ends here, what has come of that. */
    private static ClientHello hello(RelayRequest request) {
        TlsInfo info = request.client().tlsInfo();
        if (info == null) {
            return request.hello();
        }
        List<String> protocols = info.protocol() == null ? List.of() : List.of(info.protocol());
        return new ClientHello(info.serverName(), protocols, List.of(), ClientHello.Ech.NONE, 0);
    }

    private void refused(SocketAddress client, String upstream) {
        HttpAccessLogFile log = counts.log.get();
        if (log != null) {
            AccessLines.refused(log, name(), Ends.text(client), upstream, System.currentTimeMillis());
        }
    }

    /** A relay has ended, or could not be made, in which case there is no report. */
    void ended(BackendTarget target, RelayReport report) {
        counts.active.decrementAndGet();
        HttpAccessLogFile log = counts.log.get();
        if (log != null) {
            AccessLines.ended(log, name(), target, report, System.currentTimeMillis());
        }
    }
}
