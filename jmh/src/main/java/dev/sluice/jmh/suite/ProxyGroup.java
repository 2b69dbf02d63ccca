// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Child;
import dev.sluice.jmh.Program;
import dev.sluice.jmh.WebPages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a layer 7 proxy costs. */
final class ProxyGroup implements Group {
    private static final List<Integer> CONNECTIONS = List.of(64, 512);
    private static final int PROXIES = 6;
    private static final int WARM_TIMES = 5;

    @Override
    public String name() {
        return "proxy";
    }

    @Override
    public String title() {
        return "Layer 7 proxies";
    }

    @Override
    public String explanation() {
        return "Requests through a reverse proxy, on so many connections that are kept, by wrk. The proxy has the servers'"
                + " processor; one server of HTTP, Sluice's, is on the clients' and counts among them, so *server* is the"
                + " proxy alone. `direct` is the same server without a proxy, on the servers' processor. A reply has a body"
                + " of 13 bytes. `nio` is the relay in 200 lines of `java.nio`, which passes on bytes and reads none of"
                + " them: less can't be done. `netty` is a proxy by its HTTP codecs as one writes it, without limits and"
                + " deadlines. nginx is one process, HAProxy one thread; all but `nio` keep connections to the backend, share"
                + " them between clients, and tell the backend the client's address. *p99* is that of a server that is kept"
                + " full, so the queue is in it.";
    }

    @Override
    public List<Column> columns() {
        return withP99(Column.ofWindows("request", EchoGroup.FLOOR));
    }

    static List<Column> withP99(List<Column> columns) {
        List<Column> all = new ArrayList<>(columns);
        all.add(new Column("p99, µs", (row, base) -> Column.whole(row.median("p99Micros"))));
        return all;
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, EchoGroup.FLOOR, all);
    }

    @Override
    public String plotTitle() {
        return "proxy's CPU per request ÷ nio";
    }

    @Override
    public double plotted(Row row, Row base) {
        return Row.median(row.ratios(base, "serverCpuMicros"));
    }

    @Override
    public int steps(Settings settings) {
        return settings.rounds() * PROXIES * CONNECTIONS.size();
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        if (!Sites.hasWrk()) {
            bench.note(Sites.NO_WRK);
            return rows.list();
        }
        try (Sites sites = new Sites(bench)) {
            start(bench, sites);
            for (int connections : CONNECTIONS) {
                sites.warmUp(WebPages.SMALL, connections, WARM_TIMES);
            }
            for (int connections : CONNECTIONS) {
                String scenario = String.format(Locale.ROOT, "%,d connections", connections);
                sites.ask(rows, scenario, WebPages.SMALL, connections);
            }
        }
        return rows.list();
    }

    private static void start(Bench bench, Sites sites) throws IOException, InterruptedException {
        Child backend = bench.backend("web/sluice");
        sites.addBeside(backend);
        String port = backend.answer().split(" ")[1];
        sites.serve(Relays.DIRECT, "web/sluice");
        sites.serve("sluice", "proxy/sluice/" + port);
        sites.serve("nio", "relay/nio/" + port);
        sites.serve("netty", "proxy/netty/" + port);
        int own = Program.freePort();
        Optional<String> nginx = Program.find("nginx");
        if (nginx.isPresent()) {
            sites.start("nginx", own, HttpPrograms.nginxProxy(nginx.get(), sites.directory(), own, port));
        } else {
            bench.note("nginx was left out: there is none");
        }
        int another = Program.freePort();
        Optional<String> haproxy = Program.find("haproxy");
        if (haproxy.isPresent()) {
            sites.start("haproxy", another, HttpPrograms.haproxy(haproxy.get(), sites.directory(), another, port));
        } else {
            bench.note("haproxy was left out: there is none");
        }
    }
}
