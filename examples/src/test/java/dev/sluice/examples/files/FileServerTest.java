// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileServerTest {
    private static final String PAGE = "<!DOCTYPE html><p>" + "hello ".repeat(100);

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private final byte[] large = new byte[1_000_000];
    private Path site;
    private Server server;

    @BeforeEach
    void start() throws IOException {
        site = Files.createDirectory(directory.resolve("site"));
        Files.writeString(directory.resolve("secret"), "secret");
        Files.writeString(site.resolve("index.html"), PAGE);
        Files.writeString(site.resolve("a & b.txt"), "small");
        Files.writeString(site.resolve(".hidden"), "hidden");
        new Random(1).nextBytes(large);
        Files.write(site.resolve("large.bin"), large);
        Files.createDirectories(site.resolve("sub/.well-known"));
        Files.createDirectories(site.resolve(".well-known"));
        Files.writeString(site.resolve(".well-known/x.txt"), "known");
        Files.createSymbolicLink(site.resolve("out"), directory.resolve("secret"));
        Files.createSymbolicLink(site.resolve("outside"), directory);
        Files.createSymbolicLink(site.resolve("in"), site.resolve("index.html"));
        server = FileServer.server(Endpoint.tcp("127.0.0.1", 0), site, false).start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<byte[]> ask(String method, String path, String... fields) throws Exception {
        int port = ((InetSocketAddress) server.address()).getPort();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> get(String path, String... fields) throws Exception {
        return ask("GET", path, fields);
    }

    private static String field(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("none");
    }

    /** The status of a target that no client would send like that. */
    private int raw(String target) throws IOException {
        int port = ((InetSocketAddress) server.address()).getPort();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            String head = "GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            assertFalse(answer.contains("secret"), answer);
            return Integer.parseInt(answer.substring(9, 12));
        }
    }

    @Test
    void aPathOfManyFoldersIsAsAnyOther() throws Exception {
        assertEquals(404, get("/a".repeat(4_000)).statusCode());
        assertEquals(404, get("/" + "a".repeat(7_999)).statusCode());
        assertEquals(404, get("//").statusCode());
    }

    @Test
    void filesHaveTypesValidatorsAndTheirBytes() throws Exception {
        HttpResponse<byte[]> page = get("/");
        assertEquals(200, page.statusCode());
        assertEquals(PAGE, new String(page.body(), UTF_8));
        assertEquals("text/html; charset=utf-8", field(page, "content-type"));
        assertEquals("Accept-Encoding", field(page, "vary"));
        HttpResponse<byte[]> binary = get("/large.bin");
        assertArrayEquals(large, binary.body());
        assertEquals("application/octet-stream", field(binary, "content-type"));
        assertEquals("small", new String(get("/a%20%26%20b.txt").body(), UTF_8));
        assertEquals("known", new String(get("/.well-known/x.txt").body(), UTF_8));
        assertEquals(PAGE, new String(get("/in").body(), UTF_8));
        HttpResponse<byte[]> head = ask("HEAD", "/large.bin");
        assertEquals(0, head.body().length);
        assertEquals("1000000", field(head, "content-length"));
        assertEquals(field(binary, "etag"), field(head, "etag"));
    }

    @Test
    void whatTheClientHasIsNotSentAgain() throws Exception {
        HttpResponse<byte[]> first = get("/large.bin");
        HttpResponse<byte[]> again = get("/large.bin", "If-None-Match", field(first, "etag"));
        assertEquals(304, again.statusCode());
        assertEquals(0, again.body().length);
        assertEquals(field(first, "etag"), field(again, "etag"));
        assertEquals(
                304,
                get("/large.bin", "If-Modified-Since", field(first, "last-modified"))
                        .statusCode());
        assertEquals(412, get("/large.bin", "If-Match", "\"other\"").statusCode());
    }

    /** What was asked for stays open; it must not be sent when it isn't what is there now. */
    @Test
    void whatIsThereNowIsSent() throws Exception {
        Path file = site.resolve("a.txt");
        Files.writeString(file, "one");
        HttpResponse<byte[]> first = get("/a.txt");
        assertEquals("one", new String(first.body(), UTF_8));

        Files.writeString(file, "two"); // in its place
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
        HttpResponse<byte[]> second = get("/a.txt", "If-None-Match", field(first, "etag"));
        assertEquals("two", new String(second.body(), UTF_8));

        Path other = Files.writeString(site.resolve("other"), "six"); // of the same length and time
        Files.setLastModifiedTime(other, FileTime.fromMillis(1_000));
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        assertEquals("six", new String(get("/a.txt").body(), UTF_8));

        Files.delete(file);
        assertEquals(404, get("/a.txt").statusCode());
    }

    @Test
    void aLinkThatIsTurnedLeadsNowhereElseThanItMay() throws Exception {
        assertEquals(PAGE, new String(get("/in").body(), UTF_8));
        Files.delete(site.resolve("in"));
        Files.createSymbolicLink(site.resolve("in"), directory.resolve("secret"));
        assertEquals(404, get("/in").statusCode());
        Files.createDirectory(site.resolve("one"));
        Files.writeString(site.resolve("one/index.html"), "one");
        Files.createDirectory(site.resolve("two"));
        Files.writeString(site.resolve("two/index.html"), "two");
        Path current = Files.createSymbolicLink(site.resolve("current"), site.resolve("one"));
        assertEquals("one", new String(get("/current/").body(), UTF_8));
        Files.delete(current);
        Files.createSymbolicLink(current, site.resolve("two"));
        assertEquals("two", new String(get("/current/").body(), UTF_8));
        Files.delete(site.resolve("two/index.html"));
        assertEquals(404, get("/current/").statusCode());
    }

    @Test
    void moreFilesThanStayOpenAreSentAllTheSame() throws Exception {
        int number = 300;
        for (int i = 0; i < number; i++) {
            Files.writeString(site.resolve(i + ".txt"), "file " + i);
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < number; i++) {
                assertEquals(
                        "file " + i, new String(get("/" + i + ".txt?" + round).body(), UTF_8));
            }
        }
    }

    @Test
    void oneRange() throws Exception {
        HttpResponse<byte[]> part = get("/large.bin", "Range", "bytes=100000-299999");
        assertEquals(206, part.statusCode());
        assertEquals("bytes 100000-299999/1000000", field(part, "content-range"));
        assertArrayEquals(Arrays.copyOfRange(large, 100_000, 300_000), part.body());
        HttpResponse<byte[]> none = get("/large.bin", "Range", "bytes=1000000-");
        assertEquals(416, none.statusCode());
        assertEquals("bytes */1000000", field(none, "content-range"));
        assertEquals(
                200,
                get("/large.bin", "Range", "bytes=0-9", "If-Range", "\"old\"").statusCode());
        String tag = field(part, "etag");
        assertEquals(
                206, get("/large.bin", "Range", "bytes=0-9", "If-Range", tag).statusCode());
    }

    @Test
    void severalRanges() throws Exception {
        HttpResponse<byte[]> parts = get("/large.bin", "Range", "bytes=0-99999,500000-500001,-1");
        assertEquals(206, parts.statusCode());
        String type = field(parts, "content-type");
        String boundary = type.substring("multipart/byteranges; boundary=".length());
        String head = "\r\n--" + boundary + "\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes ";
        String expected = head + "0-99999/1000000\r\n\r\n" + text(0, 100_000) + head + "500000-500001/1000000\r\n\r\n"
                + text(500_000, 500_002) + head + "999999-999999/1000000\r\n\r\n" + text(999_999, 1_000_000) + "\r\n--"
                + boundary + "--\r\n";
        assertEquals(expected, new String(parts.body(), ISO_8859_1));
    }

    private String text(int from, int to) {
        return new String(Arrays.copyOfRange(large, from, to), ISO_8859_1);
    }

    @Test
    void whatBecomesSmallerIsCompressedForThoseWhoTakeIt() throws Exception {
        HttpResponse<byte[]> page = get("/", "Accept-Encoding", "br, gzip;q=0.5");
        assertEquals("gzip", field(page, "content-encoding"));
        assertTrue(page.body().length < PAGE.length() / 2);
        assertEquals(
                PAGE, new String(new GZIPInputStream(new ByteArrayInputStream(page.body())).readAllBytes(), UTF_8));
        assertEquals(
                304,
                get("/", "Accept-Encoding", "gzip", "If-None-Match", field(page, "etag"))
                        .statusCode());
        assertEquals("none", field(get("/", "Accept-Encoding", "gzip;q=0, *"), "content-encoding"));
        assertEquals("gzip", field(get("/", "Accept-Encoding", "*"), "content-encoding"));
        assertEquals("none", field(get("/large.bin", "Accept-Encoding", "gzip"), "content-encoding"));
        assertEquals("none", field(get("/a%20%26%20b.txt", "Accept-Encoding", "gzip"), "content-encoding"));
    }

    @Test
    void aFileThatWasCompressedBeforeIsSentAsItIs() throws Exception {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write("other".getBytes(UTF_8));
        }
        Files.write(site.resolve("index.html.gz"), compressed.toByteArray());
        HttpResponse<byte[]> page = get("/", "Accept-Encoding", "gzip");
        assertArrayEquals(compressed.toByteArray(), page.body());
        assertEquals("text/html; charset=utf-8", field(page, "content-type"));
        assertEquals(PAGE, new String(get("/").body(), UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "/../secret, 400",
        "/%2e%2e/secret, 400",
        "/sub/..%2f..%2fsecret, 404",
        "/sub/..%5c..%5csecret, 404",
        "/%2Fetc%2Fpasswd, 404",
        "//etc/passwd, 404",
        "/out, 404",
        "/outside/secret, 404",
        "/.hidden, 404",
        "/index.html%00.txt, 400",
        "/index.html/, 404",
        "/index.html/x, 404",
        "/absent, 404",
        "/sub/, 404",
        "/C:/secret, 404",
        "/%ff, 400",
    })
    void noWayLeadsOut(String target, int status) throws IOException {
        assertEquals(status, raw(target));
    }

    @Test
    void foldersAreRedirectedToTheirSlashAndListedOnlyIfThatIsWanted() throws Exception {
        HttpResponse<byte[]> folder = get("/sub?a=b");
        assertEquals(301, folder.statusCode());
        assertEquals("/sub/?a=b", field(folder, "location"));
        Files.writeString(site.resolve("sub/<x>&.txt"), "x");
        server.close();
        server = FileServer.server(Endpoint.tcp("127.0.0.1", 0), site, true).start();
        String page = new String(get("/sub/").body(), UTF_8);
        assertTrue(page.contains("<a href=\"./%3Cx%3E%26.txt\">&lt;x&gt;&amp;.txt</a>"), page);
        assertFalse(page.contains("well-known/x"), page);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE"})
    void otherMethodsAreNotAllowed(String method) throws Exception {
        HttpResponse<byte[]> response = ask(method, "/");
        assertEquals(405, response.statusCode());
        assertEquals("GET, HEAD, OPTIONS", field(response, "allow"));
        assertEquals(204, ask("OPTIONS", "/").statusCode());
    }

    @Test
    void whatIsNoFolderIsRefusedAtStart() {
        assertThrows(NotDirectoryException.class, () -> new FileServer(site.resolve("index.html"), false));
        assertThrows(IOException.class, () -> new FileServer(site.resolve("absent"), false));
    }
}
