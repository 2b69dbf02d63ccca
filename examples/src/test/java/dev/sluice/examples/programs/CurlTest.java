// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.files.FileServer;
import dev.sluice.examples.programs.Program.Said;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples {@code http} and {@code files}, asked by curl. */
final class CurlTest {
    private static final int MIB = 1 << 20;
    private static final String PAGE = "<!DOCTYPE html><p>" + "hello ".repeat(100);

    @TempDir
    private Path directory;

    private final byte[] large = new byte[3 * MIB];
    private String curl;
    private Path site;

    @BeforeEach
    void prepare() throws IOException {
        curl = Program.installed("curl", "curl");
        new Random(1).nextBytes(large);
        site = Files.createDirectory(directory.resolve("site"));
        Files.write(site.resolve("large.bin"), large);
        Files.writeString(site.resolve("index.html"), PAGE);
    }

    private Said curl(String... arguments) throws Exception {
        Said said = Program.run(curl, arguments(arguments));
        assertEquals(0, said.status(), said::toString);
        return said;
    }

    private static List<String> arguments(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--disable", "--silent", "--show-error", "--max-time", "60"));
        all.addAll(List.of(arguments));
        return all;
    }

    private static String url(Server server, String target) {
        return "http://127.0.0.1:" + server.port() + target;
    }

    private static Server application() throws IOException {
        return Http.server(Endpoint.tcp("127.0.0.1", 0)).start();
    }

    private Server files() throws IOException {
        return FileServer.server(Endpoint.tcp("127.0.0.1", 0), site, true).start();
    }

    private static Server echo() throws IOException {
        HttpLimits limits = HttpLimits.defaults().withBodyBytes(4 * MIB);
        return Server.builder()
                .listen(
                        Endpoint.tcp("127.0.0.1", 0),
                        HttpProtocol.gathering(Http::echo).withLimits(limits))
                .limits(Limits.defaults().withFrameBytes(4 * MIB))
                .start();
    }

    // ---- the application

    @Test
    void getsAndAsksForTheHeadAlone() throws Exception {
        try (Server server = application()) {
            String got = curl("--include", url(server, "/plaintext")).text();
            assertTrue(got.startsWith("HTTP/1.1 200 OK\r\n") && got.endsWith("\r\n\r\nHello, World!"), got);
            String head = curl("--head", url(server, "/plaintext")).text();
            assertTrue(head.contains("\r\nContent-Length: 13\r\n") && head.endsWith("\r\n\r\n"), head);
        }
    }

    @Test
    void asksAgainOnTheSameConnection() throws Exception {
        try (Server server = application()) {
            String connects = "%{num_connects}";
            assertEquals(
                    "Hello, World!1Hello, World!0line 1\n00 ms later\n0",
                    curl(
                                    "--write-out",
                                    connects,
                                    url(server, "/plaintext"),
                                    url(server, "/plaintext"),
                                    url(server, "/stream?lines=1"),
                                    url(server, "/slow"))
                            .text());
            assertEquals(1, server.counters().accepted());
        }
    }

    @Test
    void anErrorDoesNotEndTheConnection() throws Exception {
        try (Server server = application()) {
            String codes = "%{http_code},";
            String said = curl(
                            "--write-out",
                            codes,
                            "--output",
                            "/dev/null",
                            url(server, "/absent"),
                            "--output",
                            "/dev/null",
                            url(server, "/echo"),
                            "--output",
                            "/dev/null",
                            url(server, "/json"))
                    .text();
            assertEquals("404,405,200,", said);
            assertEquals(1, server.counters().accepted());
        }
    }

    @Test
    void asksInHttp10() throws Exception {
        try (Server server = application()) {
            String got =
                    curl("--http1.0", "--include", url(server, "/plaintext")).text();
            assertTrue(got.startsWith("HTTP/1.1 200 OK\r\n") && got.contains("\r\nConnection: close\r\n"), got);
            String stream = curl("--http1.0", "--include", url(server, "/stream?lines=1"))
                    .text();
            assertTrue(!stream.contains("Transfer-Encoding") && stream.endsWith("\r\n\r\nline 1\n"), stream);
        }
    }

    @Test
    void twentyAtOnce() throws Exception {
        try (Server server = application()) {
            String said = curl("--parallel", "--parallel-max", "20", url(server, "/slow?ms=[11-30]"))
                    .text();
            List<String> expected =
                    IntStream.rangeClosed(11, 30).mapToObj(i -> i + " ms later").collect(Collectors.toList());
            assertEquals(expected, said.lines().sorted().collect(Collectors.toList()));
        }
    }

    @Test
    void anOfferOfHttp2IsPassedOver() throws Exception {
        try (Server server = application()) {
            String settings = "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA";
            String got = curl(
                            "--include",
                            "--header",
                            "Connection: Upgrade, HTTP2-Settings",
                            "--header",
                            "Upgrade: h2c",
                            "--header",
                            settings,
                            url(server, "/plaintext"))
                    .text();
            assertTrue(got.startsWith("HTTP/1.1 200 OK\r\n") && got.endsWith("Hello, World!"), got);
        }
    }

    @Test
    void eventsComeOneByOneUntilTheClientGoes() throws Exception {
        try (Server server = application()) {
            try (Program events = Program.start(directory, curl, arguments("--no-buffer", url(server, "/events")));
                    BufferedReader lines = events.output()) {
                List<String> got = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    got.add(lines.readLine());
                }
                assertEquals(List.of("id: 1", "data: tick 1", "", "id: 2", "data: tick 2"), got);
            }
            await(() -> server.connections() == 0, server::explain);
        }
    }

    @Test
    void aSocketFileServesAsWell() throws Exception {
        Path socket = directory.resolve("http.sock");
        try (Server server =
                Http.server(Endpoint.parse("unix:" + socket), Http::whoAmI).start()) {
            assertEquals(
                    "a process of this machine\n",
                    curl("--unix-socket", socket.toString(), "http://h/").text());
            assertEquals(1, server.counters().accepted());
        }
    }

    // ---- bodies that go up

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: x/y", "Transfer-Encoding: chunked"})
    void aBodyOfMebibytesIsSentOnceTheServerSaysGoOn(String field) throws Exception {
        try (Server server = echo()) {
            Said said = curl(
                    "--verbose",
                    "--expect100-timeout",
                    "50",
                    "--header",
                    "Expect: 100-continue",
                    "--header",
                    field,
                    "--data-binary",
                    "@" + site.resolve("large.bin"),
                    url(server, "/"));
            assertTrue(said.errors().contains("\n< HTTP/1.1 100 Continue"), said::errors);
            assertArrayEquals(large, said.bytes());
        }
    }

    @Test
    void aBodyComesInChunksFromAPipe() throws Exception {
        try (Server server = echo()) {
            Said said = Program.run(
                    "sh",
                    List.of(
                            "-c",
                            "cat \"$1\" | \"$2\" --disable --silent --show-error --max-time 60 --upload-file - \"$3\"",
                            "sh",
                            site.resolve("large.bin").toString(),
                            curl,
                            url(server, "/")));
            assertArrayEquals(large, said.bytes(), said::errors);
        }
    }

    @Test
    void aBodyThatIsTooLargeIsNotSent() throws Exception {
        try (Server server = application()) {
            Said said = curl(
                    "--expect100-timeout",
                    "50",
                    "--header",
                    "Expect: 100-continue",
                    "--data-binary",
                    "@" + site.resolve("large.bin"),
                    "--output",
                    "/dev/null",
                    "--write-out",
                    "%{http_code} %{size_upload}",
                    url(server, "/echo"));
            assertEquals("413 0", said.text());
        }
    }

    @Test
    void whoSendsABodyThatIsTooLargeWithoutAskingIsToldSoAllTheSame() throws Exception {
        try (Server server = application()) {
            Said said = Program.run(
                    curl,
                    arguments(
                            "--header",
                            "Expect:",
                            "--data-binary",
                            "@" + site.resolve("large.bin"),
                            "--output",
                            "/dev/null",
                            "--write-out",
                            "%{http_code}",
                            url(server, "/echo")));
            assertEquals("413", said.text(), said::toString);
        }
    }

    // ---- files

    @Test
    void aFileIsGotWhole() throws Exception {
        try (Server server = files()) {
            assertArrayEquals(large, curl(url(server, "/large.bin")).bytes());
            String head = curl("--head", url(server, "/large.bin")).text();
            assertTrue(head.contains("\r\nContent-Length: " + large.length + "\r\n"), head);
        }
    }

    @Test
    void aRangeAndSeveral() throws Exception {
        try (Server server = files()) {
            Said one = curl("--range", "1000-200999", url(server, "/large.bin"));
            assertArrayEquals(Arrays.copyOfRange(large, 1_000, 201_000), one.bytes());
            String two = curl("--include", "--range", "0-99,2000000-2000099", url(server, "/large.bin"))
                    .text();
            assertTrue(two.startsWith("HTTP/1.1 206 Partial Content\r\n"), two);
            assertTrue(two.contains("\r\n\r\n" + text(0, 100) + "\r\n--"), two);
            assertTrue(two.contains("\r\n\r\n" + text(2_000_000, 2_000_100) + "\r\n--"), two);
        }
    }

    private String text(int from, int to) {
        return new String(Arrays.copyOfRange(large, from, to), ISO_8859_1);
    }

    @Test
    void aDownloadThatWasCutIsGoneOnWith() throws Exception {
        Path partial = directory.resolve("partial");
        Files.write(partial, Arrays.copyOf(large, 1_234_567));
        try (Server server = files()) {
            Said said = curl(
                    "--continue-at",
                    "-",
                    "--output",
                    partial.toString(),
                    "--write-out",
                    "%{http_code} %{size_download}",
                    url(server, "/large.bin"));
            assertEquals("206 " + (large.length - 1_234_567), said.text());
            assertArrayEquals(large, Files.readAllBytes(partial));
        }
    }

    @Test
    void aPageIsCompressedForWhoTakesIt() throws Exception {
        Path head = directory.resolve("head");
        try (Server server = files()) {
            Said page = curl("--compressed", "--dump-header", head.toString(), url(server, "/"));
            assertEquals(PAGE, page.text());
            assertTrue(Files.readString(head).contains("\r\nContent-Encoding: gzip\r\n"), Files.readString(head));
            assertEquals(PAGE, curl(url(server, "/")).text());
        }
    }

    @Test
    void whatHasNotChangedIsNotSentAgain() throws Exception {
        String copy = directory.resolve("copy").toString();
        String tag = directory.resolve("tag").toString();
        String result = "%{http_code} %{size_download} ";
        try (Server server = files()) {
            String first = curl(
                            "--remote-time",
                            "--etag-save",
                            tag,
                            "--output",
                            copy,
                            "--write-out",
                            result,
                            url(server, "/large.bin"))
                    .text();
            assertEquals("200 " + large.length + " ", first);
            String sameTag = curl("--etag-compare", tag, "--write-out", result, url(server, "/large.bin"))
                    .text();
            assertEquals("304 0 ", sameTag);
            String sameTime = curl("--time-cond", copy, "--write-out", result, url(server, "/large.bin"))
                    .text();
            assertEquals("304 0 ", sameTime);
        }
    }

    @Test
    void noWayLeadsOutOfTheFolder() throws Exception {
        Files.writeString(directory.resolve("secret"), "secret");
        try (Server server = files()) {
            for (String target : List.of("/../secret", "/%2e%2e/secret", "/..%2fsecret")) {
                String said =
                        curl("--path-as-is", "--include", url(server, target)).text();
                assertTrue(said.matches("(?s)HTTP/1.1 40[04] .*") && !said.endsWith("secret"), said);
            }
        }
    }
}
