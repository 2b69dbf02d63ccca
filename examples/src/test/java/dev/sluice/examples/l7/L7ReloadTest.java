// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static dev.sluice.examples.Await.await;
import static dev.sluice.examples.l7.RunningL7.body;
import static dev.sluice.examples.l7.RunningL7.status;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes of the configuration, and of the backends, while clients ask. */
final class L7ReloadTest {
    private static final String LISTENER = "[listener.main]\naddress = \"127.0.0.1:0\"\n";

    @TempDir
    private Path folder;

    /** Clients that ask again and again; each keeps its connection until it is told to close it. */
    private static final class Clients implements AutoCloseable {
        private final List<Thread> threads = new ArrayList<>();
        private final AtomicInteger answered = new AtomicInteger();
        private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private volatile boolean over;

        Clients(int number, int port, String method) {
            for (int i = 0; i < number; i++) {
                int client = i;
                threads.add(new Thread(() -> ask(client, port, method), "client-" + i));
            }
            threads.forEach(Thread::start);
        }

        private void ask(int client, int port, String method) {
            try {
                for (int i = 0; !over; ) {
                    try (Socket socket = RunningL7.connect(port)) {
                        BufferedReader in =
                                new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
                        for (boolean open = true; open && !over; i++) {
                            String target = "/" + client + "/" + i;
                            String request =
                                    method + " " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
                            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
                            open = answer(in, method + " " + target);
                        }
                    }
                }
            } catch (IOException | RuntimeException e) {
                wrong.add(e.toString());
            }
        }

        /** Reads an answer, and tells whether the connection goes on. */
        private boolean answer(BufferedReader in, String asked) throws IOException {
            String line = in.readLine();
            String status = line;
            boolean open = true;
            int length = 0;
            for (; line != null && !line.isEmpty(); line = in.readLine()) {
                open &= !line.equals("Connection: close");
                length = line.startsWith("Content-Length: ") ? Integer.parseInt(line.substring(16)) : length;
            }
            char[] body = new char[length];
            int read = 0;
            while (read < length) {
                read += Math.max(0, in.read(body, read, length - read));
            }
            if (!"HTTP/1.1 200 OK".equals(status) || !new String(body).contains(" " + asked + "\n")) {
                throw new IOException(asked + " was answered by " + status + " " + new String(body));
            }
            answered.incrementAndGet();
            return open;
        }

        void awaitAnswers(int more) {
            int before = answered.get();
            await(
                    () -> answered.get() >= before + more || !wrong.isEmpty(),
                    () -> answered + " were answered, wrong: " + wrong);
        }

        @Override
        public void close() throws InterruptedException {
            over = true;
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), List.copyOf(wrong));
        }
    }

    private static String upstream(String name, String settings, NamedHttp... backends) {
        List<String> addresses = new ArrayList<>();
        for (NamedHttp backend : backends) {
            addresses.add("\"" + backend.address() + "\"");
        }
        return "[upstream." + name + "]\nbackends = [" + String.join(", ", addresses) + "]\n" + settings;
    }

    @Test
    void noRequestIsLostWhateverChanges() throws Exception {
        try (NamedHttp a = new NamedHttp("a");
                NamedHttp b = new NamedHttp("b");
                RunningL7 first = new RunningL7(folder, LISTENER + upstream("x", "", a))) {
            String listener = LISTENER.replace(":0", ":" + first.port(0));
            List<String> changes = List.of(
                    LISTENER + upstream("x", "", a, b),
                    LISTENER + upstream("x", "retries = 5\n", b),
                    LISTENER + upstream("x", "retries = 4\n", a) + "[upstream.x.pool]\nconnections = 3\n",
                    LISTENER + upstream("y", "balance = \"round-robin\"\n", b),
                    LISTENER + upstream("y", "", b) + "[[route]]\nto = \"y\"\nsend-host = \"h\"\ntimeout = \"20s\"\n",
                    LISTENER + upstream("y", "", b) + upstream("z", "", a) + "[[route]]\nto = \"z\"\n");
            try (Clients clients = new Clients(4, first.port(0), "POST")) {
                clients.awaitAnswers(50);
                for (int round = 0; round < 2; round++) {
                    for (String change : changes) {
                        first.reloadWell(change);
                        clients.awaitAnswers(50);
                    }
                }
                assertTrue(first.port(0) > 0, listener);
            }
            assertEquals(12, first.sum("l7_reloads_total"));
            assertEquals(
                    first.sum("l7_requests_total"),
                    ofOutcome(first, "answered"),
                    "no request has come to another end\n" + first);
        }
    }

    private static double ofOutcome(RunningL7 l7, String outcome) {
        return l7.page("/metrics")
                .lines()
                .filter(line -> line.startsWith("l7_requests_total{") && line.contains("\"" + outcome + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void aListenerThatIsOpenedAnewTakesItsClientsOver() throws Exception {
        try (NamedHttp a = new NamedHttp("a")) {
            int port;
            try (RunningL7 probe = new RunningL7(folder, LISTENER + upstream("x", "", a))) {
                port = probe.port(0);
            }
            String listener = "[listener.main]\naddress = \"127.0.0.1:" + port + "\"\n";
            try (RunningL7 l7 = new RunningL7(folder, listener + upstream("x", "", a))) {
                try (Clients clients = new Clients(4, port, "GET")) {
                    clients.awaitAnswers(50);
                    for (int i = 1; i <= 5; i++) {
                        l7.reloadWell(listener + upstream("x", "", a) + "[http]\nhead = \"" + i + " KiB\"\n");
                        clients.awaitAnswers(50);
                    }
                }
                assertEquals(5, l7.sum("l7_reloads_total"));
                assertEquals(l7.sum("l7_requests_total"), ofOutcome(l7, "answered"), l7::toString);
            }
        }
    }

    @Test
    void whenABackendDiesRequestsThatDoNoHarmTwiceAreTriedAgainAndNoneIsAnsweredTwice() throws Exception {
        NamedHttp dies = new NamedHttp("dies");
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 = new RunningL7(folder, LISTENER + upstream("x", "retries = 3\n", a, dies))) {
            try (Clients clients = new Clients(4, l7.port(0), "PUT")) {
                clients.awaitAnswers(200);
                dies.close();
                clients.awaitAnswers(200);
            }
            assertEquals(l7.sum("l7_requests_total"), ofOutcome(l7, "answered"), l7::toString);
        } finally {
            dies.close();
        }
    }

    @Test
    void aFileThatIsWrongChangesNothing() throws Exception {
        try (NamedHttp a = new NamedHttp("a");
                RunningL7 l7 = new RunningL7(folder, LISTENER + upstream("x", "", a))) {
            String answer = l7.reload(LISTENER + upstream("x", "", a) + "[[route]]\nto = \"z\"\n");
            assertEquals(409, status(answer), answer);
            assertTrue(body(answer).contains("\"z\" is no upstream of this file"), answer);
            assertEquals(200, status(l7.get("h", "/")));
            assertEquals(
                    200, status(RunningL7.ask(l7.port(0), "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")));
        }
    }
}
