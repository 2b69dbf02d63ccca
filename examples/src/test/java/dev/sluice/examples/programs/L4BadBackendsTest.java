// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backends that misbehave behind the example {@code l4}: each of its deadlines bounds what they can hold. */
final class L4BadBackendsTest {
    private static final String GET = "GET / HTTP/1.0\r\n\r\n";

    @TempDir
    private Path directory;

    private static ServerSocket listener(int backlog) throws IOException {
        ServerSocket listener = new ServerSocket(0, backlog, InetAddress.getByName("127.0.0.1"));
        listener.setSoTimeout(30_000);
        return listener;
    }

    private RunningL4 inFrontOf(ServerSocket backend, String settings) throws Exception {
        return RunningL4.start(directory, RunningL4.upstream("", backend.getLocalPort()) + settings);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    /** What comes until the end, or until the connection is reset. */
    private static String readToTheEnd(Socket socket) throws IOException {
        StringBuilder got = new StringBuilder();
        InputStream in = socket.getInputStream();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                got.append((char) next);
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no end comes", e);
        } catch (SocketException e) {
            return got + "reset";
        }
        return got.toString();
    }

    private static void awaitIdleEnd(RunningL4 l4) {
        await(() -> l4.log().size() == 1, () -> "a line in the log, " + l4);
        String[] words = l4.log().get(0);
        assertTrue(List.of(words[9], words[10]).contains("deadline_passed:idle"), () -> String.join(" ", words));
    }

    @Test
    void oneThatAcceptsAndSaysNothingIsLeftAfterTheIdleDeadline() throws Exception {
        try (ServerSocket backend = listener(10);
                RunningL4 l4 = inFrontOf(backend, "[deadlines]\nidle = \"200ms\"\n");
                Socket client = Asking.connect(l4.port);
                Socket accepted = backend.accept()) {
            write(client, GET);
            assertEquals(GET, new String(accepted.getInputStream().readNBytes(GET.length()), US_ASCII));
            readToTheEnd(client);
            l4.awaitNothingLeft();
            awaitIdleEnd(l4);
        }
    }

    /** The kernel answers for it, until its queue is full. */
    @Test
    void oneThatDoesNotEvenAcceptIsLeftAfterTheIdleDeadline() throws Exception {
        try (ServerSocket backend = listener(10);
                RunningL4 l4 = inFrontOf(backend, "[deadlines]\nidle = \"200ms\"\n");
                Socket client = Asking.connect(l4.port)) {
            write(client, GET);
            readToTheEnd(client);
            l4.awaitNothingLeft();
            awaitIdleEnd(l4);
        }
    }

    @Test
    void oneThatCannotBeConnectedToIsLeftAfterTheConnectDeadlineAndAnotherIsTried() throws Exception {
        try (ServerSocket full = listener(1);
                Fillers fillers = new Fillers(full);
                Server good =
                        Http.server(Endpoint.tcp("127.0.0.1", 0), Http::whoAmI).start();
                RunningL4 l4 = RunningL4.start(
                        directory,
                        RunningL4.upstream("balance = \"round-robin\"\n", full.getLocalPort(), good.port())
                                + "[deadlines]\nconnect = \"200ms\"\n")) {
            for (int i = 0; i < 4; i++) {
                String answer = Asking.get(l4.port, "/");
                assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
            }
            assertTrue(l4.sum("l4_upstream_retries_total") >= 1, l4::toString);
        }
    }

    /** Connections that fill the queue of one who doesn't accept; the kernel lets no more come to be then. */
    private static final class Fillers implements AutoCloseable {
        private final List<Socket> sockets = new ArrayList<>();

        Fillers(ServerSocket full) throws IOException {
            try {
                for (int i = 0; i < 10; i++) {
                    Socket socket = new Socket();
                    sockets.add(socket);
                    socket.connect(full.getLocalSocketAddress(), 200);
                }
            } catch (SocketTimeoutException e) {
                return; // it is full
            }
            throw new AssertionError("its queue is never full");
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void whereNoneCanBeConnectedToTheClientsConnectionEnds() throws Exception {
        try (ServerSocket full = listener(1);
                Fillers fillers = new Fillers(full);
                RunningL4 l4 = inFrontOf(full, "[deadlines]\nconnect = \"200ms\"\n");
                Socket client = Asking.connect(l4.port)) {
            assertEquals("", readToTheEnd(client));
            await(() -> l4.log().size() == 1, l4::toString);
            assertEquals("127.0.0.1:" + client.getLocalPort(), l4.log().get(0)[2], l4::toString);
            assertEquals("not_connected", l4.log().get(0)[10], l4::toString);
        }
    }

    @Test
    void oneThatResetsEndsTheClientsConnectionAtOnce() throws Exception {
        try (ServerSocket backend = listener(10);
                RunningL4 l4 = inFrontOf(backend, "");
                Socket client = Asking.connect(l4.port)) {
            write(client, GET);
            try (Socket accepted = backend.accept()) {
                accepted.getInputStream().read();
                write(accepted, "half an answ");
                assertEquals("half", new String(client.getInputStream().readNBytes(4), US_ASCII));
                accepted.setSoLinger(true, 0);
            }
            String rest = readToTheEnd(client);
            assertTrue(rest.startsWith(" an answ"), rest);
            l4.awaitNothingLeft();
            await(() -> l4.log().size() == 1, l4::toString);
            assertEquals("peer_reset", l4.log().get(0)[10], l4::toString);
        }
    }

    /** Those that reset before a word are ejected, and others serve. */
    @Test
    void oneThatResetsBeforeAWordIsLeftOut() throws Exception {
        try (ServerSocket backend = listener(50);
                Server good =
                        Http.server(Endpoint.tcp("127.0.0.1", 0), Http::whoAmI).start();
                Resetting resetting = new Resetting(backend);
                RunningL4 l4 = RunningL4.start(
                        directory,
                        RunningL4.upstream(
                                "balance = \"round-robin\"\nejection.failures = 3\nejection.time = \"1h\"\n",
                                backend.getLocalPort(),
                                good.port()))) {
            int lost = 0;
            for (int i = 0; i < 40; i++) {
                try (Socket client = Asking.connect(l4.port)) {
                    write(client, GET);
                    lost += readToTheEnd(client).contains("200 OK") ? 0 : 1;
                }
            }
            assertTrue(lost >= 3 && lost <= 4, lost + " were lost, " + l4);
            assertEquals(1, l4.sum("l4_backend_up"), l4::toString);
        }
    }

    /** Resets each connection when it has read a byte of it. */
    private static final class Resetting implements AutoCloseable {
        private final ServerSocket listener;
        private final Thread thread = new Thread(this::run, "resetting");

        Resetting(ServerSocket listener) {
            this.listener = listener;
            thread.start();
        }

        private void run() {
            while (!listener.isClosed()) {
                try (Socket accepted = listener.accept()) {
                    accepted.setSoLinger(true, 0);
                    accepted.getInputStream().read();
                } catch (IOException e) {
                    continue; // that one has gone by itself, or all is over
                }
            }
        }

        @Override
        public void close() throws Exception {
            listener.close();
            thread.join();
        }
    }

    /** It has read the client's end, and never ends its own half. */
    @Test
    void oneThatNeverClosesIsLeftAfterTheIdleDeadline() throws Exception {
        try (ServerSocket backend = listener(10);
                RunningL4 l4 = inFrontOf(backend, "[deadlines]\nidle = \"200ms\"\n");
                Socket client = Asking.connect(l4.port);
                Socket accepted = backend.accept()) {
            write(client, GET);
            client.shutdownOutput();
            assertEquals(GET, new String(accepted.getInputStream().readAllBytes(), US_ASCII));
            readToTheEnd(client);
            l4.awaitNothingLeft();
            awaitIdleEnd(l4);
        }
    }

    /** The client has gone, wholly: its backend is told, and is given no longer than the idle deadline. */
    @Test
    void oneThatNeverClosesHoldsNothingWhenItsClientHasGone() throws Exception {
        try (ServerSocket backend = listener(10);
                RunningL4 l4 = inFrontOf(backend, "[deadlines]\nidle = \"200ms\"\n");
                Socket client = Asking.connect(l4.port);
                Socket accepted = backend.accept()) {
            write(client, GET);
            assertEquals(GET, new String(accepted.getInputStream().readNBytes(GET.length()), US_ASCII));
            client.close();
            l4.awaitNothingLeft();
            awaitIdleEnd(l4);
        }
    }

    /** Both talk, but one of them doesn't read. */
    @Test
    void oneThatDoesNotReadIsCutAfterTheWriteDeadline() throws Exception {
        try (ServerSocket backend = listener(10);
                RunningL4 l4 = inFrontOf(backend, "[deadlines]\nwrite-stall = \"300ms\"\n");
                Socket client = Asking.connect(l4.port);
                Socket accepted = backend.accept()) {
            byte[] much = new byte[1 << 16];
            long sent = 0;
            try {
                while (sent < 1L << 30) {
                    client.getOutputStream().write(much);
                    sent += much.length;
                }
            } catch (SocketException e) {
                assertTrue(e.getMessage().contains("reset") || e.getMessage().contains("pipe"), e::toString);
            }
            assertTrue(sent < 1L << 28, sent + " bytes were taken");
            l4.awaitNothingLeft();
            await(() -> l4.log().size() == 1, l4::toString);
            assertEquals("deadline_passed:write-stall", l4.log().get(0)[10], l4::toString);
            accepted.getInputStream().read();
        }
    }
}
