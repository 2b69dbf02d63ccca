// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;

/**
 * The contexts of names that clients choose: any one label for a wildcard's star, any name at all of a default identity. There is
 * a bounded number; the one that was used longest ago is forgotten, and with it what its clients could resume. Any thread.
 */
final class NameContexts {
    /** Roles are the same only if they are one object. */
    private record Key(Role role, String host) {}

    private final int most;
    private final int sessionsOfEach;
    private final Map<Key, SSLContext> contexts = new LinkedHashMap<>(16, 0.75f, true); // guarded by this, by last use

    NameContexts(int most, int sessions) {
        this.most = most;
        this.sessionsOfEach = Math.max(1, sessions / most);
    }

    synchronized SSLContext get(Role role, String host) {
        SSLContext context = contexts.computeIfAbsent(new Key(role, host), key -> role.newContext(sessionsOfEach));
        if (contexts.size() > most) {
            Iterator<SSLContext> eldest = contexts.values().iterator();
            eldest.next();
            eldest.remove();
        }
        return context;
    }

    synchronized int size() {
        return contexts.size();
    }
}
