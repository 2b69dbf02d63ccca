// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.reply;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpHandler;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replies of HTTP whose body is a file. */
class HttpFileScenarioTest {
    private static final int SIZE = 3_000_000;
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    @TempDir
    private Path directory;

    private final byte[] content = new byte[SIZE];
    private final List<FileChannel> files = new CopyOnWriteArrayList<>();
    private Path path;

    @BeforeEach
    void write() throws IOException {
        new Random(1).nextBytes(content);
        path = Files.write(directory.resolve("file"), content);
    }

    private FileChannel open() throws IOException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        files.add(file);
        return file;
    }

    private HttpHandler part(long position, long bytes) {
        return (request, reply) -> reply.send("a/b", open(), position, bytes);
    }

    private static String head(long bytes) {
        return reply("200 OK", "Content-Type: a/b", "Content-Length: " + bytes);
    }

    private void awaitClosed(int number) {
        Await.until(
                "all files are closed",
                () -> files.size() == number && files.stream().noneMatch(FileChannel::isOpen));
    }

    @Test
    void wholeFilesLeaveOneAfterAnotherAndAreClosed() throws Exception {
        try (HttpServer server = new HttpServer(part(0, SIZE));
                Client client = server.client()) {
            client.send(GET.repeat(3));
            for (int i = 0; i < 3; i++) {
                client.read(head(SIZE));
                assertArrayEquals(content, client.read(SIZE));
            }
            awaitClosed(3);
        }
    }

    @Test
    void workersMaySendFilesToo() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try (HttpServer server = new HttpServer(part(10, 100_000), b -> b.topology(Topology.workers(1, workers)));
                Client client = server.client()) {
            client.send(GET);
            client.read(head(100_000));
            assertArrayEquals(Arrays.copyOfRange(content, 10, 100_010), client.read(100_000));
            awaitClosed(1);
        } finally {
            workers.shutdownNow();
        }
    }

    @Test
    void headAndNothingSendNoBytesAndCloseTheFile() throws Exception {
        try (HttpServer server = new HttpServer((request, reply) ->
                        reply.send("a/b", open(), 0, request.method().equals("HEAD") ? SIZE : 0));
                Client client = server.client()) {
            client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + GET);
            assertEquals(head(SIZE) + head(0), client.read(head(SIZE) + head(0)));
            awaitClosed(2);
        }
    }

    @Test
    void aClientThatGoesAwayLetsTheFileBeClosed() throws Exception {
        try (HttpServer server = new HttpServer(part(0, SIZE));
                Client client = new Client(server.test.server, 4096)) {
            client.send(GET);
            client.read(head(SIZE));
            client.reset();
            awaitClosed(1);
        }
    }

    @Test
    void aFileThatIsShorterThanItWasEndsTheConnection() throws Exception {
        try (HttpServer server = new HttpServer(part(0, SIZE + 1L));
                Client client = server.client()) {
            assertTrue(client.send(GET).isReset());
            assertEquals(CloseReason.Kind.IO_FAILED, server.reason().kind());
            awaitClosed(1);
        }
    }

    @Test
    void aReplyThatCannotHaveABodyLeavesTheFileOpen() throws Exception {
        HttpHandler handler = (request, reply) -> {
            try (FileChannel file = open()) {
                assertThrows(
                        IllegalArgumentException.class, () -> reply.status(304).send("a/b", file, 0, 1));
                assertEquals(true, file.isOpen());
            }
            reply.status(304).send();
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            client.send(GET);
            client.read(reply("304 Not Modified"));
        }
    }
}
