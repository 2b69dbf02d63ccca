// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.tls.ClientTls;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.TlsFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * How the backends of an upstream are spoken to in TLS.
 *
 * @param ca a PEM file of the authorities that are believed, and no others; null for those of the JDK
 * @param insecure whether nobody's certificate is looked at
 * @param serverName the host that they are asked for, and that their certificates have to be for; null for each one's own
 * @param cert a PEM file of the proxy's certificate and those of its issuers, for backends that ask; null for none
 * @param key a PEM file of its key; null for none
 * @param alpn the protocols that are offered; empty for no offer
 */
public record UpstreamTls(String ca, boolean insecure, String serverName, String cert, String key, List<String> alpn) {

    /** Copies the list. */
    public UpstreamTls {
        alpn = List.copyOf(alpn);
    }

    /**
     * Reads its files.
     *
     * @param path where it stands in the configuration, for the message
     * @throws IOException if one can't be used; the message says which, of which key, and why
     */
    public ClientTls open(String path) throws IOException {
        ClientTls.Builder builder = settings();
        if (ca != null) {
            builder.trust(Path.of(ca));
        }
        if (cert != null) {
            builder.identity(IdentityFile.pem(Path.of(cert), Path.of(key)));
        }
        try {
            return builder.build();
        } catch (TlsFileException e) {
            throw wrong(path, e);
        }
    }

    /**
     * Reads the files again of what {@link #open} has made.
     *
     * @throws IOException as there; all stays as it was
     */
    void reload(String path, ClientTls tls) throws IOException {
        try {
            tls.reload();
        } catch (TlsFileException e) {
            throw wrong(path, e);
        }
    }

    private IOException wrong(String path, TlsFileException e) {
        return new IOException(path + keyOf(e.file()) + ": " + e.getMessage(), e);
    }

    private String keyOf(String file) {
        return file.equals(ca) ? ".ca" : file.equals(key) ? ".key" : file.equals(cert) ? ".cert" : "";
    }

    /** All that needs no file. */
    private ClientTls.Builder settings() {
        ClientTls.Builder builder = ClientTls.builder().alpn(alpn.toArray(String[]::new));
        if (insecure) {
            builder.insecure();
        }
        if (serverName != null) {
            builder.serverName(serverName);
        }
        return builder;
    }

    // ---- reading and writing the configuration

    /** Reads {@code tls} of {@code [upstream.NAME]}; null if it isn't there. */
    static UpstreamTls read(Fields upstream) {
        Fields table = upstream.table("tls");
        if (!upstream.has("tls")) {
            return null;
        }
        UpstreamTls tls = new UpstreamTls(
                table.get("ca", TableReader::file, null),
                table.get("insecure", Readings::flag, false),
                table.get("server-name", UpstreamTls::host, null),
                table.get("cert", TableReader::file, null),
                table.get("key", TableReader::file, null),
                TableReader.alpn(table));
        if (tls.insecure && table.has("ca")) {
            table.wrong("ca", "has no meaning with insecure = true, where nobody's certificate is looked at");
        }
        if (table.has("cert") && !table.has("key")) {
            table.wrong("key", "missing; name the file of the certificate's key, as key = \"proxy.key\"");
        }
        if (table.has("key") && !table.has("cert")) {
            table.wrong("cert", "missing; name the file of the key's certificate, as cert = \"proxy.pem\"");
        }
        table.end();
        return tls;
    }

    private static String host(Object value) {
        String text = Readings.visibleText(value);
        try {
            ClientTls.builder().serverName(text);
            return text;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(Quoted.of(text) + " is no host name", e);
        }
    }

    /** Writes the table, whose header is that of the upstream with {@code .tls} behind it. */
    void write(TomlText out) {
        quotedIf(out, "ca", ca);
        out.put("insecure", insecure);
        quotedIf(out, "server-name", serverName);
        quotedIf(out, "cert", cert);
        quotedIf(out, "key", key);
        out.putAll("alpn", alpn);
    }

    private static void quotedIf(TomlText out, String name, String value) {
        if (value != null) {
            out.quoted(name, value);
        }
    }
}
