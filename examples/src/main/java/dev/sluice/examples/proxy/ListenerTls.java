// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The TLS of a listener that ends it: its certificates, each for the names in it; the first is for all other names too.
 *
 * @param identities at least one, in the order of the file
 */
public record ListenerTls(List<Identity> identities) {
    /**
     * One of them.
     *
     * @param cert a PEM file of the certificate and those of its issuers
     * @param key a PEM file
     * @param alpn the protocols that are spoken behind it; those of all are offered to all clients
     */
    public record Identity(String cert, String key, List<String> alpn) {
        /** Copies the list. */
        public Identity {
            alpn = List.copyOf(alpn);
        }

        /** One about which nothing is said of protocols. */
        public Identity(String cert, String key) {
            this(cert, key, List.of());
        }
    }

    /** Copies the list. */
    public ListenerTls {
        identities = List.copyOf(identities);
    }

    /**
     * Reads {@code tls} of {@code [listener.NAME]}; null if it isn't there.
     *
     * @param anyProtocol whether {@code alpn} is a key
     */
    static ListenerTls read(Fields listener, boolean anyProtocol) {
        List<Identity> identities = new ArrayList<>();
        for (Value value : listener.values("tls")) {
            Fields table = value.table();
            identities.add(new Identity(
                    table.require("cert", TableReader::file, "name the file of the certificate, as cert = \"web.pem\""),
                    table.require("key", TableReader::file, "name the file of its key, as key = \"web.key\""),
                    anyProtocol ? TableReader.alpn(table) : List.of()));
            table.end();
        }
        return identities.isEmpty() ? null : new ListenerTls(identities);
    }

    /** Writes it behind the listener's keys. */
    void write(TomlText out, String listener) {
        for (Identity identity : identities) {
            out.header("[[" + path(listener) + "]]");
            out.quoted("cert", identity.cert);
            out.quoted("key", identity.key);
            out.putAll("alpn", identity.alpn);
        }
    }

    private static String path(String listener) {
        return "listener." + TomlText.key(listener) + ".tls";
    }

    /**
     * Reads its files.
     *
     * @param spoken protocols that are offered before those of the identities
     * @throws IOException if one can't be used; the message says which, of which listener, and why
     */
    ServerTls open(String listener, String... spoken) throws IOException {
        ServerTls.Builder builder = ServerTls.builder();
        Set<String> protocols = new LinkedHashSet<>(List.of(spoken));
        for (Identity identity : identities) {
            IdentityFile file = IdentityFile.pem(Path.of(identity.cert), Path.of(identity.key));
            if (identity == identities.get(0)) {
                builder.defaultIdentity(file);
            }
            if (identities.size() > 1) {
                builder.identity(file);
            }
            protocols.addAll(identity.alpn);
        }
        builder.alpn(protocols.toArray(String[]::new));
        try {
            return builder.build();
        } catch (TlsFileException e) {
            throw new IOException(path(listener) + ": " + e.getMessage(), e);
        }
    }
}
