// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.tls.ClientTls;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key and its certificate, made by keytool, for whoever speaks TLS in a test. The file is gone once it was read. */
final class TlsKeys {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final TlsKeys OF_LOCALHOST = new TlsKeys("san=dns:localhost,ip:127.0.0.1");

    private final KeyStore keys = keyStore();
    private final ServerTls server;
    final X509Certificate certificate;

    private TlsKeys(String extension) {
        try {
            Path directory = Files.createTempDirectory("tls");
            Path file = directory.resolve("keys.p12");
            try {
                make(file, extension);
                server = ServerTls.builder()
                        .defaultIdentity(IdentityFile.pkcs12(file).withPassword(PASSWORD))
                        .build();
                try (InputStream in = Files.newInputStream(file)) {
                    keys.load(in, PASSWORD);
                }
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
            certificate = (X509Certificate) keys.getCertificate("a");
        } catch (IOException | GeneralSecurityException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyStore keyStore() {
        try {
            return KeyStore.getInstance("PKCS12");
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void make(Path file, String extension) throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=test",
                        "-ext",
                        extension,
                        "-validity",
                        "2",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool has failed");
        }
    }

    /** Of localhost, by name and by address, for today. */
    static TlsKeys ofLocalhost() {
        return OF_LOCALHOST;
    }

    /** Of another name. */
    static TlsKeys ofAnotherHost() {
        return new TlsKeys("san=dns:other.example");
    }

    ServerTls server() {
        return server;
    }

    /** For a server that is the same in other ways. */
    ServerTls.Builder serverBuilder() throws GeneralSecurityException {
        PrivateKey key = (PrivateKey) keys.getKey("a", PASSWORD);
        return ServerTls.builder().defaultIdentity(TlsIdentity.of(key, List.of(certificate)));
    }

    Endpoint endpoint() {
        return Endpoint.tcp("127.0.0.1", 0).withTls(server);
    }

    /** A client that believes this one. */
    ClientTls.Builder client() {
        return ClientTls.builder().trust(List.of(certificate));
    }

    /** For the JDK's own sockets and engines, of both sides. */
    SSLContext context() throws GeneralSecurityException {
        return context("PKIX");
    }

    /** The same, but whose engines share one key, as ours do. */
    SSLContext contextOfOneKey() throws GeneralSecurityException {
        return context("SunX509");
    }

    private SSLContext context(String keyManagers) throws GeneralSecurityException {
        try {
            KeyManagerFactory own = KeyManagerFactory.getInstance(keyManagers);
            own.init(keys, PASSWORD);
            KeyStore trusted = keyStore();
            trusted.load(null, null);
            trusted.setCertificateEntry("a", certificate);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
    }
}
