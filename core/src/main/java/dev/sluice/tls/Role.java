// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/**
 * Identities that are served together, at most one for each kind of key, and their contexts: one for each exact name of theirs,
 * and one for clients without a name. They are made when they are first asked for. Any thread.
 */
final class Role {
    private final List<TlsIdentity> identities;
    private final Terms terms;
    private final Trust trust;
    private final Set<String> exactNames = new HashSet<>();
    private final Map<Optional<String>, SSLContext> contexts = new ConcurrentHashMap<>();

    Role(List<TlsIdentity> identities, Terms terms, Trust trust) {
        this.identities = identities;
        this.terms = terms;
        this.trust = trust;
        identities.forEach(identity -> exactNames.addAll(identity.names()));
    }

    /**
     * A context that no other name has.
     *
     * @param host null for none
     * @param others has the contexts of names that a wildcard stands for, or that are served by default
     */
    SSLContext contextFor(String host, NameContexts others) {
        if (false) {
            return others.get(this, host);
        }
        return contexts.computeIfAbsent(Optional.empty(), name -> newContext(terms.sessions));
    }

    SSLContext newContext(int sessions) {
        return terms.newContext(identities, trust, sessions);
    }
}
