// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.files.FileServer;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpReply;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/how-nginx-manages-connections.md says of nginx and can be seen from outside. */
final class NginxConnectionsTest {
    private static final String PAGE = "docs/how-nginx-manages-connections.md";
    private static final Endpoint ANY_PORT = Endpoint.tcp("127.0.0.1", 0);
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    private static final int LARGE = 32 << 20; // more than the four sockets on the way take

    private final List<Socket> clients = new ArrayList<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void find() {
        Nginx.installed();
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fdinfo")), "no /proc: this looks at processes of Linux");
    }

    @AfterEach
    void closeClients() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
    }

    private Nginx nginx(int workers, int connections, String more) throws Exception {
        int port = Program.freePort();
        PageBlock block = PageBlock.of(PAGE, "status").at(port);
        return Nginx.start(directory, workers, connections, more + "\n" + block.text(), port);
    }

    private Socket connect(int port) throws IOException {
        Socket client = Asking.connect(port);
        clients.add(client);
        return client;
    }

    private static void ask(Socket client) throws IOException {
        client.getOutputStream().write(GET.getBytes(ISO_8859_1));
    }

    private static void readAnswer(Socket client, String body) throws IOException {
        Asking.readUntil(client.getInputStream(), "\r\n\r\n" + body);
    }

    /** A client that has been answered, and stays. */
    private Socket idle(int port) throws IOException {
        Socket client = connect(port);
        ask(client);
        readAnswer(client, "hello");
        return client;
    }

    private void idle(int port, int number) throws IOException {
        for (int i = 0; i < number; i++) {
            idle(port);
        }
    }

    private static String status(Nginx nginx) {
        try {
            return Asking.body(Asking.get(nginx.port, "/status"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A figure of {@code /proc/PID/status}, in its unit. */
    private static long figure(long process, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process + "/status"))) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.split("\\s+")[1]);
            }
        }
        throw new AssertionError("no " + name);
    }

    private static long worker(Nginx nginx) {
        assertEquals(1, nginx.workers().size(), nginx::toString);
        return nginx.workers().get(0);
    }

    /** The socket's end has come, in order or by a reset. */
    private static boolean hasEnded(Socket client) throws IOException {
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    // ---- workers and events

    @Test
    void manyIdleClientsAreOneThread() throws Exception {
        try (Nginx nginx = nginx(1, 1_024, "")) {
            idle(nginx.port, 500);
            assertEquals(1, figure(worker(nginx), "Threads"));
            await(() -> status(nginx).contains("Active connections: 501"), () -> status(nginx)); // and who asks
            await(() -> status(nginx).contains("Waiting: 500"), () -> status(nginx));
        }
    }

    @Test
    void clientsAreEdgeTriggeredAndTheSharedListenerIsNot() throws Exception {
        try (Nginx nginx = nginx(2, 512, "")) {
            await(() -> nginx.workers().size() == 2, nginx::toString);
            idle(nginx.port, 4);
            List<Epolled> all = new ArrayList<>();
            for (long worker : nginx.workers()) {
                all.addAll(Epolled.socketsOf(worker));
            }
            List<Epolled> listeners = all.stream().filter(Epolled::isExclusive).toList();
            assertEquals(2, listeners.size(), all::toString); // the same socket, once in each worker
            assertTrue(listeners.stream().noneMatch(Epolled::isEdgeTriggered), all::toString);
            assertTrue(all.stream().filter(Epolled::isEdgeTriggered).count() >= 4, all::toString);
        }
    }

    @Test
    void aJvmsAreLevelTriggered() throws Exception {
        long self = ProcessHandle.current().pid();
        try (Server server = Http.server(ANY_PORT, (request, reply) -> reply.send("text/plain", "hello"))
                .start()) {
            for (int i = 0; i < 4; i++) {
                idle(server.port());
            }
            List<Epolled> sockets = Epolled.socketsOf(self);
            assertTrue(sockets.size() >= 5, sockets::toString);
            assertTrue(
                    sockets.stream().noneMatch(one -> one.isEdgeTriggered() || one.isExclusive()), sockets::toString);
        }
    }

    /** The states of the sockets that are bound to a port, in hexadecimal numbers: 0A for those that listen, 06 for TIME_WAIT. */
    private static List<String> states(int port) {
        String address = String.format(":%04X", port);
        try {
            return Files.readAllLines(Path.of("/proc/net/tcp")).stream()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(word -> word[1].endsWith(address))
                    .map(word -> word[3])
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** How many sockets listen on a port, as {@code ss -ltn} counts them. */
    private static long listening(int port) {
        return states(port).stream().filter("0A"::equals).count();
    }

    /** Whether nobody is connected to a port, or is about to be: whoever looked whether it is there has a connection for a while. */
    private static boolean hasNoClient(int port) {
        return List.of("0A", "06").containsAll(states(port));
    }

    @Test
    void workersShareASocketOrHaveOneEach() throws Exception {
        int each = Program.freePort();
        String more = "server { listen 127.0.0.1:" + each + " reuseport; return 204; }";
        try (Nginx nginx = nginx(3, 512, more)) {
            await(() -> nginx.workers().size() == 3, nginx::toString);
            assertEquals(1, listening(nginx.port));
            assertEquals(3, listening(each));
        }
    }

    // ---- worker_connections

    @Test
    void whereConnectionsRunOutTheClientsThatIdleLongestAreDropped() throws Exception {
        try (Nginx nginx = nginx(1, 32, "")) {
            idle(nginx.port, 40); // all of them are answered
            assertTrue(hasEnded(clients.get(0)));
            assertTrue(hasEnded(clients.get(1)));
            Socket newest = clients.get(39);
            ask(newest);
            readAnswer(newest, "hello");
            await(
                    () -> nginx.toString().contains("32 worker_connections are not enough, reusing connections"),
                    nginx::toString);
        }
    }

    /** What the first client gets for whom there is no connection, while all others wait for the backend. */
    private String oneTooMany(int connections) throws Exception {
        List<HttpReply> waiting = new CopyOnWriteArrayList<>();
        int proxied = Program.freePort();
        try (Server server = waiting(waiting);
                Nginx nginx = nginx(1, connections, proxy(proxied, server))) {
            await(() -> hasNoClient(nginx.port) && hasNoClient(proxied), nginx::toString);
            while (!lacksOne(nginx, connections)) {
                int before = waiting.size();
                ask(connect(proxied));
                await(() -> waiting.size() > before || lacksOne(nginx, connections), nginx::toString);
            }
            String last = end(clients.get(clients.size() - 1));
            waiting.forEach(one -> one.send("text/plain", "hello")); // the others are well
            readAnswer(clients.get(0), "hello");
            return last;
        }
    }

    private static boolean lacksOne(Nginx nginx, int connections) {
        return Pattern.compile(" " + connections + " worker_connections are not enough(?!, reusing)")
                .matcher(nginx.toString())
                .find();
    }

    private static String end(Socket client) throws IOException {
        return hasEnded(client) ? "ended" : Asking.readUntil(client.getInputStream(), " 500 ") + "...";
    }

    /** A request takes two connections: whether one is left for a client, but none for the backend, depends on the number. */
    @Test
    void whereNoneIsIdleTheNextRequestGets500OrTheNextClientIsClosedOn() throws Exception {
        List<String> ends = new ArrayList<>();
        for (int connections : new int[] {32, 33}) {
            ends.add(oneTooMany(connections));
            closeClients();
            clients.clear();
        }
        assertTrue(ends.contains("ended") && ends.contains("TTP/1.1 500 ..."), ends::toString);
    }

    private static Server waiting(List<HttpReply> waiting) throws IOException {
        return Http.server(ANY_PORT, (request, reply) -> waiting.add(reply.defer()))
                .start();
    }

    private static String proxy(int port, Server server) {
        return "server { listen 127.0.0.1:" + port + "; location / { proxy_pass http://127.0.0.1:" + server.port()
                + "; } }";
    }

    /** A worker's own memory of each of two thousand idle clients, in bytes. */
    private long bytesOfEach(String directives) throws Exception {
        try (Nginx nginx = nginx(1, 4_000, directives)) {
            idle(nginx.port, 100);
            long before = figure(worker(nginx), "RssAnon");
            idle(nginx.port, 2_000);
            return (figure(worker(nginx), "RssAnon") - before) * 1_024 / 2_000;
        }
    }

    @Test
    void anIdleClientTakesAPoolOfTheSizeThatIsSet() throws Exception {
        long usual = bytesOfEach("");
        assertTrue(usual > 256 && usual < 1_500, () -> usual + " bytes");
        closeClients();
        clients.clear();
        long large = bytesOfEach("connection_pool_size 8k;");
        assertTrue(large > 3_000, () -> large + " bytes");
    }

    // ---- connections to the backend

    @Test
    void fiftyClientsAskOverOneConnection() throws Exception {
        try (Server server = Http.server(ANY_PORT, (request, reply) -> reply.send("text/plain", "hello"))
                        .start();
                Nginx nginx = Nginx.inFrontOf(server, directory)) {
            idle(nginx.port, 50);
            for (int i = 0; i < 3; i++) {
                for (Socket client : clients) {
                    ask(client);
                    readAnswer(client, "hello");
                }
            }
            assertEquals(1, server.counters().accepted(), nginx::toString);
        }
    }

    /** Answers all at once, when so many have come. */
    private static HttpHandler together(int number) {
        List<HttpReply> waiting = new ArrayList<>();
        return (request, reply) -> {
            synchronized (waiting) {
                waiting.add(reply.defer());
                if (waiting.size() == number) {
                    waiting.forEach(one -> one.send("text/plain", "hello"));
                }
            }
        };
    }

    @Test
    void fiftyRequestsAtOnceAreFiftyConnectionsOfWhichSixteenStay() throws Exception {
        try (Server server = Http.server(ANY_PORT, together(50)).start();
                Nginx nginx = Nginx.inFrontOf(server, directory)) { // keepalive 16
            for (int i = 0; i < 50; i++) {
                ask(connect(nginx.port));
            }
            for (Socket client : clients) {
                readAnswer(client, "hello");
            }
            assertEquals(50, server.counters().accepted(), nginx::toString);
            await(() -> server.connections() == 16, server::explain);
        }
    }

    // ---- slow clients

    private Server large() throws IOException {
        Path site = Files.createDirectory(directory.resolve("site"));
        Files.write(site.resolve("large"), new byte[LARGE]);
        return FileServer.server(ANY_PORT, site, false).start();
    }

    /** One that ends each connection to the server once its reply has come. */
    private Nginx inFrontOf(Server server, String directive) throws Exception {
        return Nginx.inFrontOf(server, directory, "proxy_set_header Connection close;", directive);
    }

    private Socket askForLarge(Nginx nginx) throws IOException {
        Socket client = connect(nginx.port);
        Asking.begin(client, "/large");
        return client;
    }

    private static void readLarge(Socket client) throws IOException {
        Asking.readUntil(client.getInputStream(), "\r\n\r\n");
        assertEquals(LARGE, client.getInputStream().readAllBytes().length);
    }

    @Test
    void aSlowClientDoesNotHoldTheBackendWhereNginxBuffers() throws Exception {
        try (Server server = large();
                Nginx nginx = inFrontOf(server, "proxy_buffering on;")) {
            Socket slow = askForLarge(nginx);
            await(() -> server.counters().bytesWritten() > LARGE && server.connections() == 0, server::explain);
            readLarge(slow);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy_buffering off;", "proxy_max_temp_file_size 0;"})
    void aSlowClientHoldsTheBackendWhereNginxDoesNotBufferOrMayNotWriteFiles(String directive) throws Exception {
        try (Server server = large();
                Nginx nginx = inFrontOf(server, directive)) {
            Socket slow = askForLarge(nginx);
            Socket another = connect(nginx.port); // who isn't slow is served in the meantime
            Asking.begin(another, "/absent");
            Asking.readUntil(another.getInputStream(), "404");
            await(() -> server.connections() == 1, server::explain);
            assertTrue(server.counters().bytesWritten() < LARGE, server::explain);
            readLarge(slow);
            await(() -> server.connections() == 0, server::explain);
        }
    }

    // ---- reload

    @Test
    void aReloadEndsIdleClientsAndAnswersWhatHasBegun() throws Exception {
        List<HttpReply> waiting = new CopyOnWriteArrayList<>();
        int proxied = Program.freePort();
        try (Server server = waiting(waiting);
                Nginx nginx = nginx(1, 512, proxy(proxied, server))) {
            Socket idle = idle(nginx.port);
            Socket busy = connect(proxied);
            ask(busy);
            await(() -> !waiting.isEmpty(), nginx::toString);
            long old = worker(nginx);
            nginx.reload();
            assertTrue(hasEnded(idle));
            assertTrue(nginx.workers().contains(old), nginx::toString);
            idle(nginx.port); // of the new one
            waiting.get(0).send("text/plain", "hello");
            readAnswer(busy, "hello");
            assertTrue(hasEnded(busy));
            await(() -> !nginx.workers().contains(old), nginx::toString);
        }
    }
}
