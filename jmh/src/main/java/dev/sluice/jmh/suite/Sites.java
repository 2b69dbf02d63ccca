// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Measured;
import dev.sluice.jmh.Program;
import dev.sluice.jmh.TemporaryDirectory;
import dev.sluice.jmh.web.Wrk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Servers of HTTP that are measured in turn, a window each: A B C, A B C. What they need is in a directory of theirs. */
final class Sites implements AutoCloseable {
    static final String NO_WRK = "Nothing was measured: there is no wrk";

    private static final int ATTEMPTS = 10;

    private final Bench bench;
    private final TemporaryDirectory directory = TemporaryDirectory.create();
    private final Wrk wrk;
    private final List<Site> sites = new ArrayList<>();
    private final List<Measured> beside = new ArrayList<>(); // on the clients' processor

    Sites(Bench bench) throws IOException {
        this.bench = bench;
        this.wrk = new Wrk(bench.loadPin(), directory.path());
    }

    static boolean hasWrk() {
        return Program.find("wrk").isPresent();
    }

    Path directory() {
        return directory.path();
    }

    /** Adds a server of Java, by the name that {@link dev.sluice.jmh.Serve} knows. */
    void serve(String name, String served) throws IOException, InterruptedException {
        bench.progress().now("starting " + name);
        Optional<Bench.Listening> listening = bench.listen(name, served);
        listening.ifPresent(it -> add(new Site(name, it.server(), "http://127.0.0.1:" + it.port())));
    }

    /** Adds a program that listens without TLS. */
    void start(String name, int port, List<String> command) throws IOException {
        bench.progress().now("starting " + name);
        add(new Site(name, start(port, command), "http://127.0.0.1:" + port));
    }

    Program start(int port, List<String> command) throws IOException {
        return Program.start(bench.serverPin(), directory(), port, command);
    }

    void add(Site site) {
        sites.add(site);
    }

    /** Whose processor time counts as that of clients. It ends with these. */
    void addBeside(Measured process) {
        beside.add(process);
    }

    List<Site> list() {
        return sites;
    }

    /** Asks each for a time that isn't measured, so many times as long as servers are warmed up for one way. */
    void warmUp(String target, int connections, int times) throws IOException, InterruptedException {
        for (Site site : sites) {
            bench.progress().now("warming up " + site.name());
            wrk.ask(
                    site.address() + target,
                    connections,
                    seconds(times * bench.settings().warmMillis()));
        }
    }

    /** A window of requests for each, on so many connections that are kept, in every round. */
    void ask(Rows rows, String scenario, String target, int connections) throws IOException, InterruptedException {
        for (int round = 0; round < bench.settings().rounds(); round++) {
            for (Site site : sites) {
                bench.progress().step(scenario + ", " + site.name());
                ask(rows, scenario, target, connections, site);
            }
        }
    }

    private void ask(Rows rows, String scenario, String target, int connections, Site site)
            throws IOException, InterruptedException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (asked(rows, scenario, target, connections, site)) {
                return;
            }
        }
        throw new IOException(site.name() + " has answered nothing in " + ATTEMPTS + " windows");
    }

    /** Returns whether anything came, which on a busy machine may need longer than a short window. */
    private boolean asked(Rows rows, String scenario, String target, int connections, Site site)
            throws IOException, InterruptedException {
        Taken before = taken(site);
        Optional<Wrk.Window> came = wrk.ask(
                site.address() + target, connections, seconds(bench.settings().windowMillis()));
        if (came.isEmpty()) {
            return false;
        }
        Wrk.Window window = came.get();
        long nanos = Math.round(window.seconds() * 1e9);
        rows.add(scenario, site.name(), taken(site).since(before, window.requests(), nanos));
        rows.add(scenario, site.name(), "p99Micros", window.p99Micros());
        return true;
    }

    /**
     * A window for each that has clients of its own, who are told a line and say how many items they have had, in every round.
     *
     * @param millis of the window, as the line says it
     */
    void tell(Rows rows, String scenario, String line, int millis) throws IOException, InterruptedException {
        for (int round = 0; round < bench.settings().rounds(); round++) {
            for (Site site : sites) {
                bench.progress().step(scenario + ", " + site.name());
                Taken before = taken(site);
                long start = System.nanoTime();
                long items = Long.parseLong(site.clients().ask(line + " " + millis));
                rows.add(scenario, site.name(), taken(site).since(before, items, System.nanoTime() - start));
            }
        }
    }

    /** Processor time until now. */
    private record Taken(long server, long load, long machine) {
        Window since(Taken before, long items, long nanos) {
            return new Window(items, nanos, server - before.server, load - before.load, machine - before.machine);
        }
    }

    private Taken taken(Site site) throws IOException {
        long load = Surroundings.endedChildrenNanos();
        for (Measured process : beside) {
            load += process.cpuNanos();
        }
        if (site.clients() != null) {
            load += site.clients().cpuNanos();
        }
        return new Taken(site.server().cpuNanos(), load, Surroundings.busyNanos());
    }

    /** Of which wrk takes whole ones only. */
    private static int seconds(int millis) {
        return Math.max(1, Math.round(millis / 1000f));
    }

    @Override
    public void close() throws IOException {
        try (directory) {
            IOException failed = null;
            for (Site site : sites) {
                failed = closed(site, failed);
            }
            for (Measured process : beside) {
                failed = closed(process, failed);
            }
            if (failed != null) {
                throw failed;
            }
        }
    }

    private static IOException closed(AutoCloseable one, IOException failed) {
        try {
            one.close();
            return failed;
        } catch (IOException e) {
            return e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
