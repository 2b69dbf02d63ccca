// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.List;

/** What is in the file of either proxy. Two that do the same are equal. */
public interface ProxyConfig {
    /** Where clients come from, at least one. */
    List<ListenerConfig> listeners();

    /** Where backends are, at least one. */
    List<UpstreamConfig> upstreams();

    /** What is held at most. */
    LimitsConfig limits();

    /** Threads, and the end. */
    ServerConfig server();

    /** Where the pages for people and scrapers are, or null for nowhere. */
    HostPort admin();

    /** Whether it names files of certificates or keys, which are read again with it. */
    default boolean hasFiles() {
        return listeners().stream().anyMatch(listener -> listener.tls() != null)
                || upstreams().stream().anyMatch(upstream -> upstream.tls() != null);
    }
}
