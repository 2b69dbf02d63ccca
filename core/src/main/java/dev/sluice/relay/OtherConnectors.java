// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import dev.sluice.Connector;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.tls.ClientTls;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * The connectors to backends that are not just connected to, one for each manner of that. Manners come and go while the server
 * runs, and nobody says which are over: so a connector is held by its connections alone, and is made anew, at the price of a few
 * objects, when it is asked for behind a collection that has found none. Any thread.
 */
final class OtherConnectors {
    private final BiFunction<SourceAddresses, ClientTls, Connector> maker;
    private final Map<Manner, Held> byManner = new ConcurrentHashMap<>();
    private final ReferenceQueue<Connector> collected = new ReferenceQueue<>();

    /** How a backend is connected to; either may be null. */
    private record Manner(SourceAddresses sources, ClientTls tls) {}

    private static final class Held extends WeakReference<Connector> {
        private final Manner manner;

        Held(Connector connector, Manner manner, ReferenceQueue<Connector> collected) {
            super(connector, collected);
            this.manner = manner;
        }
    }

    OtherConnectors(BiFunction<SourceAddresses, ClientTls, Connector> maker) {
        this.maker = maker;
    }

    Connector of(SourceAddresses sources, ClientTls tls) {
        Manner manner = new Manner(sources, tls);
        Connector known = known(manner);
        return known != null ? known : make(manner);
    }

    private Connector known(Manner manner) {
        Held held = byManner.get(manner);
        return held == null ? null : held.get();
    }

    private synchronized Connector make(Manner manner) {
        forgetCollected();
        Connector connector = known(manner);
        if (connector == null) { // else another Reader was faster
            connector = maker.apply(manner.sources, manner.tls);
            byManner.put(manner, new Held(connector, manner, collected));
        }
        return connector;
    }

    private void forgetCollected() {
        for (Reference<?> one = collected.poll(); one != null; one = collected.poll()) {
            byManner.remove(((Held) one).manner, one);
        }
    }
}
