// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.Project;
import dev.sluice.examples.l7.L7;
import dev.sluice.examples.programs.Program.Said;
import dev.sluice.examples.proxy.ProxyProgram;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example {@code l7} between real clients and real servers. */
final class L7Test {
    private static final String LISTENER = "[listener.main]\naddress = \"127.0.0.1:0\"\n";
    private static final String ADMIN = "[admin]\naddress = \"127.0.0.1:0\"\n[server]\ndrain = \"2s\"\n";

    @TempDir
    private Path directory;

    private ProxyProgram proxy;

    private int start(String text) throws Exception {
        Path file = Files.writeString(directory.resolve("l7.toml"), text + ADMIN);
        proxy = L7.start(file);
        return portOf(proxy.listeners().get(0));
    }

    private static int portOf(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @AfterEach
    void stop() throws Exception {
        if (proxy != null) {
            proxy.stop();
        }
    }

    private String metrics() {
        try {
            return Asking.body(Asking.get(portOf(proxy.pages()), "/metrics"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String upstream(String settings, int... ports) {
        List<String> backends = new ArrayList<>();
        for (int port : ports) {
            backends.add("\"127.0.0.1:" + port + "\"");
        }
        return "[upstream.main]\nbackends = [" + String.join(", ", backends) + "]\n" + settings;
    }

    private Nginx nginx(String name, int port, String... lines) throws Exception {
        Path home = Files.createDirectory(directory.resolve(name));
        return Nginx.start(
                home,
                "keepalive_requests 50;\nserver {\nlisten 127.0.0.1:" + port + ";\n" + String.join("\n", lines)
                        + "\n}\n",
                port);
    }

    private static Said curl(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("--disable", "--silent", "--show-error", "--max-time", "60"));
        all.addAll(List.of(arguments));
        Said said = Program.run(Program.installed("curl", "curl"), all);
        assertEquals(0, said.status(), said::toString);
        return said;
    }

    @Test
    void curlGetsWhatNginxHas() throws Exception {
        Nginx.installed();
        byte[] much = new byte[3_000_000];
        new Random(7).nextBytes(much);
        Path site = Files.createDirectory(directory.resolve("site"));
        Files.write(site.resolve("much"), much);
        int port = Program.freePort();
        try (Nginx nginx = nginx(
                "nginx",
                port,
                "location /files/ { alias " + site + "/; }",
                "location / { return 200 \"$request_method $request_uri $http_host $http_x_forwarded_for $server_protocol\"; }")) {
            int l7 = start(LISTENER + upstream("", nginx.port)
                    + "[[route]]\nto = \"main\"\n[[route]]\npath = \"/here/\"\nreplace = \"/files/\"\nto = \"main\"\n");
            String url = "http://127.0.0.1:" + l7;
            assertArrayEquals(much, curl(url + "/here/much").bytes());
            assertEquals(
                    "GET /x?y 127.0.0.1:" + l7 + " 127.0.0.1 HTTP/1.1",
                    curl(url + "/x?y").text());
            assertEquals(
                    "GET /x h.example 127.0.0.1 HTTP/1.1",
                    curl("--header", "Host: h.example", url + "/x").text());
            Path range = directory.resolve("range");
            curl("--range", "1000-1999", "--output", range.toString(), url + "/here/much");
            assertArrayEquals(Arrays.copyOfRange(much, 1000, 2000), Files.readAllBytes(range));
        }
    }

    @Test
    void varnishtestFindsTheRulesOfHopsKept() throws Exception {
        String varnishtest = Program.installed("varnishtest", "varnish");
        int backend = Program.freePort();
        int l7 = start(LISTENER + upstream("", backend));
        Said said = Program.run(
                varnishtest,
                List.of(
                        "-Dproxy=127.0.0.1:" + l7,
                        "-Dbackend=127.0.0.1:" + backend,
                        Project.ROOT.resolve("examples/src/test/vtc/proxy.vtc").toString()));
        assertEquals(0, said.status(), said::toString);
    }

    @Test
    void httpsGoesToNginxThatIsVerified() throws Exception {
        Nginx.installed();
        TestCa authority = TestCa.create("a CA to throw away");
        Files.writeString(directory.resolve("ca.pem"), authority.rootPem());
        for (String name : List.of("front", "back")) {
            TestCertificate made = authority.server(name + ".example", "127.0.0.1");
            Files.writeString(directory.resolve(name + ".pem"), made.chainPem());
            Files.writeString(directory.resolve(name + ".key"), made.keyPem());
        }
        Path home = Files.createDirectory(directory.resolve("nginx"));
        int port = Program.freePort();
        String site = "server {\nlisten 127.0.0.1:" + port + " ssl;\nssl_certificate " + directory
                + "/back.pem;\nssl_certificate_key " + directory
                + "/back.key;\nlocation / { return 200 \"$ssl_server_name $http_x_forwarded_proto\"; }\n}\n";
        try (Nginx nginx = Nginx.start(home, site, port)) {
            String cert = "tls = { cert = \"" + directory + "/front.pem\", key = \"" + directory + "/front.key\" }\n";
            String back = "tls = { ca = \"" + directory + "/ca.pem\", server-name = \"back.example\" }\n";
            int l7 = start(LISTENER + cert + upstream(back, nginx.port));
            Said said = curl(
                    "--cacert",
                    directory.resolve("ca.pem").toString(),
                    "--resolve",
                    "front.example:" + l7 + ":127.0.0.1",
                    "https://front.example:" + l7 + "/");
            assertEquals("back.example https", said.text(), nginx::toString);
        }
    }

    @Test
    void everyRequestIsAnsweredWhileABackendIsKilledAndComesBack() throws Exception {
        Nginx.installed();
        String curl = Program.installed("curl", "curl");
        String line = "location / { return 200 \"$request_uri\\n\"; }";
        int a = Program.freePort();
        int b = Program.freePort();
        try (Nginx stays = nginx("stays", a, line)) {
            Nginx dies = nginx("dies", b, line);
            try {
                int l7 = start(LISTENER + upstream("retries = 3\n", stays.port, dies.port));
                List<CompletableFuture<Said>> load = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    List<String> arguments = List.of(
                            "--disable",
                            "--silent",
                            "--show-error",
                            "--fail",
                            "--max-time",
                            "100",
                            "http://127.0.0.1:" + l7 + "/[1-4000]");
                    load.add(CompletableFuture.supplyAsync(() -> run(curl, arguments)));
                }
                await(() -> answered() > 500, this::metrics);
                dies.signal("KILL");
                dies.close();
                long before = answered();
                await(() -> answered() > before + 500, this::metrics);
                try (Nginx back = nginx("back", b, line)) {
                    long now = answered();
                    await(() -> answered() > now + 500, this::metrics);
                    StringBuilder expected = new StringBuilder();
                    for (int i = 1; i <= 4000; i++) {
                        expected.append('/').append(i).append('\n');
                    }
                    for (CompletableFuture<Said> one : load) {
                        Said said = one.get();
                        assertEquals(0, said.status(), said.errors() + metrics());
                        assertTrue(said.text().equals(expected.toString()), "each answer once, in order");
                    }
                    assertEquals(12_000, answered());
                    assertTrue(back.port == b, back::toString);
                }
            } finally {
                dies.close();
            }
        }
    }

    private long answered() {
        return metrics()
                .lines()
                .filter(line -> line.startsWith("l7_requests_total{") && line.contains("\"answered\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static Said run(String program, List<String> arguments) {
        try {
            return Program.run(program, arguments);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
