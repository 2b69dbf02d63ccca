// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What the proxy shows of itself: figures of one moment, or nearly so.
 *
 * @param up since its start
 * @param draining whether it is ending
 * @param reloads times that a configuration was taken over, the first not counted
 * @param failedReloads times that one was not, for its errors
 * @param listeners those of the configuration, and behind them the last that have been
 * @param upstreams those of the configuration
 */
public record Snapshot(
        Duration up,
        boolean draining,
        long reloads,
        long failedReloads,
        List<ListenerView> listeners,
        List<UpstreamView> upstreams) {

    public Snapshot {
        listeners = List.copyOf(listeners);
        upstreams = List.copyOf(upstreams);
    }

    /**
     * A listener.
     *
     * @param name of the configuration, the present one or an earlier one
     * @param address that it is bound to, or null if it takes no new clients
     * @param active relays, or requests, that are going on
     * @param unrouted clients, or requests, whom no route takes, or a route refuses
     * @param figures of its servers
     */
    public record ListenerView(String name, String address, long active, long unrouted, ListenerFigures figures) {}

    /**
     * An upstream.
     *
     * @param name of the configuration
     * @param panic whether all backends are used because too few are good
     * @param retries tries with another backend after one has failed
     * @param withoutBackend clients for whom there was none, by why
     * @param bytesFromClients of relays that have ended; -1 if nobody counts them
     * @param bytesFromBackends the same
     * @param backends of the configuration, and those that are leaving
     */
    public record UpstreamView(
            String name,
            boolean panic,
            long retries,
            Map<String, Long> withoutBackend,
            long bytesFromClients,
            long bytesFromBackends,
            List<BackendView> backends) {}

    /**
     * A backend.
     *
     * @param name of the configuration
     * @param address of it
     * @param weight of the configuration
     * @param state as {@code up}, {@code starting}, {@code ejected}
     * @param since time since when it is in that state
     * @param active relays or requests
     * @param picked how often it was chosen
     * @param connected how often a connection came to be
     * @param failed connects that failed, and connections that failed early
     * @param ejections how often it was left out for such failures
     * @param lastFailure what was said of the last failure, or null
     */
    public record BackendView(
            String name,
            String address,
            int weight,
            String state,
            Duration since,
            int active,
            long picked,
            long connected,
            long failed,
            int ejections,
            String lastFailure) {

        /** Whether it gets new connections by its own merit. */
        public boolean isUsed() {
            return state.equals("up") || state.equals("starting");
        }
    }
}
