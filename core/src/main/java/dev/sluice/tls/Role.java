// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * Identities that are served together, at most one for each kind of key. Their contexts have sessions and keys for tickets of
 * their own, so nothing is resumed with others. Clients without a name have one to themselves: the JDK compares the names of a
 * hello and of its session only if the hello has one, and {@link OnlyName} has accepted it.
 */
final class Role {
    private final SSLContext named;
    private final SSLContext nameless;

    Role(List<TlsIdentity> identities, TlsSettings settings, Trust trust) {
        named = settings.newContext(identities, trust);
        nameless = settings.newContext(identities, trust);
    }

    /** The context for a client that names this host, or null. */
    SSLContext contextFor(String host) {
        return host == null ? nameless : named;
    }
}
