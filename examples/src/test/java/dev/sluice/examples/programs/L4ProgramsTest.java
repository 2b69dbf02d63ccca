// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.ProxyProtocol;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.l4.L4;
import dev.sluice.examples.l4.L4Flags;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The example {@code l4} behind HAProxy and in front of nginx and HAProxy, which tell and are told the client's address. */
final class L4ProgramsTest {
    @TempDir
    private Path directory;

    private static L4 proxy(String backend, String sendProxy, List<String> trusted) throws IOException {
        return L4.start(
                new L4Flags("127.0.0.1:0", List.of(backend), sendProxy, trusted, "single", 1, 1000, null, null));
    }

    private static int port(L4 proxy) {
        String address = proxy.listeners().get(0);
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static String ask(Socket client) throws IOException {
        client.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({"send-proxy, v1", "send-proxy, v2", "send-proxy-v2, v1", "send-proxy-v2, v2"})
    void behindHaproxyItPassesTheClientsAddressOn(String sent, String passedOn) throws Exception {
        Haproxy.installed();
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", 0).withProxyProtocol(ProxyProtocol.requiredFrom("127.0.0.1"));
        try (Server server = Http.server(endpoint, Http::whoAmI).start()) {
            L4 proxy = proxy("127.0.0.1:" + server.port(), passedOn, List.of("127.0.0.0/8"));
            try (Haproxy haproxy = Haproxy.start(directory, "server a 127.0.0.1:" + port(proxy) + " " + sent);
                    Socket client = Asking.connect(haproxy.port)) {
                String answer = ask(client);
                assertTrue(answer.endsWith("\r\n\r\n127.0.0.1:" + client.getLocalPort() + "\n"), answer);
            } finally {
                proxy.stop();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void nginxIsToldTheClientsAddress(String version) throws Exception {
        Nginx.installed();
        int port = Program.freePort();
        String site = "server { listen 127.0.0.1:" + port + " proxy_protocol;"
                + " location / { return 200 \"$proxy_protocol_addr:$proxy_protocol_port\"; } }";
        try (Nginx nginx = Nginx.start(directory, site, port)) {
            L4 proxy = proxy("127.0.0.1:" + nginx.port, version, List.of());
            try (Socket client = Asking.connect(port(proxy))) {
                String answer = ask(client);
                assertTrue(answer.endsWith("\r\n\r\n127.0.0.1:" + client.getLocalPort()), answer);
            } finally {
                proxy.stop();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void haproxyIsToldTheClientsAddress(String version) throws Exception {
        Haproxy.installed();
        int port = Program.freePort();
        try (Server server =
                        Http.server(Endpoint.tcp("127.0.0.1", 0), Http::whoAmI).start();
                Haproxy haproxy = Haproxy.start(
                        directory,
                        "server a 127.0.0.1:" + server.port(),
                        "frontend told",
                        "bind 127.0.0.1:" + port + " accept-proxy",
                        "http-request return status 200 content-type text/plain lf-string %[src]:%[src_port]")) {
            L4 proxy = proxy("127.0.0.1:" + port, version, List.of());
            try (Socket client = Asking.connect(port(proxy))) {
                String answer = ask(client);
                assertEquals("127.0.0.1:" + client.getLocalPort(), answer.substring(answer.indexOf("\r\n\r\n") + 4));
            } finally {
                proxy.stop();
            }
        }
    }
}
