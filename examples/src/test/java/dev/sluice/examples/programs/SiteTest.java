// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.programs.Asking.ask;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.Project;
import dev.sluice.examples.files.FileServer;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One site, served by {@code files}, by {@code http} alone, and by nginx with {@code http} behind it, as site.conf says. */
final class SiteTest {
    private static final Path CONFIGURATION = Project.ROOT.resolve("examples/src/main/nginx/site.conf");
    private static final List<String> FILES = List.of("/static/index.html", "/static/", "/static/large.bin");

    @TempDir
    private Path directory;

    private Server files;
    private Server alone;
    private Server behind;
    private Nginx nginx;

    @BeforeEach
    void start() throws Exception {
        Nginx.installed();
        Path site = directory.resolve("site");
        Files.createDirectories(site.resolve("static"));
        Files.writeString(site.resolve("static/index.html"), "<!DOCTYPE html><p>hello");
        Files.writeString(site.resolve("static/.hidden"), "hidden");
        byte[] large = new byte[1 << 20];
        new Random(1).nextBytes(large);
        Files.write(site.resolve("static/large.bin"), large);
        FileServer folder = new FileServer(site, false);
        files = Http.server(Endpoint.tcp("127.0.0.1", 0), folder).start();
        alone = Http.server(Endpoint.tcp("127.0.0.1", 0), folder.at("/static/", Http.application()))
                .start();
        behind = Http.server(Endpoint.tcp("127.0.0.1", 0)).start();
        int port = Program.freePort();
        String text = Files.readString(CONFIGURATION);
        text = replaced(text, "127.0.0.1:7004", "127.0.0.1:" + behind.port());
        text = replaced(text, "listen 8080", "listen 127.0.0.1:" + port);
        text = replaced(text, "root /srv/site", "root " + site);
        nginx = Nginx.start(directory, text, port);
    }

    private static String replaced(String text, String what, String by) {
        assertTrue(text.contains(what), text);
        return text.replace(what, by);
    }

    @AfterEach
    void stop() {
        if (nginx != null) {
            nginx.close();
        }
        for (Server server : new Server[] {files, alone, behind}) {
            if (server != null) {
                server.close();
            }
        }
    }

    @Test
    void aFileIsTheSameWhoeverServesItAndTheApplicationIsNotAsked() throws Exception {
        for (String target : FILES) {
            byte[] bytes = get(files.port(), target);
            assertArrayEquals(bytes, get(alone.port(), target), target);
            assertArrayEquals(bytes, get(nginx.port, target), target);
        }
        assertEquals(0, behind.counters().accepted());
    }

    private static byte[] get(int port, String target) throws IOException, InterruptedException {
        var response = ask("GET", port, target);
        Asking.assertOk(response);
        return response.body();
    }

    @Test
    void theApplicationAnswersTheSameAloneAndBehindNginx() throws Exception {
        for (String target : List.of("/json", "/plaintext", "/slow?ms=5", "/stream?lines=1")) {
            assertArrayEquals(get(alone.port(), target), get(nginx.port, target), target);
        }
        byte[] body = new byte[300_000];
        new Random(2).nextBytes(body);
        for (int port : new int[] {alone.port(), nginx.port}) {
            assertArrayEquals(
                    body,
                    ask("POST", port, "/echo", BodyPublishers.ofByteArray(body)).body());
        }
        assertEquals(1, behind.counters().accepted(), nginx::toString);
    }

    @Test
    void whatIsNotThereIsNowhereThere() throws Exception {
        for (String target : List.of("/static/absent", "/static/.hidden")) {
            for (int port : new int[] {files.port(), alone.port(), nginx.port}) {
                assertEquals(404, ask("GET", port, target).statusCode(), target);
            }
        }
    }

    @Test
    void eventsComeAtOnce() throws Exception {
        try (Socket client = Asking.connect(nginx.port)) {
            Asking.begin(client, "/events");
            Asking.readUntil(client.getInputStream(), "data: tick 1\n");
        }
    }
}
