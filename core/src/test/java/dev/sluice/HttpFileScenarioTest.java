// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.ok;
import static dev.sluice.HttpServer.reply;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpReply;
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
import java.util.concurrent.atomic.AtomicInteger;
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

    /** One file for many replies at once, small ones and large ones, read whole and not. */
    @Test
    void aFileThatOthersReadStaysOpenAndEachReaderSaysWhenItIsDone() throws Exception {
        AtomicInteger done = new AtomicInteger();
        try (FileChannel file = open();
                HttpServer server = new HttpServer((request, reply) -> {
                    int bytes = request.targetIs("/small") ? 10_000 : SIZE;
                    reply.send("a/b", file, 0, bytes, done::incrementAndGet);
                });
                Client client = server.client();
                Client gone = new Client(server.test.server, 4096)) {
            gone.send(GET);
            gone.read(head(SIZE));
            client.send("GET /small HTTP/1.1\r\nHost: h\r\n\r\n".repeat(5) + GET);
            for (int i = 0; i < 5; i++) {
                client.read(head(10_000));
                assertArrayEquals(Arrays.copyOf(content, 10_000), client.read(10_000));
            }
            client.read(head(SIZE));
            assertArrayEquals(content, client.read(SIZE));
            gone.reset();
            Await.until("all are done", () -> done.get() == 7);
            assertTrue(file.isOpen());
        }
    }

    @Test
    void aSmallFileThatIsShorterIsAFailure() throws Exception {
        try (HttpServer server = new HttpServer(part(SIZE - 10, 100));
                Client client = server.client()) {
            client.send(GET);
            assertTrue(client.readAll().startsWith("HTTP/1.1 500 "));
            awaitClosed(1);
            assertInstanceOf(CloseReason.HandlerFailed.class, server.reason());
        }
    }

    @Test
    void whatIsRefusedLeavesTheFileToItsOwner() throws Exception {
        try (FileChannel file = open();
                HttpServer server = new HttpServer((request, reply) -> {
                    Runnable never = () -> fail("it was not sent");
                    for (int bytes : new int[] {1, SIZE}) {
                        HttpReply bodiless = reply.status(204);
                        assertThrows(IllegalArgumentException.class, () -> bodiless.send("a/b", file, 0, bytes, never));
                    }
                    reply.status(200).send("text/plain", "ok");
                });
                Client client = server.client()) {
            client.send(GET);
            client.read(ok("ok"));
            assertTrue(file.isOpen());
        }
    }

    @Test
    void aSmallFileIsCompressedAsOtherBodiesAre() throws Exception {
        Files.writeString(path, "a".repeat(10_000));
        try (HttpServer server =
                        new HttpServer((request, reply) -> reply.compress().send("text/plain", open(), 0, 10_000));
                Client client = server.client()) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n");
            String got = client.readAll();
            assertTrue(got.contains("Content-Encoding: gzip\r\n"), got);
            assertTrue(got.length() < 1_000, got);
            awaitClosed(1);
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
