// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.l7.L7;
import dev.sluice.examples.proxy.ProxyProgram;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS from the example {@code l7} to an nginx that says what it has seen. */
final class L7BackendTlsTest {
    private static final String NAME = "backend.internal";
    private static final String SEEN = "verify=$ssl_client_verify name=$ssl_server_name alpn=$ssl_alpn_protocol"
            + " requests=$connection_requests reused=$ssl_session_reused\\n";

    @TempDir
    private Path directory;

    private final TestCa ca = TestCa.create("the backends' CA");

    private String write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private Nginx nginx(TestCertificate certificate, String... directives) throws Exception {
        Nginx.installed();
        Path home = Files.createDirectory(directory.resolve("nginx"));
        int port = Program.freePort();
        String site = String.join(
                "\n",
                "server {",
                "listen 127.0.0.1:" + port + " ssl;",
                "ssl_protocols TLSv1.2 TLSv1.3;",
                "ssl_certificate " + write("nginx.pem", certificate.chainPem()) + ";",
                "ssl_certificate_key " + write("nginx.key", certificate.keyPem()) + ";",
                String.join("\n", directives),
                "location / { return 200 \"" + SEEN + "\"; }",
                "}");
        return Nginx.start(home, site, port);
    }

    private ProxyProgram l7(Nginx backend, String tls) throws Exception {
        String text = "[listener.main]\naddress = \"127.0.0.1:0\"\n[admin]\naddress = \"127.0.0.1:0\"\n"
                + "[upstream.main]\nbackends = \"127.0.0.1:" + backend.port + "\"\ntls = { " + tls + " }\n"
                + "retries = 0\npool = { connections = 1 }\n[server]\nreaders = 1\ndrain = \"2s\"\n";
        return L7.start(Path.of(write("l7.toml", text)));
    }

    private String trusting() throws IOException {
        return "ca = \"" + write("ca.pem", ca.rootPem()) + "\", server-name = \"" + NAME + "\"";
    }

    private static String ask(String address) throws IOException {
        return Asking.get(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)), "/");
    }

    private static String ask(ProxyProgram l7) throws IOException {
        return ask(l7.listeners().get(0));
    }

    /** Many clients' requests go over one connection, which shows the proxy's certificate once. */
    @Test
    void clientsShareAConnectionThatIsTheProxys() throws Exception {
        TestCertificate own = ca.client("the proxy");
        String tls = trusting() + ", alpn = \"http/1.1\", cert = \"" + write("proxy.pem", own.chainPem())
                + "\", key = \"" + write("proxy.key", own.keyPem()) + "\"";
        try (Nginx nginx = nginx(
                ca.server(NAME),
                "ssl_verify_client on;",
                "ssl_client_certificate " + directory.resolve("ca.pem") + ";")) {
            ProxyProgram l7 = l7(nginx, tls);
            try {
                for (int i = 1; i <= 3; i++) {
                    String seen = Asking.body(ask(l7));
                    String expected = "verify=SUCCESS name=" + NAME + " alpn=http/1.1 requests=" + i + " reused=.";
                    assertTrue(seen.contains(expected), seen);
                }
            } finally {
                l7.stop();
            }
        }
    }

    @Test
    void aStrangerIsABadGateway() throws Exception {
        try (Nginx nginx = nginx(TestCa.create("somebody else").server(NAME))) {
            ProxyProgram l7 = l7(nginx, trusting());
            try {
                assertTrue(ask(l7).startsWith("HTTP/1.1 502 "));
                await(
                        () -> Asking.body(page(l7)).contains("issued by nobody who is trusted"),
                        () -> "the reason on the page");
            } finally {
                l7.stop();
            }
            ProxyProgram insecure = l7(nginx, "insecure = true");
            try {
                assertEquals(
                        "HTTP/1.1 200 OK", ask(insecure).lines().findFirst().orElseThrow());
            } finally {
                insecure.stop();
            }
        }
    }

    private static String page(ProxyProgram l7) {
        try {
            return ask(l7.pages());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
