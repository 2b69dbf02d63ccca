// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.programs.Program.Said;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way from the example {@code l4} to a backend, with an nginx that says what it has seen of the connection. */
final class L4BackendTlsTest {
    private static final String NAME = "backend.internal";
    private static final String SEEN = "reused=$ssl_session_reused verify=$ssl_client_verify name=$ssl_server_name"
            + " alpn=$ssl_alpn_protocol client=$proxy_protocol_addr version=$ssl_protocol\\n";

    @TempDir
    private Path directory;

    private final TestCa ca = TestCa.create("the backends' CA");

    private String write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private String ca() throws IOException {
        return write("ca.pem", ca.rootPem());
    }

    /** An nginx with this certificate, whose answer is what it has seen. */
    private Nginx nginx(TestCertificate certificate, String listenMore, String... directives) throws Exception {
        Nginx.installed();
        Path home = Files.createDirectory(directory.resolve("nginx"));
        int port = Program.freePort();
        String site = String.join(
                "\n",
                "server {",
                "listen 127.0.0.1:" + port + " ssl" + listenMore + ";",
                "ssl_certificate " + write("nginx.pem", certificate.chainPem()) + ";",
                "ssl_certificate_key " + write("nginx.key", certificate.keyPem()) + ";",
                String.join("\n", directives),
                String.join("", directives).contains("ssl_protocols") ? "" : "ssl_protocols TLSv1.2 TLSv1.3;",
                "location / { return 200 \"" + SEEN + "\"; }",
                "}");
        return Nginx.start(home, site, port);
    }

    private TestCertificate named() {
        return ca.server(NAME);
    }

    private RunningL4 l4(String tls, String more, Nginx backend) throws Exception {
        String text = (tls == null ? "" : "tls = " + tls + "\n") + more;
        return RunningL4.start(directory, RunningL4.upstream(text, backend.port));
    }

    private String trusting(String more) throws IOException {
        return "{ ca = \"" + ca() + "\", server-name = \"" + NAME + "\"" + more + " }";
    }

    private static String ask(RunningL4 l4) throws IOException {
        return Asking.body(Asking.get(l4.port, "/"));
    }

    private static void says(String what, String answer) {
        assertTrue((" " + answer.strip() + " ").contains(" " + what + " "), () -> what + " is not in " + answer);
    }

    @Test
    void verifiedByAnOwnAuthorityWithTheBackendsName() throws Exception {
        try (Nginx nginx = nginx(named(), "");
                RunningL4 l4 = l4(trusting(""), "", nginx)) {
            String seen = ask(l4);
            says("name=" + NAME, seen);
            says("verify=NONE", seen);
            says("version=TLSv1.3", seen);
        }
    }

    @Test
    void insecure() throws Exception {
        try (Nginx nginx = nginx(TestCa.create("somebody else").server("other.example"), "");
                RunningL4 l4 = l4("{ insecure = true }", "", nginx)) {
            says("version=TLSv1.3", ask(l4));
        }
    }

    @Test
    void mutual() throws Exception {
        TestCertificate own = ca.client("the proxy");
        String files = ", cert = \"" + write("proxy.pem", own.chainPem()) + "\", key = \""
                + write("proxy.key", own.keyPem()) + "\"";
        try (Nginx nginx = nginx(named(), "", "ssl_verify_client on;", "ssl_client_certificate " + ca() + ";")) {
            try (RunningL4 l4 = l4(trusting(files), "", nginx)) {
                says("verify=SUCCESS", ask(l4));
            }
            try (RunningL4 l4 = l4(trusting(""), "", nginx)) {
                String without = Asking.get(l4.port, "/");
                assertTrue(without.contains("No required SSL certificate was sent"), without);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void sessionsAreResumed(String version) throws Exception {
        try (Nginx nginx = nginx(named(), "", "ssl_protocols " + version + ";");
                RunningL4 l4 = l4(trusting(""), "", nginx)) {
            says("reused=.", ask(l4));
            for (int i = 0; i < 3; i++) {
                String seen = ask(l4);
                says("reused=r", seen);
                says("version=" + version, seen);
            }
            assertEquals(200, Asking.ask("POST", l4.adminPort(), "/reload").statusCode());
            says("reused=r", ask(l4)); // no file has changed
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void thePROXYHeaderComesBeforeTls(String version) throws Exception {
        try (Nginx nginx = nginx(named(), " proxy_protocol", "set_real_ip_from 127.0.0.1;");
                RunningL4 l4 = l4(trusting(""), "send-proxy = \"" + version + "\"\n", nginx)) {
            String seen = ask(l4);
            says("client=127.0.0.1", seen);
            says("name=" + NAME, seen);
        }
    }

    @Test
    void alpn() throws Exception {
        try (Nginx nginx = nginx(named(), "");
                RunningL4 l4 = l4(trusting(", alpn = [\"nothing\", \"http/1.1\"]"), "", nginx)) {
            says("alpn=http/1.1", ask(l4));
        }
    }

    /** TLS ends at the listener, whose name leads the way, and begins anew behind it. */
    @Test
    void opensAndClosesTheEnvelopeAgain() throws Exception {
        TestCertificate front = ca.server("front.example");
        String listener = "tls = { cert = \"" + write("front.pem", front.chainPem()) + "\", key = \""
                + write("front.key", front.keyPem()) + "\", alpn = \"http/1.1\" }\n"
                + "[[route]]\nsni = \"front.example\"\nalpn = \"http/1.1\"\nto = \"main\"\n";
        try (Nginx nginx = nginx(named(), "");
                RunningL4 l4 = RunningL4.start(
                        directory, listener + RunningL4.upstream("tls = " + trusting("") + "\n", nginx.port))) {
            Said said = curl(l4, "front.example");
            assertEquals(0, said.status(), said::toString);
            says("name=" + NAME, said.text());
            Said other = curl(l4, "other.example", "--insecure");
            assertTrue(other.status() != 0, other::toString);
            await(() -> l4.sum("l4_listener_unrouted_total") == 1, l4::toString);
        }
    }

    @Test
    void aReloadReadsTheCertificatesAgain() throws Exception {
        TestCa another = TestCa.create("another CA");
        TestCertificate front = another.server("front.example");
        String listener = "tls = { cert = \"" + write("front.pem", front.chainPem()) + "\", key = \""
                + write("front.key", front.keyPem()) + "\" }\n";
        try (Nginx nginx = nginx(named(), "")) {
            String text = listener + RunningL4.upstream("tls = " + trusting("") + "\n", nginx.port);
            try (RunningL4 l4 = RunningL4.start(directory, text)) {
                assertEquals(60, curl(l4, "front.example").status(), "nobody trusts that authority");
                TestCertificate next = ca.server("front.example");
                write("front.pem", next.chainPem());
                assertEquals(409, Asking.ask("POST", l4.adminPort(), "/reload").statusCode(), "without its key");
                write("front.key", next.keyPem());
                l4.reload(text);
                says("name=" + NAME, curl(l4, "front.example").text());
            }
        }
    }

    private Said curl(RunningL4 l4, String host, String... more) throws Exception {
        List<String> arguments = new java.util.ArrayList<>(List.of(
                "--disable",
                "--silent",
                "--show-error",
                "--max-time",
                "60",
                "--http1.1",
                "--cacert",
                ca(),
                "--resolve",
                host + ":" + l4.port + ":127.0.0.1"));
        arguments.addAll(List.of(more));
        arguments.add("https://" + host + ":" + l4.port + "/");
        return Program.run(Program.installed("curl", "curl"), arguments);
    }

    @Test
    void checksSpeakTlsToo() throws Exception {
        String check = "send-proxy = \"v2\"\nhealth = { check = \"http\", interval = \"50ms\", fall = 1 }\n";
        try (Nginx nginx = nginx(named(), " proxy_protocol");
                RunningL4 l4 = l4(trusting(""), check, nginx)) {
            says("name=" + NAME, ask(l4));
            assertEquals(1, l4.ofBackend("l4_backend_up", nginx.port));
        }
    }

    @Test
    void aWrongBackendIsOneThatIsDown() throws Exception {
        isWrong(ca.server("other.example"), "its certificate is for another name");
    }

    @Test
    void anOldCertificateToo() throws Exception {
        Instant now = Instant.now();
        TestCertificate old = ca.certificate(NAME)
                .names(NAME)
                .valid(now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(2)))
                .issue();
        isWrong(old, "has expired");
    }

    @Test
    void aStrangersToo() throws Exception {
        isWrong(TestCa.create("somebody else").server(NAME), "issued by nobody who is trusted");
    }

    private void isWrong(TestCertificate certificate, String why) throws Exception {
        try (Nginx nginx = nginx(certificate, "")) {
            try (RunningL4 l4 = l4(trusting(""), "", nginx)) {
                assertEquals("", Asking.get(l4.port, "/"));
                await(() -> l4.log().size() == 1, l4::toString);
                String[] line = l4.log().get(0);
                assertEquals("not_connected", line[line.length - 1]);
                assertEquals(1, l4.ofBackend("l4_backend_failures_total", nginx.port));
                assertTrue(l4.page("/").contains(why), () -> l4.page("/"));
            }
            String check = "health = { check = \"connect\", interval = \"50ms\", fall = 1 }\n";
            try (RunningL4 l4 = l4(trusting(""), check, nginx)) {
                await(() -> l4.ofBackend("l4_backend_up", nginx.port) == 0, l4::toString);
                assertTrue(l4.page("/").contains(why), () -> l4.page("/"));
            }
        }
    }

    @Test
    void aFileThatIsNoneIsToldAtTheStartAndAtAReload() throws Exception {
        try (Nginx nginx = nginx(named(), "")) {
            String wrong = "{ ca = \"" + directory.resolve("none.pem") + "\" }";
            String message = assertThrows(
                            IOException.class, () -> l4(wrong, "", nginx).close())
                    .getMessage();
            assertTrue(message.startsWith("upstream.main.tls.ca: " + directory.resolve("none.pem") + ": "), message);
            try (RunningL4 l4 = l4(trusting(""), "", nginx)) {
                says("name=" + NAME, ask(l4));
                write("ca.pem", "no certificate");
                assertEquals(409, Asking.ask("POST", l4.adminPort(), "/reload").statusCode());
                says("name=" + NAME, ask(l4));
            }
        }
    }
}
