// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.HostPattern;
import java.time.Duration;
import java.util.List;

/**
 * Where some requests go to.
 *
 * @param listeners names of listeners that they came through; empty for all
 * @param hosts that they are for; empty for all that no other route names
 * @param paths that theirs begin with, at least one
 * @param upstream the name of the upstream that they go to, or null if they are refused
 * @param replace what stands in the path's place for the backend, or null if that stays
 * @param sendHost the {@code Host} that backends are told, or null for the client's
 * @param timeout for which a backend may send nothing of its response
 * @param retries how often one is tried again, or -1 for what the upstream says
 * @param upgrades protocols, in small letters, that clients may go on in
 * @param body bytes of a request's body, or -1 for what is said of all
 */
record RouteConfig(
        List<String> listeners,
        List<HostPattern> hosts,
        List<String> paths,
        String upstream,
        String replace,
        String sendHost,
        Duration timeout,
        int retries,
        List<String> upgrades,
        long body) {
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    RouteConfig {
        listeners = List.copyOf(listeners);
        hosts = List.copyOf(hosts);
        paths = List.copyOf(paths);
        upgrades = List.copyOf(upgrades);
    }

    /** All requests to those listeners. */
    static RouteConfig allOf(List<String> listeners, String upstream) {
        return new RouteConfig(
                listeners, List.of(), List.of("/"), upstream, null, null, DEFAULT_TIMEOUT, -1, List.of(), -1);
    }

    /** Whether requests to that listener may go this way. */
    boolean isFor(String listener) {
        return listeners.isEmpty() || listeners.contains(listener);
    }
}
