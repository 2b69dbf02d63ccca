// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Certificates;
import dev.sluice.jmh.Child;
import dev.sluice.jmh.WebPages;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What TLS to the backend costs a layer 7 proxy. */
final class ToTlsGroup implements Group {
    private static final String PLAIN = "plain";
    private static final String RESUMED = "TLS, resumed";
    private static final String FULL = "TLS, full handshakes";
    private static final int CONNECTIONS = 16;
    private static final int WAYS = 3;
    private static final int WARM_TIMES = 5;

    @Override
    public String name() {
        return "to-tls";
    }

    @Override
    public String title() {
        return "TLS from a layer 7 proxy to its backend";
    }

    @Override
    public String explanation() {
        return "Sluice's proxy asks a backend, Sluice's server of HTTP, without TLS, and by TLS 1.3 with one certificate of P-256 that it"
                + " verifies; over connections that it keeps, and over one for each request, which the backend ends."
                + " Requests are wrk's, on " + CONNECTIONS
                + " connections without TLS; a reply has a body of 13 bytes. Over"
                + " connections that are kept there are no handshakes, and both proxies by TLS are alike. *Server* is the"
                + " proxy; the backend is on the clients' processor and counts among them. What the backend's part of it"
                + " costs is told by `dev.sluice.jmh.inside.InsideCost`.";
    }

    @Override
    public List<Column> columns() {
        return Column.ofWindows("request", PLAIN);
    }

    @Override
    public Optional<Row> baseline(Row row, List<Row> all) {
        return Group.sameScenario(row, PLAIN, all);
    }

    @Override
    public String plotTitle() {
        return "proxy's CPU per request ÷ plain";
    }

    @Override
    public double plotted(Row row, Row base) {
        return Row.median(row.ratios(base, "serverCpuMicros"));
    }

    @Override
    public int steps(Settings settings) {
        return settings.rounds() * WAYS * 2;
    }

    @Override
    public List<Row> measure(Bench bench) throws Exception {
        Rows rows = new Rows();
        if (!Sites.hasWrk()) {
            bench.note(Sites.NO_WRK);
            return rows.list();
        }
        try (Sites sites = new Sites(bench)) {
            Certificates certificates = Certificates.make(sites.directory());
            String plain = backend(bench, sites, "web/sluice");
            String tls = backend(bench, sites, "tls/sluice/" + certificates.directory());
            sites.serve(PLAIN, "proxy/sluice/" + plain);
            sites.serve(RESUMED, "to-tls/resumed/" + tls + "/" + certificates.directory());
            sites.serve(FULL, "to-tls/full/" + tls + "/" + certificates.directory());
            for (int i = 0; i < 2; i++) {
                sites.warmUp(WebPages.SMALL, CONNECTIONS, WARM_TIMES);
                sites.warmUp(WebPages.LAST, CONNECTIONS, 2 * WARM_TIMES);
            }
            sites.ask(rows, "kept connections", WebPages.SMALL, CONNECTIONS);
            sites.ask(rows, "a connection for each request", WebPages.LAST, CONNECTIONS);
        }
        return rows.list();
    }

    private static String backend(Bench bench, Sites sites, String served) throws IOException, InterruptedException {
        Child backend = bench.backend(served);
        sites.addBeside(backend);
        return backend.answer().split(" ")[1];
    }
}
