// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import java.util.List;

/**
 * What the first message of a TLS client says in clear: for which host it is, and what it offers (RFC 8446, section 4.1.2). It
 * owns its memory, and is read by {@link ClientHelloReader}.
 *
 * <p>Nothing of it is proved: it is what the client says before anything is agreed. Good for finding the backend, not for
 * letting somebody in.
 *
 * @param serverName the host, in small letters; null if none is named (RFC 6066, section 3), or an address is, which some
 *     clients send though it is no name. It is a host name by its form:
 *     letters, digits, hyphens and underscores with dots between, up to 253 characters, no address, no dot at its end
 * @param protocols the protocols of ALPN in the client's order, one character for each byte (ISO 8859-1), without GREASE;
 *     empty if none is offered (RFC 7301, section 3.1)
 * @param versions the versions in the client's order, such as {@link #TLS_1_3}, without GREASE; the one of {@code
 *     legacy_version} if there is no list (RFC 8446, section 4.2.1)
 * @param ech whether there is an encrypted ClientHello; if {@link Ech#OUTER}, {@code serverName} may be that of the
 *     provider, not of the host that is meant
 * @param bytes how many bytes of the stream it takes, with the headers of its records; those behind are not looked at
 */
public record ClientHello(String serverName, List<String> protocols, List<Integer> versions, Ech ech, int bytes) {
    /** TLS 1.2. */
    public static final int TLS_1_2 = 0x0303;

    /** TLS 1.3. */
    public static final int TLS_1_3 = 0x0304;

    /** Encrypted ClientHello: RFC 9849, section 5. */
    public enum Ech {
        /** There is none. */
        NONE,
        /** There is one inside, or something that looks like it (GREASE): nobody without the key can tell. */
        OUTER,
        /** This is one, decrypted by somebody in front. */
        INNER
    }

    /** Copies the lists. */
    public ClientHello {
        protocols = List.copyOf(protocols);
        versions = List.copyOf(versions);
    }

    /** Says whether the client offers that version. */
    public boolean offers(int version) {
        return versions.contains(version);
    }

    /** All of it, safe to be logged. */
    @Override
    public String toString() {
        List<String> numbers = versions.stream()
                .map(version -> String.format("0x%04x", version))
                .toList();
        List<String> texts = protocols.stream().map(PeerText::of).toList();
        return "name " + serverName + ", protocols " + texts + ", versions " + numbers + ", ECH " + ech + ", " + bytes
                + " bytes";
    }
}
