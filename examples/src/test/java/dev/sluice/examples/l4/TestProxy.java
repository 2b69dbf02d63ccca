// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.proxy.Ends;
import dev.sluice.examples.proxy.LiveProxy;
import dev.sluice.examples.proxy.ProxyProgram;
import dev.sluice.examples.proxy.Reloads;
import dev.sluice.examples.proxy.Snapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A proxy by a file, and its clients. Closing it stops it, and checks that no relay is left. */
final class TestProxy implements AutoCloseable {
    private final Path file;
    private final LiveProxy<L4Config, L4.Plan> proxy;
    private final Reloads reloads;

    TestProxy(Path folder, String text) throws Exception {
        file = Files.writeString(folder.resolve("l4.toml"), text);
        proxy = LiveProxy.start(L4.KIND, ConfigFile.read(file));
        reloads = ProxyProgram.reloads(proxy, file);
    }

    LiveProxy<L4Config, L4.Plan> proxy() {
        return proxy;
    }

    Reloads reloads() {
        return reloads;
    }

    Snapshot snapshot() {
        return proxy.snapshot(reloads.failed());
    }

    /** Writes the file anew, and has it taken over. */
    String reload(String text) throws IOException {
        Files.writeString(file, text);
        Reloads.Outcome outcome = reloads.reload();
        assertTrue(outcome.taken(), outcome::text);
        return outcome.text();
    }

    /** Writes the file anew, which is not taken over. */
    String reloadInVain(String text) throws IOException {
        Files.writeString(file, text);
        Reloads.Outcome outcome = reloads.reload();
        assertEquals(false, outcome.taken(), outcome::text);
        return outcome.text();
    }

    int port(int listener) {
        return proxy.listeners().get(listener).port();
    }

    /** A client of the first listener. */
    Asker client() throws IOException {
        return new Asker(port(0));
    }

    /** Asks once, of the first listener, and goes. */
    String ask() throws IOException {
        try (Asker client = client()) {
            return client.ask();
        }
    }

    /** Asks so many times, each time as another client. */
    List<String> ask(int times) throws IOException {
        String[] answers = new String[times];
        for (int i = 0; i < times; i++) {
            answers[i] = ask();
        }
        return List.of(answers);
    }

    @Override
    public void close() throws Exception {
        proxy.drain();
        snapshot().listeners().forEach(view -> assertEquals(0, view.active(), view::toString));
        snapshot().upstreams().forEach(upstream -> upstream.backends()
                .forEach(backend -> assertEquals(0, backend.active(), backend::toString)));
    }

    /** A client that sends lines. */
    static final class Asker implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;

        Asker(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(30_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        }

        String ask() throws IOException {
            return ask("who?\n".getBytes(StandardCharsets.US_ASCII));
        }

        /** Sends bytes and returns the line that comes, without the client's address, or null if the end comes. */
        String ask(byte[] bytes) throws IOException {
            String line = askWhole(bytes);
            return line == null ? null : line.split(" ")[0];
        }

        String askWhole(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            return in.readLine();
        }

        String localAddress() {
            return Ends.text(socket.getLocalSocketAddress());
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
