// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.Deadlines;
import dev.sluice.MemoryBudget;
import dev.sluice.Reader;
import dev.sluice.Server;
import dev.sluice.examples.l7.Front.Leg;
import dev.sluice.examples.l7.Front.Ways;
import dev.sluice.examples.l7.L7.Plan;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.ListenerCounts;
import dev.sluice.examples.proxy.LiveUpstream;
import dev.sluice.examples.proxy.OpenListener;
import dev.sluice.examples.proxy.ServerConfig;
import dev.sluice.http.HttpAccessLog;
import dev.sluice.http.HttpAccessLogFile;
import dev.sluice.http.HttpProtocol;
import dev.sluice.tls.ServerTls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A listener that is open, its pools, and its certificates. */
final class L7Listener implements OpenListener<Plan> {
    /** What a server is made from. While that stays the same, so does the listener. */
    record Settings(
            ListenerConfig listener,
            HttpConfig http,
            ForwardingConfig forwarding,
            LimitsConfig limits,
            DeadlinesConfig deadlines,
            ServerConfig.Kind topology,
            int readers,
            boolean logs) {

        static Settings of(ListenerConfig listener, L7Config config) {
            return new Settings(
                    listener,
                    config.http(),
                    config.forwarding(),
                    config.limits(),
                    config.deadlines(),
                    config.server().topology(),
                    config.server().readers(),
                    config.server().accessLog() != null);
        }
    }

    private final Settings settings;
    private final ListenerCounts counts;
    private final RequestCounts requests;
    private final ServerTls tls; // null for none
    private final Front front;
    private final Server server;
    private Map<BackendPool.Key, BackendPool> pools; // under this

    /** Opens it. */
    L7Listener(Settings settings, Plan plan, ListenerCounts counts, RequestCounts requests, MemoryBudget budget)
            throws IOException {
        this.settings = settings;
        this.counts = counts;
        this.requests = requests;
        this.tls = plan.certificates().of(settings.listener.name());
        this.pools = new HashMap<>();
        this.front = new Front(counts, ways(plan, pools));
        this.server = Server.builder()
                .name("l7-" + settings.listener.name())
                .listen(settings.listener.toEndpoint(settings.limits, tls), protocol())
                .topology(plan.config().server().toTopology())
                .limits(settings.limits.toLimits())
                .deadlines(deadlines())
                .budget(budget)
                .start();
        pools.values().forEach(pool -> requests.add(pool.upstream(), pool.backends()));
    }

    private HttpProtocol protocol() {
        HttpProtocol protocol = HttpProtocol.streaming(front)
                .withLimits(BackendPool.limits(settings.http.head()).withBodyBytes(settings.http.body()));
        return settings.logs ? protocol.withAccessLog(HttpAccessLog.combined(this::log)) : protocol;
    }

    private void log(ByteBuffer line) {
        HttpAccessLogFile log = counts.log.get();
        if (log != null) {
            log.line(line);
        }
    }

    private Deadlines deadlines() {
        return Deadlines.defaults()
                .withConnect(settings.deadlines.connect())
                .withHandshake(settings.deadlines.handshake())
                .withFirstByte(settings.deadlines.request())
                .withFrame(settings.deadlines.request())
                .withIdle(settings.deadlines.idle())
                .withWriteStall(settings.deadlines.writeStall());
    }

    /** Makes the pools of a plan, puts them into {@code next}, and takes those of before that stay the same. */
    private Ways ways(Plan plan, Map<BackendPool.Key, BackendPool> next) {
        List<RouteConfig> routes = plan.config().routes().stream()
                .filter(route -> route.isFor(name()))
                .toList();
        Routing<Leg> routing = Routing.of(routes, route -> path -> leg(route, path, plan, next));
        return new Ways(routing, List.copyOf(next.values()));
    }

    private Leg leg(RouteConfig route, String path, Plan plan, Map<BackendPool.Key, BackendPool> next) {
        if (route.upstream() == null) {
            return new Leg(null, -1, false);
        }
        LiveUpstream upstream = plan.upstreams().get(route.upstream());
        BackendPool.Key key =
                BackendPool.Key.of(route, path, upstream, plan.config().upstream(route.upstream()));
        BackendPool pool = next.computeIfAbsent(key, made -> {
            BackendPool before = pools.get(made);
            return before != null ? before : BackendPool.of(made, settings.http, settings.forwarding);
        });
        return new Leg(pool, route.body(), route.replace() != null);
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

    /** Requests that are under way. */
    long active() {
        return figures().active();
    }

    private synchronized RequestFigures figures() {
        RequestFigures sum = RequestFigures.NONE;
        for (BackendPool pool : pools.values()) {
            sum = sum.plus(pool.backends().status());
        }
        return sum;
    }

    @Override
    public synchronized void plan(Plan plan) {
        plan.certificates().renew(name(), tls);
        Map<BackendPool.Key, BackendPool> next = new HashMap<>();
        Ways asked = ways(plan, next);
        next.forEach((key, pool) -> {
            if (!pools.containsKey(key)) {
                requests.add(pool.upstream(), pool.backends());
            }
        });
        List<BackendPool> gone = pools.values().stream()
                .filter(pool -> !next.containsKey(pool.key()))
                .toList();
        front.become(asked);
        pools = next;
        if (!gone.isEmpty()) {
            whenNoneIsAsked(() -> gone.forEach(this::retire));
        }
    }

    /** Who is in the middle of finding a way may have found an old one: each Reader comes to an end with that first. */
    private void whenNoneIsAsked(Runnable action) {
        List<Reader> readers = server.readers();
        AtomicInteger left = new AtomicInteger(readers.size());
        Runnable passed = () -> {
            if (left.decrementAndGet() == 0) {
                action.run();
            }
        };
        for (Reader reader : readers) {
            if (!reader.execute(passed)) {
                passed.run();
            }
        }
    }

    private void retire(BackendPool pool) {
        pool.backends().close();
        requests.retire(pool.upstream(), pool.backends());
    }

    @Override
    public void leaving() {
        front.leave();
    }

    /** All that it has are connections to backends which nobody uses, and for which nobody comes any more. */
    @Override
    public boolean hasLeft() {
        long before = figures().idle();
        return server.connections() == before && figures().idle() == before; // else one ended meanwhile
    }

    @Override
    public synchronized void ended() {
        pools.values().forEach(this::retire);
        pools = new HashMap<>();
    }
}
