// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.ProxyProtocol;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The example {@code l4} behind nginx and HAProxy, and in front of them: the client's address arrives at the far end. */
final class L4ProxiesTest {
    private static final String WHO = "\"$proxy_protocol_addr:$proxy_protocol_port $proxy_protocol_server_port\\n\"";

    @TempDir
    private Path directory;

    private static Server whoAmI() throws IOException {
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", 0).withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.1"));
        return Http.server(endpoint, Http::whoAmI).start();
    }

    private static String sending(String version) {
        return "send-proxy = \"" + version + "\"\n";
    }

    /** Asks a port who the client is, and checks that it is told, with what is told behind that. */
    private static void assertToldWhoItIs(int port, String more, Object whoeverWasAsked) throws IOException {
        try (Socket client = Asking.connect(port)) {
            client.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
            String answer = new String(client.getInputStream().readAllBytes(), US_ASCII);
            String body = "\r\n\r\n127.0.0.1:" + client.getLocalPort() + more + "\n";
            assertTrue(answer.endsWith(body), () -> answer + " is not" + body + whoeverWasAsked);
        }
    }

    // ---- behind others

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void behindNginx(String passedOnAs) throws Exception {
        Nginx.stream();
        int port = Program.freePort();
        try (Server far = whoAmI();
                RunningL4 l4 =
                        RunningL4.startBehindProxies(directory, RunningL4.upstream(sending(passedOnAs), far.port()));
                Nginx nginx = Nginx.startStream(
                        directory,
                        "server { listen 127.0.0.1:" + port + "; proxy_pass 127.0.0.1:" + l4.port
                                + "; proxy_protocol on; }",
                        port)) {
            assertToldWhoItIs(port, "", nginx);
        }
    }

    @ParameterizedTest
    @CsvSource({"send-proxy, v1", "send-proxy, v2", "send-proxy-v2, v1", "send-proxy-v2, v2"})
    void behindHaproxy(String comesAs, String passedOnAs) throws Exception {
        Haproxy.installed();
        int port = Program.freePort();
        try (Server far = whoAmI();
                RunningL4 l4 =
                        RunningL4.startBehindProxies(directory, RunningL4.upstream(sending(passedOnAs), far.port()));
                Haproxy haproxy = Haproxy.startTcp(directory, port, "server a 127.0.0.1:" + l4.port + " " + comesAs)) {
            assertToldWhoItIs(port, "", haproxy);
        }
    }

    /** What HAProxy adds besides, l4 reads and doesn't pass on: it says itself what it says. */
    @Test
    void behindHaproxyWithTlvsAndAChecksum() throws Exception {
        Haproxy.installed();
        int port = Program.freePort();
        try (Server far = whoAmI();
                RunningL4 l4 = RunningL4.startBehindProxies(directory, RunningL4.upstream(sending("v2"), far.port()));
                Haproxy haproxy = Haproxy.startTcp(
                        directory,
                        port,
                        "server a 127.0.0.1:" + l4.port
                                + " send-proxy-v2-ssl-cn proxy-v2-options crc32c,ssl,cert-cn,unique-id")) {
            assertToldWhoItIs(port, "", haproxy);
        }
    }

    /** Its checks send {@code LOCAL} in version 2, and in version 1 the proxy's own address. */
    @ParameterizedTest
    @ValueSource(strings = {"send-proxy", "send-proxy-v2"})
    void haproxyChecksItsHealth(String sends) throws Exception {
        Haproxy.installed();
        int port = Program.freePort();
        try (Server far = whoAmI();
                RunningL4 l4 = RunningL4.startBehindProxies(directory, RunningL4.upstream(sending("v1"), far.port()));
                Haproxy haproxy = Haproxy.startTcp(
                        directory,
                        port,
                        "option httpchk",
                        "server a 127.0.0.1:" + l4.port + " " + sends + " check check-send-proxy inter 100ms")) {
            await(() -> haproxy.isChecked("tcp", "a", "L7OK"), haproxy::toString);
            assertToldWhoItIs(port, "", haproxy);
        }
    }

    // ---- in front of others

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void inFrontOfNginx(String version) throws Exception {
        Nginx.installed();
        int port = Program.freePort();
        String site = "server { listen 127.0.0.1:" + port + " proxy_protocol; location / { return 200 " + WHO + "; } }";
        try (Nginx nginx = Nginx.start(directory, site, port);
                RunningL4 l4 = RunningL4.start(directory, RunningL4.upstream(sending(version), port))) {
            assertToldWhoItIs(l4.port, " " + l4.port, nginx);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void inFrontOfNginxWithoutHttp(String version) throws Exception {
        Nginx.stream();
        int port = Program.freePort();
        String server = "server { listen 127.0.0.1:" + port + " proxy_protocol; return " + WHO + "; }";
        try (Nginx nginx = Nginx.startStream(directory, server, port);
                RunningL4 l4 = RunningL4.start(directory, RunningL4.upstream(sending(version), port));
                Socket client = Asking.connect(l4.port)) {
            String answer = new String(client.getInputStream().readAllBytes(), US_ASCII);
            assertEquals("127.0.0.1:" + client.getLocalPort() + " " + l4.port + "\n", answer, nginx::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void inFrontOfHaproxy(String version) throws Exception {
        Haproxy.installed();
        int port = Program.freePort();
        String answer = "http-request return status 200 content-type text/plain lf-string"
                + " \"%[src]:%[src_port] %[dst_port]\\n\"";
        try (Haproxy haproxy = Haproxy.start(
                        directory, answer, "listen proxied", "bind 127.0.0.1:" + port + " accept-proxy", answer);
                RunningL4 l4 = RunningL4.start(directory, RunningL4.upstream(sending(version), port))) {
            assertToldWhoItIs(l4.port, " " + l4.port, haproxy);
        }
    }

    /** Where a header is needed one comes with the check too, and says that it is nobody's. */
    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void itsChecksAreWhatTheyExpect(String version) throws Exception {
        Nginx.installed();
        int port = Program.freePort();
        Path log = directory.resolve("checks.log");
        String site = String.join(
                "\n",
                "log_format who \"$uri <$proxy_protocol_addr>\";",
                "server {",
                "listen 127.0.0.1:" + port + " proxy_protocol;",
                "access_log " + log + " who;",
                "location / { return 200 " + WHO + "; }",
                "}");
        String settings =
                sending(version) + "health = { check = \"http\", path = \"/health\", interval = \"50ms\", fall = 1 }\n";
        try (Nginx nginx = Nginx.start(directory, site, port);
                RunningL4 l4 = RunningL4.start(directory, RunningL4.upstream(settings, port))) {
            await(() -> lines(log).size() >= 3, l4::toString);
            assertToldWhoItIs(l4.port, " " + l4.port, nginx);
            assertEquals(1, l4.sum("l4_backend_up"), l4::toString);
            lines(log).stream()
                    .filter(line -> line.startsWith("/health "))
                    .forEach(line -> assertTrue(line.equals("/health <->") || line.equals("/health <>"), line));
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
