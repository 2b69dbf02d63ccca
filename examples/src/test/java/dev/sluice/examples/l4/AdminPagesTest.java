// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.l4.TestProxy.Asker;
import dev.sluice.examples.proxy.ExpositionText;
import dev.sluice.examples.proxy.ProxyProgram;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy's pages, over HTTP. */
final class AdminPagesTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private static String file(NamedBackend backend) {
        return "[listener.main]\naddress = \"127.0.0.1:0\"\n[upstream.main]\nbackends = \"" + backend.address()
                + "\"\n[admin]\naddress = \"127.0.0.1:0\"\n";
    }

    private static HttpResponse<String> get(ProxyProgram proxy, String path) throws Exception {
        URI uri = URI.create("http://" + proxy.pages() + path);
        return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> reload(ProxyProgram proxy, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + proxy.pages() + "/reload"))
                .POST(HttpRequest.BodyPublishers.noBody());
        if (fields.length > 0) {
            request.headers(fields);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static Asker client(ProxyProgram proxy) throws IOException {
        String address = proxy.listeners().get(0);
        return new Asker(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    }

    @Test
    void figuresAreThereForPeopleAndScrapers() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a")) {
            Path path = Files.writeString(folder.resolve("l4.toml"), file(a));
            ProxyProgram proxy = L4.start(path);
            try (Asker client = client(proxy)) {
                assertEquals("a", client.ask());
                HttpResponse<String> metrics = get(proxy, "/metrics");
                assertEquals(
                        "text/plain; version=0.0.4; charset=utf-8",
                        metrics.headers().firstValue("Content-Type").orElse(""));
                ExpositionText text = ExpositionText.read(metrics.body());
                assertEquals(1, text.value("l4_listener_relays{listener=\"main\"}"));
                assertEquals(5 + 17, text.value("l4_listener_read_bytes_total{listener=\"main\"}"), 5);
                String labels = "{upstream=\"main\",backend=\"" + a.address() + "\",address=\"" + a.address() + "\"}";
                assertEquals(1, text.value("l4_backend_relays" + labels));
                assertTrue(get(proxy, "/").body().contains("upstream main: 1 of 1 used"));
                assertEquals(
                        ConfigFile.read(path),
                        ConfigFile.parse(get(proxy, "/config").body()));
            } finally {
                proxy.stop();
            }
        }
    }

    @Test
    void aReloadSaysWhatWasDoneOrWhyNothingWas() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a")) {
            Path path = Files.writeString(folder.resolve("l4.toml"), file(a));
            ProxyProgram proxy = L4.start(path);
            try {
                assertEquals(200, reload(proxy).statusCode());
                Files.writeString(path, file(a).replace("127.0.0.1:0", "127.0.0.1"));
                HttpResponse<String> refused = reload(proxy);
                assertEquals(409, refused.statusCode());
                assertEquals(2, refused.body().lines().count(), refused.body());
                assertEquals(
                        403, reload(proxy, "Origin", "http://elsewhere.example").statusCode());
                ExpositionText text = ExpositionText.read(get(proxy, "/metrics").body());
                assertEquals(1, text.value("l4_reloads_total{outcome=\"taken\"}"));
                assertEquals(1, text.value("l4_reloads_total{outcome=\"refused\"}"));
            } finally {
                proxy.stop();
            }
        }
    }

    @Test
    void whileItEndsRelaysGoOnAndHealthSaysSo() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a")) {
            ProxyProgram proxy = L4.start(Files.writeString(folder.resolve("l4.toml"), file(a)));
            CompletableFuture<Void> stopped;
            try (Asker client = client(proxy)) {
                assertEquals("a", client.ask());
                assertEquals(200, get(proxy, "/health").statusCode());
                stopped = CompletableFuture.runAsync(() -> {
                    try {
                        proxy.stop();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                await(() -> health(proxy) == 503, () -> "the health page to say that it ends");
                assertEquals("a", client.ask());
            }
            stopped.join();
        }
    }

    private static int health(ProxyProgram proxy) {
        try {
            return get(proxy, "/health").statusCode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aProxyWithoutAFileHasNothingToReload() throws Exception {
        try (NamedBackend a = NamedBackend.lines("a")) {
            ProxyProgram proxy = L4.start(FlagsTest.flags(a.address()));
            try (Asker client = client(proxy)) {
                assertEquals("a", client.ask());
                assertEquals("started without a file\n", reload(proxy).body());
            } finally {
                proxy.stop();
            }
        }
    }
}
