// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.examples.proxy.Snapshot.BackendView;
import dev.sluice.examples.proxy.Snapshot.ListenerView;
import dev.sluice.examples.proxy.Snapshot.UpstreamView;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/** The figures for scrapers. */
final class MetricsPage {
    private final Snapshot snapshot;
    private final Words words;
    private final Exposition out = new Exposition();

    private MetricsPage(Snapshot snapshot, Words words) {
        this.words = words;
        this.snapshot = snapshot;
    }

    static String of(Snapshot snapshot, Words words, Consumer<Exposition> more) {
        MetricsPage page = new MetricsPage(snapshot, words);
        page.proxy();
        page.listeners();
        page.closed();
        page.handshakes();
        page.upstreams();
        page.backends();
        more.accept(page.out);
        return page.out.toString();
    }

    private Exposition gauge(String name, String help) {
        return out.gauge(words.proxy() + "_" + name, help);
    }

    private Exposition counter(String name, String help) {
        return out.counter(words.proxy() + "_" + name, help);
    }

    private void proxy() {
        gauge("uptime_seconds", "Time since the start.").sample(snapshot.up().toMillis() / 1000.0);
        gauge("draining", "Whether the proxy is ending.").sample(snapshot.draining() ? 1 : 0);
        counter("reloads_total", "Configurations that were read again, by what came of it.")
                .sample(snapshot.reloads(), "outcome", "taken")
                .sample(snapshot.failedReloads(), "outcome", "refused");
    }

    private void listeners() {
        gauge("listener_" + words.active(), words.title() + " that are going on.");
        eachListener(ListenerView::active);
        counter("listener_unrouted_total", "Those whom no route takes, or a route refuses.");
        eachListener(ListenerView::unrouted);
        gauge("listener_connections", "Connections that are held, of both sides.");
        eachListener(view -> view.figures().connections());
        gauge("listener_paused_connections", "Connections that are not read, for the other side doesn't read.");
        eachListener(view -> view.figures().paused());
        gauge("listener_lent_bytes", "Memory of bytes that wait.");
        eachListener(view -> view.figures().lentBytes());
        counter("listener_accepted_total", "Clients that were let in.");
        eachListener(view -> view.figures().accepted());
        counter("listener_accept_errors_total", "Times that accepting a client failed.");
        eachListener(view -> view.figures().acceptErrors());
        counter("listener_read_bytes_total", "Bytes that were read, of both sides.");
        eachListener(view -> view.figures().bytesRead());
        counter("listener_written_bytes_total", "Bytes that were written, of both sides.");
        eachListener(view -> view.figures().bytesWritten());
    }

    private void eachListener(ToDoubleFunction<ListenerView> figure) {
        for (ListenerView view : snapshot.listeners()) {
            out.sample(figure.applyAsDouble(view), "listener", view.name());
        }
    }

    private void closed() {
        counter("closed_connections_total", "Connections that have ended, of both sides, by why.");
        for (ListenerView view : snapshot.listeners()) {
            view.figures()
                    .closed()
                    .forEach((kind, number) ->
                            out.sample(number, "listener", view.name(), "reason", label(kind.name())));
        }
        counter("refused_clients_total", "Clients that were not let in, by what there was none left of.");
        for (ListenerView view : snapshot.listeners()) {
            view.figures()
                    .refused()
                    .forEach((cause, number) ->
                            out.sample(number, "listener", view.name(), "cause", label(cause.name())));
        }
    }

    private void handshakes() {
        gauge("listener_handshakes", "Handshakes of TLS with clients, by whether they have begun or wait for that.");
        for (ListenerView view : snapshot.listeners()) {
            out.sample(view.figures().handshakes().underWay(), "listener", view.name(), "state", "under_way");
            out.sample(view.figures().handshakes().waiting(), "listener", view.name(), "state", "waiting");
        }
        counter("handshakes_total", "Handshakes of TLS with clients that are over, by what has become of them.");
        for (ListenerView view : snapshot.listeners()) {
            view.figures()
                    .handshakes()
                    .ended()
                    .forEach(
                            (end, number) -> out.sample(number, "listener", view.name(), "outcome", label(end.name())));
        }
    }

    private void upstreams() {
        gauge("upstream_panic", "Whether all backends are used because too few are good.");
        for (UpstreamView view : snapshot.upstreams()) {
            out.sample(view.panic() ? 1 : 0, "upstream", view.name());
        }
        counter("upstream_retries_total", "Tries with another backend after one had failed.");
        for (UpstreamView view : snapshot.upstreams()) {
            out.sample(view.retries(), "upstream", view.name());
        }
        counter("upstream_without_backend_total", "Clients for whom there was no backend, by why.");
        for (UpstreamView view : snapshot.upstreams()) {
            view.withoutBackend().forEach((why, number) -> out.sample(number, "upstream", view.name(), "reason", why));
        }
        if (snapshot.upstreams().stream().anyMatch(view -> view.bytesFromClients() >= 0)) {
            counter("upstream_relayed_bytes_total", "Bytes of relays that have ended, by who sent them.");
            for (UpstreamView view : snapshot.upstreams()) {
                out.sample(view.bytesFromClients(), "upstream", view.name(), "from", "client");
                out.sample(view.bytesFromBackends(), "upstream", view.name(), "from", "backend");
            }
        }
    }

    private void backends() {
        gauge("backend_up", "Whether it is used by its own merit.");
        eachBackend(view -> view.isUsed() ? 1 : 0);
        gauge("backend_" + words.active(), words.title() + " that it has.");
        eachBackend(BackendView::active);
        gauge("backend_weight", "Its share beside the others.");
        eachBackend(BackendView::weight);
        counter("backend_picks_total", "Times that it was chosen.");
        eachBackend(BackendView::picked);
        counter("backend_connects_total", "Connections that came to be.");
        eachBackend(BackendView::connected);
        counter("backend_failures_total", "Connects that failed, and connections that failed early.");
        eachBackend(BackendView::failed);
        gauge("backend_ejections", "Times in succession that it was left out for failures.");
        eachBackend(BackendView::ejections);
    }

    private void eachBackend(ToDoubleFunction<BackendView> figure) {
        for (UpstreamView upstream : snapshot.upstreams()) {
            for (BackendView view : upstream.backends()) {
                out.sample(
                        figure.applyAsDouble(view),
                        "upstream",
                        upstream.name(),
                        "backend",
                        view.name(),
                        "address",
                        view.address());
            }
        }
    }

    private static String label(String constant) {
        return constant.toLowerCase(Locale.ROOT);
    }
}
