// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.MemoryBudget;
import dev.sluice.examples.proxy.Snapshot.UpstreamView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one kind of proxy does that others don't. Any thread.
 *
 * @param <C> its configuration
 * @param <P> its plan: where clients go to
 */
public interface ProxyKind<C extends ProxyConfig, P> {
    /** What its pages call things. */
    Words words();

    /**
     * Reads its file.
     *
     * @throws ConfigException if something is wrong in it
     * @throws IOException if it can't be read
     */
    C read(Path file) throws ConfigException, IOException;

    /** A file that reads the same. */
    String text(C config);

    /**
     * Makes a plan, with these upstreams by their names.
     *
     * @throws IOException if something that the configuration names can't be used
     */
    P plan(C config, Map<String, LiveUpstream> upstreams) throws IOException;

    /** What a listener's server is made from: while it is equal, the listener stays. */
    Object settings(ListenerConfig listener, C config, P plan);

    /**
     * Opens a listener.
     *
     * @throws IOException if its address can't be listened on
     */
    OpenListener<P> open(ListenerConfig listener, C config, P plan, ListenerCounts counts, MemoryBudget budget)
            throws IOException;

    /** What is shown of an upstream. */
    default UpstreamView view(LiveUpstream upstream) {
        return upstream.view();
    }

    /** Relays or requests of a listener that are going on; {@code open} are those that it has had, and that haven't ended. */
    default long active(ListenerCounts counts, List<OpenListener<P>> open) {
        return counts.active.get();
    }

    /** It has these upstreams now, and what was kept of others may be forgotten. Nothing of this can fail. */
    default void taken(Set<String> upstreams) {}

    /** Writes metrics that only this kind has. */
    default void metrics(Exposition out) {}
}
