// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers of HTTP and proxies that answer something else are no peers to be measured beside. */
class WebPeersTest {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int REQUESTS = 20;
    private static final int ADDRESSES = 64;
    private static final int SIGNED = 500; // bytes: a certificate and a signature have more

    @TempDir
    private Path directory;

    private final Deque<EchoServer> started = new ArrayDeque<>();

    @AfterEach
    void stop() throws InterruptedException {
        while (!started.isEmpty()) {
            started.pop().stop();
        }
    }

    private EchoServer start(String name) throws Exception {
        EchoServer server = Peers.start(name);
        started.push(server);
        return server;
    }

    private static byte[] get(EchoServer server, String target) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + server.port() + target).toURL().openConnection();
        connection.setReadTimeout(PATIENCE_MILLIS);
        assertEquals(200, connection.getResponseCode());
        try (InputStream body = connection.getInputStream()) {
            return body.readAllBytes();
        }
    }

    private static void assertServesPages(EchoServer server) throws IOException {
        for (int i = 0; i < REQUESTS; i++) {
            assertArrayEquals(WebPages.small(), get(server, WebPages.SMALL));
            assertArrayEquals(WebPages.large(), get(server, WebPages.LARGE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"web/sluice", "web/netty"})
    void eachServerHasThePages(String name) throws Exception {
        assertServesPages(start(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy/sluice/", "relay/nio/", "proxy/netty/"})
    void eachProxyPassesThemOn(String name) throws Exception {
        EchoServer backend = start("web/sluice");
        EchoServer proxy = start(name + backend.port());
        assertServesPages(proxy);
        assertArrayEquals(WebPages.small(), get(proxy, WebPages.LAST));
        assertServesPages(proxy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy/sluice/", "proxy/netty/"})
    void clientsAtTheSameTimeGetWhatTheyHaveAskedFor(String name) throws Exception {
        EchoServer proxy = start(name + start("web/netty").port());
        CompletableFuture<?>[] all = new CompletableFuture<?>[8];
        for (int i = 0; i < all.length; i++) {
            all[i] = CompletableFuture.runAsync(
                    () -> {
                        try {
                            assertServesPages(proxy);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    },
                    task -> new Thread(task, "web-peers-test").start());
        }
        CompletableFuture.allOf(all).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls/sluice/", "tls/netty/"})
    void eachServerHasThePagesByTls(String name) throws Exception {
        EchoServer backend = start(name + Certificates.make(directory).directory());
        assertServesPages(start("to-tls/resumed/" + backend.port() + "/" + directory));
    }

    @Test
    void connectionsThatAreResumedBringNoCertificates() throws Exception {
        Certificates.make(directory);
        double resumed = bytesOfOne("resumed");
        double full = bytesOfOne("full");
        assertTrue(full - resumed > SIGNED, () -> full + " bytes of a full one, " + resumed + " of one resumed");
    }

    private double bytesOfOne(String way) throws Exception {
        SluiceWeb backend = (SluiceWeb) start("tls/sluice/" + directory);
        EchoServer proxy = start("to-tls/" + way + "/" + backend.port() + "/" + directory);
        for (int i = 0; i < ADDRESSES; i++) {
            get(proxy, WebPages.LAST);
        }
        long before = backend.bytesWritten();
        for (int i = 0; i < ADDRESSES; i++) {
            get(proxy, WebPages.LAST);
        }
        return (double) (backend.bytesWritten() - before) / ADDRESSES;
    }
}
