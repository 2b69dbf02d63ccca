// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Certificates;
import dev.sluice.jmh.Child;
import dev.sluice.jmh.Measured;
import dev.sluice.jmh.Program;
import dev.sluice.jmh.WebPages;
import dev.sluice.jmh.inside.Askers;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What TLS costs a server. */
final class TlsGroup implements Group {
    private static final String SLUICE = "sluice";
    private static final String NETTY = "netty";
    private static final List<String> NAMES = List.of(SLUICE, NETTY, "nginx");
    private static final int CONNECTIONS = 64;
    private static final int SCENARIOS = 4;
    private static final int HANDSHAKES_PER_WARM_MILLISECOND = 5;
    /** The JDK compiles what seals and opens records for as long. */
    private static final int WARM_TIMES = 10;

    private static final List<String> HANDSHAKES = List.of("TLS_FULL", "TLS_RESUMED"); // as Askers calls them

    @Override
    public String name() {
        return "tls";
    }

    @Override
    public String title() {
        return "Servers by TLS";
    }

    @Override
    public String explanation() {
        return "TLS 1.3 with AES-256-GCM and X25519, one certificate of P-256. Requests are wrk's, on " + CONNECTIONS
                + " connections that are open, for"
                + " bodies of 13 bytes and of 100 KiB. Connections are opened by a client in Java, 16 at a time, each for one"
                + " request of 13 bytes, with full handshakes and with ones that are resumed; clients take more"
                + " processor time for them than servers, so compare that of servers. Before anything is counted, each"
                + " server has done ten thousand handshakes of either kind, and has answered requests for twenty seconds: the JDK's"
                + " TLS becomes faster for as long."
                + " `netty` uses the JDK's TLS as Sluice does, nginx OpenSSL. *p99* is that of a server that is kept full, so"
                + " the queue is in it.";
    }

    @Override
    public List<Column> columns() {
        return ProxyGroup.withP99(Column.ofWindows("item", SLUICE));
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, SLUICE, all);
    }

    @Override
    public String plotTitle() {
        return "CPU per item ÷ sluice";
    }

    @Override
    public double plotted(Row row, Row base) {
        return Row.median(row.ratios(base, "serverCpuMicros"));
    }

    @Override
    public int steps(Settings settings) {
        return settings.rounds() * NAMES.size() * SCENARIOS;
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
            int millis = bench.settings().windowMillis();
            for (Site site : sites.list()) {
                warmUp(bench, site);
            }
            sites.tell(rows, "connections, full handshakes", HANDSHAKES.get(0), millis);
            sites.tell(rows, "connections, resumed", HANDSHAKES.get(1), millis);
            sites.warmUp(WebPages.SMALL, CONNECTIONS, WARM_TIMES);
            sites.ask(rows, "13 B, " + CONNECTIONS + " connections", WebPages.SMALL, CONNECTIONS);
            sites.warmUp(WebPages.LARGE, CONNECTIONS, 2);
            sites.ask(rows, "100 KiB, " + CONNECTIONS + " connections", WebPages.LARGE, CONNECTIONS);
        }
        return rows.list();
    }

    private static void warmUp(Bench bench, Site site) throws IOException, InterruptedException {
        for (String way : HANDSHAKES) {
            long left =
                    (long) HANDSHAKES_PER_WARM_MILLISECOND * bench.settings().warmMillis();
            while (left > 0) {
                bench.progress().now("warming up " + site.name() + ", " + left + " handshakes left, " + way);
                left -= Long.parseLong(
                        site.clients().ask(way + " " + bench.settings().warmMillis()));
            }
        }
    }

    private static void start(Bench bench, Sites sites) throws IOException, InterruptedException {
        Certificates certificates = Certificates.make(sites.directory());
        for (String name : List.of(SLUICE, NETTY)) {
            Optional<Bench.Listening> listening = bench.listen(name, "tls/" + name + "/" + certificates.directory());
            if (listening.isPresent()) {
                add(
                        bench,
                        sites,
                        name,
                        listening.get().server(),
                        listening.get().port());
            }
        }
        Optional<String> nginx = Program.find("nginx");
        if (nginx.isEmpty()) {
            bench.note("nginx was left out: there is none");
            return;
        }
        int port = Program.freePort();
        List<String> command = HttpPrograms.nginxTls(nginx.get(), sites.directory(), port, certificates);
        add(bench, sites, "nginx", sites.start(port, command), String.valueOf(port));
    }

    private static void add(Bench bench, Sites sites, String name, Measured server, String port) throws IOException {
        Child clients;
        try {
            clients = bench.clients(
                    name, Askers.class, port, port, sites.directory().toString());
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        sites.add(new Site(name, server, "https://127.0.0.1:" + port, clients));
    }
}
