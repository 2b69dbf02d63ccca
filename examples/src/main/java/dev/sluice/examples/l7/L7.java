// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.MemoryBudget;
import dev.sluice.examples.proxy.Certificates;
import dev.sluice.examples.proxy.ConfigException;
import dev.sluice.examples.proxy.Exposition;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.ListenerCounts;
import dev.sluice.examples.proxy.LiveUpstream;
import dev.sluice.examples.proxy.OpenListener;
import dev.sluice.examples.proxy.ProxyKind;
import dev.sluice.examples.proxy.ProxyProgram;
import dev.sluice.examples.proxy.Snapshot.UpstreamView;
import dev.sluice.examples.proxy.Words;
import dev.sluice.examples.proxy.WrongFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Proxies of layer 7, from a file or from a few words. */
public final class L7 {
    private L7() {}

    /**
     * Where requests go to.
     *
     * @param upstreams by their names
     * @param certificates of the listeners that speak TLS
     */
    record Plan(L7Config config, Map<String, LiveUpstream> upstreams, Certificates certificates) {}

    /**
     * Starts a proxy by a file; {@code docs/l7-configuration.md} says what is in it.
     *
     * @throws WrongFile if something is wrong in it
     * @throws IOException if a file can't be read, or an address can't be listened on
     */
    public static ProxyProgram start(Path file) throws WrongFile, IOException {
        return ProxyProgram.start(new Kind(), file);
    }

    /**
     * Starts a proxy of one listener and one upstream.
     *
     * @throws IllegalArgumentException if a word can't be read; the message says which
     * @throws IOException if a certificate can't be read, or an address can't be listened on
     */
    public static ProxyProgram start(L7Flags flags) throws IOException {
        return ProxyProgram.start(new Kind(), flags.config());
    }

    /**
     * Looks for what is wrong in a file.
     *
     * @throws WrongFile if there is something
     * @throws IOException if the file can't be read
     */
    public static void check(Path file) throws WrongFile, IOException {
        ProxyProgram.check(new Kind(), file);
    }

    /** One for each proxy: it counts what has become of its requests. */
    static final class Kind implements ProxyKind<L7Config, Plan> {
        private static final Words WORDS = new Words("l7", "requests");

        private final RequestCounts requests = new RequestCounts();

        @Override
        public Words words() {
            return WORDS;
        }

        @Override
        public L7Config read(Path file) throws ConfigException, IOException {
            return ConfigFile.read(file);
        }

        @Override
        public String text(L7Config config) {
            return ConfigText.of(config);
        }

        @Override
        public Plan plan(L7Config config, Map<String, LiveUpstream> upstreams) throws IOException {
            return new Plan(config, upstreams, Certificates.read(config.listeners(), "http/1.1"));
        }

        @Override
        public Object settings(ListenerConfig listener, L7Config config, Plan plan) {
            return L7Listener.Settings.of(listener, config);
        }

        @Override
        public OpenListener<Plan> open(
                ListenerConfig listener, L7Config config, Plan plan, ListenerCounts counts, MemoryBudget budget)
                throws IOException {
            return new L7Listener(L7Listener.Settings.of(listener, config), plan, counts, requests, budget);
        }

        @Override
        public long active(ListenerCounts counts, List<OpenListener<Plan>> open) {
            return open.stream().mapToLong(one -> ((L7Listener) one).active()).sum();
        }

        @Override
        public UpstreamView view(LiveUpstream upstream) {
            UpstreamView view = upstream.view();
            RequestFigures figures = requests.of(view.name());
            return new UpstreamView(
                    view.name(),
                    view.panic(),
                    figures.retries(),
                    Map.of("unavailable", figures.unavailable()),
                    -1,
                    -1,
                    view.backends());
        }

        @Override
        public void taken(Set<String> upstreams) {
            requests.forgetOthers(upstreams);
        }

        @Override
        public void metrics(Exposition out) {
            Map<String, RequestFigures> all = requests.all();
            out.counter("l7_requests_total", "Requests by what has become of them.");
            all.forEach((upstream, figures) -> outcomes(figures)
                    .forEach((outcome, number) -> out.sample(number, "upstream", upstream, "outcome", outcome)));
            out.gauge("l7_pool_connections", "Connections to backends.");
            all.forEach((upstream, figures) -> out.sample(figures.connections(), "upstream", upstream));
            out.gauge("l7_pool_idle_connections", "Connections to backends that no request has.");
            all.forEach((upstream, figures) -> out.sample(figures.idle(), "upstream", upstream));
            out.gauge("l7_pool_waiting_requests", "Requests that wait for a connection.");
            all.forEach((upstream, figures) -> out.sample(figures.waiting(), "upstream", upstream));
            out.counter("l7_pool_made_total", "Connects to backends that were begun.");
            all.forEach((upstream, figures) -> out.sample(figures.made(), "upstream", upstream));
            out.counter("l7_pool_reused_total", "Times that a connection to a backend was used again.");
            all.forEach((upstream, figures) -> out.sample(figures.reused(), "upstream", upstream));
        }

        private static Map<String, Long> outcomes(RequestFigures figures) {
            Map<String, Long> outcomes = new LinkedHashMap<>();
            outcomes.put("answered", figures.answered());
            outcomes.put("bad_gateway", figures.badGateway());
            outcomes.put("unavailable", figures.unavailable());
            outcomes.put("timeout", figures.timeouts());
            outcomes.put("broken_off", figures.brokenOff());
            outcomes.put("abandoned", figures.abandoned());
            return outcomes;
        }
    }
}
