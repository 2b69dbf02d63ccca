// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsFileException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The certificates of those listeners that end TLS, read just now. */
public final class Certificates {
    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

    private final Map<String, ServerTls> byListener = new HashMap<>();

    private Certificates() {}

    /**
     * Reads their files.
     *
     * @param spoken protocols that all of them offer
     * @throws IOException if a file can't be used; the message says which, of which listener, and why
     */
    public static Certificates read(List<ListenerConfig> listeners, String... spoken) throws IOException {
        Certificates all = new Certificates();
        for (ListenerConfig listener : listeners) {
            if (listener.tls() != null) {
                all.byListener.put(listener.name(), listener.tls().open(listener.name(), spoken));
            }
        }
        return all;
    }

    /** Those of a listener, or null if it doesn't end TLS. */
    public ServerTls of(String listener) {
        return byListener.get(listener);
    }

    /** Has a listener that was open before, with these or none, take what is in its files now. */
    public void renew(String listener, ServerTls open) {
        if (open == null || of(listener) == open) {
            return;
        }
        try {
            open.reload();
        } catch (TlsFileException e) { // they were good a moment ago
            LOG.warn("listener {}: its old certificates stay: {}", listener, e.getMessage());
        }
    }
}
