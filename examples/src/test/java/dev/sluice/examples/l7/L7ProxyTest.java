// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static dev.sluice.examples.Await.await;
import static dev.sluice.examples.l7.RunningL7.body;
import static dev.sluice.examples.l7.RunningL7.status;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.proxy.ExpositionText;
import dev.sluice.examples.proxy.ProxyProgram;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The proxy over real sockets. */
final class L7ProxyTest {
    private static final String LISTENER = "[listener.main]\naddress = \"127.0.0.1:0\"\n";

    @TempDir
    private Path folder;

    private static String upstream(String name, NamedHttp backend) {
        return "[upstream." + name + "]\nbackends = \"" + backend.address() + "\"\n";
    }

    @ParameterizedTest
    @CsvSource({
        "www.example.org, /,              200, a GET /",
        "www.example.org, /x?q=1,         200, a GET /x?q=1",
        "WWW.example.org:80, /api/x?y,    200, b GET /v2/x?y",
        "www.example.org, /api,           200, a GET /api",
        "x.example.org,   /files,         200, b GET /files",
        "x.example.org,   /files/y,       200, b GET /files/y",
        "x.example.org,   /filesystem,    404, ''",
        "example.org,     /,              421, ''",
        "www.example.org, /private/x,     403, ''",
        "www.example.org, /%70rivate/x,   403, ''",
        "www.example.org, //private//x,   403, ''",
        "www.example.org, /x/../private,  400, ''",
        "www.example.org, /x/%2e%2E/priv, 400, ''",
        "www.example.org, /%zz,           400, ''",
        "www.example.org, /a%61pi/,       200, a GET /a%61pi/",
        "www.example.org, /%61pi/x,       400, ''",
    })
    void requestsGoByHostAndPath(String host, String target, int status, String asked) throws Exception {
        try (NamedHttp a = new NamedHttp("a");
                NamedHttp b = new NamedHttp("b");
                RunningL7 l7 = new RunningL7(folder, LISTENER + upstream("a", a) + upstream("b", b) + """
                        [[route]]
                        host = "www.example.org"
                        to = "a"
                        [[route]]
                        host = "www.example.org"
                        path = "/api/"
                        replace = "/v2/"
                        to = "b"
                        [[route]]
                        host = "www.example.org"
                        path = "/private"
                        refuse = true
                        [[route]]
                        host = "*.example.org"
                        path = "/files"
                        to = "b"
                        """)) {
            String answer = l7.get(host, target);
            assertEquals(status, status(answer), answer);
            if (status == 200) {
                assertTrue(body(answer).startsWith(asked + "\n"), answer);
            }
            assertEquals(status == 404 || status == 421 || status == 403 ? 1 : 0, l7.sum("l7_listener_unrouted_total"));
        }
    }

    @Test
    void noSpellingOfARefusedPathReachesABackend() throws Exception {
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 = new RunningL7(
                        folder,
                        LISTENER + upstream("a", a)
                                + "[[route]]\nto = \"a\"\n[[route]]\npath = \"/admin\"\nrefuse = true\n")) {
            for (String target : List.of("/admin;v=1/x", "/admin%3Bv/x", "/;/admin", "http://h/admin;v=1/x?y")) {
                assertEquals(403, status(l7.get("h", target)), target);
            }
            for (String target : List.of(
                    "/public/..;/admin/x",
                    "/x/%2e%2e;/admin",
                    "/x%2F..%2Fadmin",
                    "/x\\..\\admin",
                    "/x%5c..%5Cadmin",
                    "/admin%00/x")) {
                assertEquals(400, status(l7.get("h", target)), target);
            }
            assertEquals(Set.of(), a.targets());
            Set<String> passed = Set.of("/x;v=1/y?a;b\\c%2F", "/x%20y", "/x/%252e%252e/admin", "//x");
            for (String target : passed) {
                assertEquals(200, status(l7.get("h", target)), target);
            }
            assertEquals(passed, a.targets());
        }
    }

    @Test
    void backendsAreToldTheClientAndTheHost() throws Exception {
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 = new RunningL7(folder, LISTENER + upstream("a", a) + """
                        [[route]]
                        to = "a"
                        [[route]]
                        path = "/named"
                        send-host = "backend.internal"
                        to = "a"
                        [forwarding]
                        forwarded = true
                        via = "edge"
                        """)) {
            String answer = l7.get("www.example.org", "/", "X-Forwarded-For: 192.0.2.1");
            assertTrue(body(answer).contains("host: www.example.org\n"), answer);
            assertTrue(body(answer).contains("x-forwarded-for: 127.0.0.1\n"), answer);
            assertTrue(body(answer).contains("x-forwarded-proto: http\n"), answer);
            assertTrue(body(answer).contains("\nforwarded: "), answer);
            assertTrue(body(answer).contains("via: 1.1 edge\n"), answer);
            answer = l7.get("www.example.org", "/named");
            assertTrue(body(answer).contains("host: backend.internal\n"), answer);
        }
    }

    @Test
    void aTrustedProxyIsBelieved() throws Exception {
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 = new RunningL7(
                        folder,
                        LISTENER + upstream("a", a)
                                + "[forwarding]\nx-forwarded = true\nvia = \"\"\ntrusted = \"127.0.0.0/8\"\n")) {
            String answer = l7.get("h", "/", "X-Forwarded-For: 192.0.2.1");
            assertTrue(body(answer).contains("x-forwarded-for: 192.0.2.1, 127.0.0.1\n"), answer);
            assertFalse(answer.contains("via:"), answer);
        }
    }

    @Test
    void manyClientsShareAFewConnections() throws Exception {
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 =
                        new RunningL7(folder, LISTENER + upstream("a", a) + "[upstream.a.pool]\nconnections = 2\n")) {
            List<Socket> clients = new ArrayList<>();
            try {
                for (int i = 0; i < 50; i++) {
                    Socket client = RunningL7.connect(l7.port(0));
                    clients.add(client);
                    client.getOutputStream().write(("GET /" + i + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(ISO_8859_1));
                }
                for (int i = 0; i < 50; i++) {
                    assertEquals(
                            "HTTP/1.1 200",
                            new String(clients.get(i).getInputStream().readNBytes(12)));
                }
                assertTrue(a.connections() <= 2, a::address);
                assertEquals(50, l7.sum("l7_requests_total"));
                assertEquals(a.connections(), l7.sum("l7_pool_connections"));
            } finally {
                for (Socket client : clients) {
                    client.close();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"10, 200", "11, 413"})
    void aBodyThatIsTooLongIsRefused(int bytes, int status) throws Exception {
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 = new RunningL7(
                        folder,
                        LISTENER + upstream("a", a) + "[[route]]\npath = \"/up\"\nbody = \"10 B\"\nto = \"a\"\n")) {
            String answer = l7.ask("POST /up HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " + bytes
                    + "\r\n\r\n" + "x".repeat(bytes));
            assertEquals(status, status(answer), answer);
            String chunked =
                    l7.ask("POST /up HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + Integer.toHexString(bytes) + "\r\n" + "x".repeat(bytes) + "\r\n0\r\n\r\n");
            assertEquals(status == 200, chunked.startsWith("HTTP/1.1 200 "), chunked);
        }
    }

    @Test
    void bodiesGoThroughHoweverLong() throws Exception {
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 = new RunningL7(folder, LISTENER + upstream("a", a) + "[http]\nbody = \"16 MiB\"\n")) {
            int length = 5_000_000;
            String answer = l7.ask("POST /up HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " + length
                    + "\r\n\r\n" + "x".repeat(length));
            assertTrue(body(answer).endsWith("\n" + length + " bytes\n"), answer);
            answer = l7.ask("POST /up HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 17000000\r\n\r\n");
            assertEquals(413, status(answer), answer);
        }
    }

    @Test
    void whatIsWrongWithABackendIsTold() throws Exception {
        NamedHttp gone = new NamedHttp("gone");
        String address = gone.address();
        gone.close();
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 = new RunningL7(
                        folder,
                        LISTENER + upstream("a", a) + "[upstream.gone]\nbackends = \"" + address
                                + "\"\n[[route]]\nto = \"a\"\ntimeout = \"50ms\"\n[[route]]\npath = \"/gone\"\nto = \"gone\"\n")) {
            assertEquals(502, status(l7.get("h", "/gone")));
            assertEquals(504, status(l7.get("h", "/keep")));
            ExpositionText metrics = ExpositionText.read(l7.page("/metrics"));
            assertEquals(1, metrics.value("l7_requests_total{upstream=\"gone\",outcome=\"bad_gateway\"}"));
            assertEquals(1, metrics.value("l7_requests_total{upstream=\"a\",outcome=\"timeout\"}"));
        }
    }

    @Test
    void clientsMayGoOnInAnotherProtocolWhereTheRouteSaysSo() throws Exception {
        try (ServerSocket backend = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Thread echo = new Thread(() -> echoInAnotherProtocol(backend));
            echo.start();
            String route = "[[route]]\nto = \"a\"\nupgrade = \"echo\"\n";
            String upstream = "[upstream.a]\nbackends = \"127.0.0.1:" + backend.getLocalPort() + "\"\n";
            try (RunningL7 l7 = new RunningL7(folder, LISTENER + upstream + route);
                    Socket client = RunningL7.connect(l7.port(0))) {
                String request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
                client.getOutputStream().write(request.getBytes(ISO_8859_1));
                assertEquals("HTTP/1.1 101", new String(client.getInputStream().readNBytes(12)));
                client.getOutputStream().write("\0words".getBytes(ISO_8859_1));
                client.shutdownOutput();
                String rest = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
                assertTrue(rest.endsWith("\r\n\r\n\0words"), rest);
            }
            echo.join();
        }
    }

    private static void echoInAnotherProtocol(ServerSocket server) {
        try (Socket socket = server.accept()) {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) socket.getInputStream().read());
            }
            String answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
            socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void eachRequestIsALineOfTheLog() throws Exception {
        Path log = folder.resolve("access.log");
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 = new RunningL7(folder, LISTENER + upstream("a", a), "access-log = \"" + log + "\"\n")) {
            l7.get("h", "/x", "User-Agent: me");
            await(() -> lines(log).size() == 1, () -> "a line in " + lines(log));
            assertTrue(
                    lines(log).get(0).matches("127\\.0\\.0\\.1 - - \\[.*] \"GET /x HTTP/1\\.1\" 200 \\d+ \"-\" \"me\""),
                    lines(log)::toString);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whileItEndsRequestsGoOn() throws Exception {
        try (NamedHttp a = new NamedHttp("a")) {
            RunningL7 l7 = new RunningL7(folder, LISTENER + upstream("a", a));
            ProxyProgram proxy = l7.proxy();
            CompletableFuture<Void> stopped;
            try (Socket client = RunningL7.connect(l7.port(0))) {
                client.getOutputStream().write("GET /keep HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(ISO_8859_1));
                await(() -> a.kept() != null, () -> "the request");
                stopped = CompletableFuture.runAsync(() -> {
                    try {
                        proxy.stop();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                await(() -> l7.page("/health").equals("ending\n"), () -> "the health page to say that it ends");
                a.kept().send("text/plain", "kept\n");
                String answer = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
                assertTrue(answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("kept\n"), answer);
            }
            stopped.join();
        }
    }

    // ---- certificates

    private void write(String name, TestCertificate certificate) throws IOException {
        Files.writeString(folder.resolve(name + ".pem"), certificate.chainPem());
        Files.writeString(folder.resolve(name + ".key"), certificate.keyPem());
    }

    private String identity(String name) {
        return "{ cert = \"" + folder.resolve(name + ".pem") + "\", key = \"" + folder.resolve(name + ".key") + "\" }";
    }

    /** Connects and returns the subject that it is shown, and what it is answered. */
    private static String[] visit(int port, String host) throws Exception {
        X509TrustManager anybody = new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {anybody}, null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            SSLParameters parameters = socket.getSSLParameters();
            if (host != null) {
                parameters.setServerNames(List.of(new SNIHostName(host)));
            }
            parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
            socket.setSSLParameters(parameters);
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            assertEquals("http/1.1", socket.getApplicationProtocol());
            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return new String[] {String.valueOf(shown.getSubjectAlternativeNames()) + shown.getSerialNumber(), answer};
        }
    }

    @Test
    void eachHostHasItsCertificateAndReloadsReadThemAgain() throws Exception {
        TestCa authority = TestCa.create("a CA to throw away");
        write("a", authority.server("a.example"));
        write("b", authority.server("b.example"));
        try (NamedHttp backend = new NamedHttp("n")) {
            String text = "[listener.main]\naddress = \"127.0.0.1:0\"\ntls = [" + identity("a") + ", " + identity("b")
                    + "]\n" + upstream("main", backend);
            try (RunningL7 l7 = new RunningL7(folder, text)) {
                int port = l7.port(0);
                String[] a = visit(port, "a.example");
                assertTrue(a[0].contains("a.example"), a[0]);
                assertTrue(body(a[1]).contains("x-forwarded-proto: https\n"), a[1]);
                assertTrue(visit(port, "b.example")[0].contains("b.example"));
                assertTrue(visit(port, "other.example")[0].contains("a.example"));
                assertTrue(visit(port, null)[0].contains("a.example"));
                write("a", authority.server("a.example"));
                l7.reloadWell(text);
                assertEquals(port, l7.port(0));
                String[] next = visit(port, "a.example");
                assertTrue(next[0].contains("a.example") && !next[0].equals(a[0]), next[0]);
                Files.writeString(folder.resolve("a.pem"), "nothing");
                String refused = l7.reload(text);
                assertEquals(409, status(refused));
                assertTrue(refused.contains("a.pem"), refused);
                assertEquals(next[0], visit(port, "a.example")[0]);
            }
        }
    }

    @Test
    void aCertificateThatCannotBeReadIsTold() throws Exception {
        write("a", TestCa.create("ca").server("a.example"));
        Files.delete(folder.resolve("a.key"));
        L7Flags flags = ConfigFileTest.flags(
                folder.resolve("a.pem").toString(), folder.resolve("a.key").toString(), "127.0.0.1:1");
        String message = assertThrows(IOException.class, () -> L7.start(flags)).getMessage();
        assertTrue(message.startsWith("listener.main.tls: ") && message.contains("a.key"), message);
    }

    @Test
    void aProxyOfAFewWordsReadsItsCertificateAgain() throws Exception {
        TestCa authority = TestCa.create("ca");
        write("a", authority.server("a.example"));
        try (NamedHttp backend = new NamedHttp("n")) {
            ProxyProgram proxy = L7.start(ConfigFileTest.flags(
                    folder.resolve("a.pem").toString(), folder.resolve("a.key").toString(), backend.address()));
            try {
                String address = proxy.listeners().get(0);
                int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
                String before = visit(port, "a.example")[0];
                write("a", authority.server("a.example"));
                proxy.reload();
                assertFalse(before.equals(visit(port, "a.example")[0]));
            } finally {
                proxy.stop();
            }
        }
    }
}
