// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Who one is in TLS: a chain of certificates, and the private key of the first. It never changes, and may be used from any
 * thread. {@link IdentityFile} reads one from files.
 *
 * <p>What has to hold of every identity: the key belongs to the first certificate, which is found out by signing; each
 * certificate but the last was issued by the one behind it; an RSA key has at least 2,048 bits; a chain has at most 16
 * certificates. Dates are looked at by {@link ServerTls} and {@link ClientTls}, which have a clock.
 *
 * <p>Two identities are equal if their chains are.
 */
public final class TlsIdentity {
    private final String source;
    private final PrivateKey key;
    private final List<X509Certificate> chain;
    private final Set<String> names;

    private TlsIdentity(String source, PrivateKey key, List<X509Certificate> chain, Set<String> names) {
        this.source = source;
        this.key = key;
        this.chain = chain;
        this.names = names;
    }

    /**
     * An identity from what is in memory.
     *
     * @param chain one's own certificate, then the issuer of each; the root may be left out
     * @throws IllegalArgumentException if something of what is said above doesn't hold; the message says what
     */
    public static TlsIdentity of(PrivateKey key, List<X509Certificate> chain) {
        if (key == null || chain == null || chain.isEmpty()) {
            throw new IllegalArgumentException("identity: a key and at least one certificate are needed");
        }
        try {
            requireBelongs(key, chain, "the certificate");
            return checked(Certificates.subject(chain.get(0)), key, chain);
        } catch (Flaw e) {
            throw new IllegalArgumentException("identity: " + e.getMessage(), e);
        }
    }

    /** {@link #requireBelongs} has been called. */
    static TlsIdentity checked(String source, PrivateKey key, List<X509Certificate> chain) throws Flaw {
        Certificates.requireLength(chain.get(0));
        Certificates.requireOrder(chain);
        return new TlsIdentity(source, key, List.copyOf(chain), Set.copyOf(HostNames.of(chain.get(0))));
    }

    static void requireBelongs(PrivateKey key, List<X509Certificate> chain, String where) throws Flaw {
        if (Certificates.belongs(key, chain.get(0))) {
            return;
        }
        for (int i = 1; i < chain.size(); i++) {
            if (Certificates.belongs(key, chain.get(i))) {
                throw new Flaw("the key belongs to certificate " + (i + 1) + " (" + Certificates.subject(chain.get(i))
                        + ") of " + where + "; that one has to come first");
            }
        }
        throw new Flaw("the key (" + key.getAlgorithm() + ") doesn't belong to " + where + " ("
                + Certificates.subject(chain.get(0)) + ")");
    }

    /** One's own certificate, then the issuer of each. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /**
     * The host names of the first certificate, in small letters: exact ones, and {@code *.example.org} for exactly one label in
     * the star's place. Only those of {@code subjectAltName}: the subject's common name is for no host (RFC 9525, section 2).
     */
    public Set<String> names() {
        return names;
    }

    /** Says whether a client that asks for that host would take the first certificate. */
    public boolean isFor(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        String wildcard = HostNames.wildcardOf(name);
        return HostNames.isHost(name) && (names.contains(name) || wildcard != null && names.contains(wildcard));
    }

    /** The last moment at which all certificates are valid. */
    public Instant validUntil() {
        return chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }

    PrivateKey key() {
        return key;
    }

    /** As the JDK's TLS names kinds of keys. */
    String keyType() {
        return chain.get(0).getPublicKey().getAlgorithm();
    }

    /** The file that it was read from, or the subject. */
    String source() {
        return source;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TlsIdentity identity && chain.equals(identity.chain);
    }

    @Override
    public int hashCode() {
        return chain.hashCode();
    }

    /** Where it comes from, for whom, its names and until when it is valid; nothing of the key. */
    @Override
    public String toString() {
        return source + ": " + Certificates.subject(chain.get(0)) + ", names " + names + ", until " + validUntil();
    }
}
