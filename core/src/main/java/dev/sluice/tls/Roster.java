// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who a server is by name, at one time: it never changes, a reload makes another. */
final class Roster {
    private final Trust trust;
    private final List<TlsIdentity> identities;
    private final Map<List<TlsIdentity>, Role> roles = new HashMap<>();
    private final Map<String, Role> byName = new HashMap<>();
    private final Role byDefault; // null: other names are refused, and none

    /**
     * Makes roles, and takes those of {@code old} whose identities and trust have stayed the same, with their sessions.
     *
     * @param byDefault null if other names are refused
     * @param old null if there is none
     */
    Roster(TlsSettings settings, Trust trust, List<TlsIdentity> named, TlsIdentity byDefault, Roster old)
            throws TlsFileException {
        this.trust = trust;
        Map<List<TlsIdentity>, Role> kept = old == null || !old.trust.isSameAs(trust) ? Map.of() : old.roles;
        Map<String, List<TlsIdentity>> names = byNames(named);
        List<TlsIdentity> all = new ArrayList<>(named);
        if (byDefault != null) {
            byDefault.names().forEach(name -> names.putIfAbsent(name, List.of(byDefault)));
            all.add(byDefault);
        }
        for (TlsIdentity identity : all) {
            settings.requireDates(identity);
        }
        identities = List.copyOf(all);
        names.forEach((name, same) -> byName.put(name, role(same, kept, settings)));
        this.byDefault = byDefault == null ? null : role(List.of(byDefault), kept, settings);
    }

    private static Map<String, List<TlsIdentity>> byNames(List<TlsIdentity> identities) throws TlsFileException {
        Map<String, List<TlsIdentity>> names = new LinkedHashMap<>();
        for (TlsIdentity identity : identities) {
            if (identity.names().isEmpty()) {
                throw new TlsFileException(
                        identity.source(),
                        "no host name in its first certificate (subjectAltName), so no client can ask for it; it may"
                                + " be the default identity",
                        null);
            }
            for (String name : identity.names()) {
                List<TlsIdentity> same = names.computeIfAbsent(name, none -> new ArrayList<>());
                requireOtherKinds(name, identity, same);
                same.add(identity);
            }
        }
        return names;
    }

    private static void requireOtherKinds(String name, TlsIdentity identity, List<TlsIdentity> others)
            throws TlsFileException {
        for (TlsIdentity other : others) {
            if (other.keyType().equals(identity.keyType())) {
                throw new TlsFileException(
                        identity.source(),
                        "a certificate for " + name + ", which " + other.source()
                                + " is for as well, with a key of the same kind (" + other.keyType() + ")",
                        null);
            }
        }
    }

    private Role role(List<TlsIdentity> same, Map<List<TlsIdentity>, Role> kept, TlsSettings settings) {
        return roles.computeIfAbsent(List.copyOf(same), key -> {
            Role old = kept.get(key);
            return old == null ? new Role(key, settings, trust) : old;
        });
    }

    /** By the exact name, by the wildcard one label above it, or the default; null if there is none. */
    Role roleFor(String host) {
        if (host == null) {
            return byDefault;
        }
        Role role = byName.get(host);
        if (role == null) {
            String wildcard = HostNames.wildcardOf(host);
            role = wildcard == null ? null : byName.get(wildcard);
        }
        return role == null ? byDefault : role;
    }

    List<TlsIdentity> identities() {
        return identities;
    }
}
