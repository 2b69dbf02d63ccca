// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code tls = {}}: a backend, an nginx, is believed if an authority of the system's has issued its certificate. Which these are is
 * said to a JVM at its start, so each proxy is a process of its own.
 */
final class SystemAuthoritiesTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path directory;

    private final TestCa ca = TestCa.create("an authority");
    private Path store;

    @BeforeEach
    void makeStore() throws Exception {
        store = directory.resolve("system.p12");
        KeyStore made = KeyStore.getInstance("PKCS12");
        made.load(null, null);
        made.setCertificateEntry("an authority", ca.certificate());
        try (OutputStream out = Files.newOutputStream(store)) {
            made.store(out, PASSWORD.toCharArray());
        }
    }

    /** The JVM's own store is replaced by the one that has the test's authority. */
    private List<String> replaced() {
        return List.of("-Djavax.net.ssl.trustStore=" + store, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    }

    private Nginx nginx(String... names) throws Exception {
        Nginx.installed();
        TestCertificate certificate = ca.server(names);
        int port = Program.freePort();
        String site = String.join(
                "\n",
                "server {",
                "listen 127.0.0.1:" + port + " ssl;",
                "ssl_certificate " + write("nginx.pem", certificate.chainPem()) + ";",
                "ssl_certificate_key " + write("nginx.key", certificate.keyPem()) + ";",
                "location / { return 200 \"name=$ssl_server_name.\"; }",
                "}");
        return Nginx.start(Files.createDirectory(directory.resolve("nginx")), site, port);
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    /** A proxy, with where it listens and where its pages are. */
    private record Proxy(Program program, int port, int pages) implements AutoCloseable {
        String page() {
            try {
                return Asking.body(Asking.get(pages, "/"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            program.close();
        }
    }

    private Path file(String kind, int backend) throws IOException {
        String more = kind.equals("l7") ? "retries = 0\n" : "";
        String text = "[listener.main]\naddress = \"127.0.0.1:0\"\n[admin]\naddress = \"127.0.0.1:0\"\n"
                + "[upstream.main]\nbackends = \"localhost:" + backend + "\"\ntls = {}\n" + more
                + "[server]\nreaders = 1\n";
        return Files.writeString(directory.resolve(kind + ".toml"), text);
    }

    private Program start(String kind, int backend, List<String> options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-Xmx128m"));
        arguments.addAll(options);
        arguments.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.sluice.examples.Main"));
        arguments.addAll(List.of(kind, "--config", file(kind, backend).toString()));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return Program.start(directory, java, arguments);
    }

    private Proxy proxy(String kind, int backend, List<String> options) throws IOException {
        Program program = start(kind, backend, options);
        BufferedReader said = program.output();
        int port = portOf(said.readLine(), program);
        return new Proxy(program, port, portOf(said.readLine(), program));
    }

    private static int portOf(String line, Program program) {
        assertTrue(
                line != null && line.matches("(listening on |pages at http://)127[.]0[.]0[.]1:[0-9]+/?"),
                () -> line + "\n" + program);
        return Integer.parseInt(line.replaceFirst(".*:([0-9]+)/?", "$1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"l4", "l7"})
    void whatASystemsAuthorityHasIssuedIsBelieved(String kind) throws Exception {
        try (Nginx nginx = nginx("localhost");
                Proxy proxy = proxy(kind, nginx.port, replaced())) {
            assertEquals("name=localhost.", Asking.body(Asking.get(proxy.port, "/")));
        }
    }

    /** The same backend, and the authorities that came with the JDK. */
    @ParameterizedTest
    @ValueSource(strings = {"l4", "l7"})
    void anotherAuthoritysIsNot(String kind) throws Exception {
        try (Nginx nginx = nginx("localhost");
                Proxy proxy = proxy(kind, nginx.port, List.of())) {
            isRefused(proxy, kind, "its certificate was issued by nobody who is trusted");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"l4", "l7"})
    void norIsAnotherName(String kind) throws Exception {
        try (Nginx nginx = nginx("other.example");
                Proxy proxy = proxy(kind, nginx.port, replaced())) {
            isRefused(proxy, kind, "its certificate is for another name");
        }
    }

    /** By itself the JVM would believe the authorities that came with the JDK. */
    @ParameterizedTest
    @ValueSource(strings = {"l4", "l7"})
    void aStoreThatIsNotThereEndsTheStart(String kind) throws Exception {
        String missing = directory.resolve("missing.p12").toString();
        endsSaying(kind, missing + ": can't be read", "-Djavax.net.ssl.trustStore=" + missing);
    }

    @Test
    void soDoesOneWithoutItsPassword() throws Exception {
        endsSaying("l7", store + ": the JVM finds no authorities there", "-Djavax.net.ssl.trustStore=" + store);
    }

    private void endsSaying(String kind, String what, String option) throws Exception {
        try (Program program = start(kind, 1, List.of(option))) {
            assertNull(program.output().readLine(), program::toString);
            assertTrue(program.toString().contains("upstream.main.tls: " + what), program::toString);
        }
    }

    private static void isRefused(Proxy proxy, String kind, String why) throws IOException {
        String answer = Asking.get(proxy.port, "/");
        if (kind.equals("l7")) {
            assertTrue(answer.startsWith("HTTP/1.1 502 "), answer);
        } else {
            assertEquals("", answer);
        }
        await(() -> proxy.page().contains("TLS: " + why), proxy::page);
    }
}
