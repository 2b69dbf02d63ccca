// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP over TLS: many requests at once, replies that come later, files, and ends that aren't in order. */
class TlsHttpScenarioTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int SIZE = 3_000_000;

    @TempDir
    private Path directory;

    private final List<FileChannel> files = new CopyOnWriteArrayList<>();

    private static TestServer serving(HttpHandler handler) throws IOException {
        return new TestServer(
                new TestServer.Recorder(TestServer::echo),
                builder -> builder.listen(TlsKeys.ofLocalhost().endpoint(), HttpProtocol.gathering(handler)));
    }

    private static SSLSocket connect(TestServer server, int receiveBuffer) throws Exception {
        SSLSocket socket =
                (SSLSocket) TlsKeys.ofLocalhost().context().getSocketFactory().createSocket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setSoTimeout(TIMEOUT_MILLIS);
        int port = server.server.listeners().get(1).port();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        return socket;
    }

    private static void get(SSLSocket client, String... targets) throws IOException {
        StringBuilder requests = new StringBuilder();
        for (String target : targets) {
            requests.append("GET ").append(target).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        client.getOutputStream().write(requests.toString().getBytes(ISO_8859_1));
    }

    private static byte[] body(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException("the stream ends in the head " + head);
            }
            head.append((char) c);
        }
        int at = head.indexOf("Content-Length: ") + "Content-Length: ".length();
        return in.readNBytes(Integer.parseInt(head.substring(at, head.indexOf("\r\n", at))));
    }

    private static String text(InputStream in) throws IOException {
        return new String(body(in), ISO_8859_1);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    @Test
    void manyRequestsAtOnceAreAnsweredInTheirOrder() throws Exception {
        CopyOnWriteArrayList<HttpReply> waiting = new CopyOnWriteArrayList<>();
        try (TestServer server = serving((request, reply) -> {
                    if (request.target().endsWith("7")) {
                        waiting.add(reply.defer());
                    } else {
                        reply.send("t/t", bytes(request.target()));
                    }
                });
                SSLSocket client = connect(server, 0)) {
            String[] targets = new String[100];
            for (int i = 0; i < targets.length; i++) {
                targets[i] = "/" + i;
            }
            get(client, targets);
            Await.until("ten wait", () -> waiting.size() == 10);
            for (int i = 9; i >= 0; i--) {
                waiting.get(i).send("t/t", bytes("later " + i));
            }
            for (int i = 0; i < targets.length; i++) {
                assertEquals(i % 10 == 7 ? "later " + i / 10 : "/" + i, text(client.getInputStream()));
            }
        }
    }

    private FileChannel open(byte[] content) throws IOException {
        Path path = directory.resolve("file");
        Files.write(path, content);
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        files.add(file);
        return file;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3000})
    void filesAreSentWhole(int receiveBuffer) throws Exception {
        byte[] content = new byte[SIZE];
        new Random(1).nextBytes(content);
        FileChannel first = open(content);
        try (TestServer server = serving((request, reply) -> {
                    int bytes = Integer.parseInt(request.target().substring(1));
                    FileChannel file = bytes == SIZE ? first : FileChannel.open(directory.resolve("file"));
                    files.add(file);
                    reply.send("t/t", file, SIZE - bytes, bytes);
                });
                SSLSocket client = connect(server, receiveBuffer)) {
            int[] sizes = {1, 16_384, 16_385, 65_535, 65_536, 65_537, 200_000, SIZE};
            for (int size : sizes) {
                get(client, "/" + size);
            }
            for (int size : sizes) {
                byte[] expected = java.util.Arrays.copyOfRange(content, SIZE - size, SIZE);
                assertArrayEquals(expected, body(client.getInputStream()), () -> size + " bytes");
            }
            Await.until("all files are closed", () -> files.stream().noneMatch(FileChannel::isOpen));
        }
    }

    @Test
    void aFileThatEndsTooEarlyDoesNotLookWhole() throws Exception {
        FileChannel file = open(new byte[100_000]);
        try (TestServer server = serving((request, reply) -> reply.send("t/t", file, 0, 200_000));
                SSLSocket client = connect(server, 0)) {
            get(client, "/");
            assertThrows(IOException.class, () -> {
                client.getInputStream().readAllBytes();
            });
            Await.until("the file is closed", () -> !file.isOpen());
        }
    }

    @Test
    void aClientThatStopsReadingAFileKeepsNothing() throws Exception {
        FileChannel file = open(new byte[SIZE]);
        try (TestServer server = serving((request, reply) -> reply.send("t/t", file, 0, SIZE))) {
            try (SSLSocket client = connect(server, 2000)) {
                get(client, "/");
                assertEquals('H', client.getInputStream().read());
                Await.until(
                        "the socket is full",
                        () -> server.server.readers().get(0).lentBuffers() > 0);
                assertTrue(server.server.readers().get(0).lentBytes() <= 300_000);
                client.setSoLinger(true, 0);
            }
            Await.until("it has ended", () -> server.server.connections() == 0);
            Await.until("the file is closed", () -> !file.isOpen());
        }
    }

    @Test
    void theLastReplyEndsInOrder() throws Exception {
        try (TestServer server = serving((request, reply) -> reply.send("t/t", bytes("x".repeat(100_000))));
                SSLSocket client = connect(server, 0)) {
            client.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
            assertEquals(100_000, text(client.getInputStream()).length());
            assertEquals(-1, client.getInputStream().read()); // close_notify, or this would throw
        }
    }
}
