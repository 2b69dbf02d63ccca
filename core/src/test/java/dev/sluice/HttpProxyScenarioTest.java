// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpForwarding;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A reverse proxy between clients and backends of which every byte is written here. */
class HttpProxyScenarioTest {
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\nabc";
    private static final HttpForwarding SILENT =
            HttpForwarding.defaults().withXForwarded(false).withVia(null);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final ServerSocket listener;
    private HttpForwarding forwarding = SILENT;
    private HttpBackends backends;

    HttpProxyScenarioTest() throws IOException {
        listener = listener();
    }

    private ServerSocket listener() throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(20_000);
        open.add(socket);
        return socket;
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private Client client(UnaryOperator<HttpBackends.Builder> settings, ServerSocket... listeners) throws IOException {
        ServerSocket[] all = listeners.length == 0 ? new ServerSocket[] {listener} : listeners;
        List<Backend> list = Arrays.stream(all)
                .map(one -> Backend.of("port " + one.getLocalPort(), one.getLocalSocketAddress()))
                .toList();
        Upstream upstream = Upstream.builder("test").backends(list).build();
        backends = settings.apply(HttpBackends.builder(upstream)
                        .limits(HttpLimits.defaults().withBodyBytes(10_000_000)))
                .build();
        HttpProxy proxy = HttpProxy.to(backends).withForwarding(forwarding);
        HttpLimits limits = HttpLimits.defaults().withBodyBytes(10_000_000);
        server = new TestServer(HttpProtocol.streaming(proxy).withLimits(limits), configuration);
        open.add(server);
        return client();
    }

    private TestServer server;
    private UnaryOperator<Server.Builder> configuration = builder -> builder;

    private Client client() throws IOException {
        Client client = new Client(server.server);
        open.add(client);
        return client;
    }

    private Client client(String request) throws IOException {
        return client(builder -> builder).send(request);
    }

    private Client backend() throws IOException {
        return backend(listener);
    }

    private Client backend(ServerSocket from) throws IOException {
        Client accepted = new Client(from.accept());
        open.add(accepted);
        return accepted;
    }

    private static String head(Client from) throws IOException {
        return from.readThrough("\r\n\r\n");
    }

    // ---- what goes on

    @Test
    void aRequestGoesOnAndItsResponseComesBack() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        assertEquals(GET, head(backend));
        backend.send(OK);
        assertEquals(OK, client.read(OK));
        client.send(GET);
        assertEquals(GET, head(backend), "on the same connection");
        backend.send(OK);
        assertEquals(OK, client.read(OK));
        Await.until("both are counted", () -> backends.status().responses() == 2);
        assertEquals(1, backends.status().pools().get(0).made());
    }

    @Test
    void backendsAreToldWhoseRequestItIs() throws Exception {
        forwarding = HttpForwarding.defaults().withForwarded(true);
        Client client = client("GET / HTTP/1.1\r\nHost: a:1\r\nX-Forwarded-For: 9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\n"
                + "Forwarded: for=9.9.9.9\r\nX_Forwarded_For: 9.9.9.9\r\nX-Forwarded-Port: 9\r\nVia: 1.0 old\r\n\r\n");
        Client backend = backend();
        assertEquals(
                "GET / HTTP/1.1\r\nHost: a:1\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
                        + "X-Forwarded-Host: a:1\r\nForwarded: for=127.0.0.1;host=\"a:1\";proto=http\r\n"
                        + "Via: 1.0 old, 1.1 sluice\r\n\r\n",
                head(backend));
        backend.send(OK);
        assertEquals("HTTP/1.1 200 OK\r\nDate: D\r\nVia: 1.1 sluice\r\nContent-Length: 3\r\n\r\n", head(client));
    }

    @Test
    void aTrustedProxyIsBelieved() throws Exception {
        forwarding =
                HttpForwarding.defaults().withForwarded(true).withVia(null).withTrusted(InetAddress::isLoopbackAddress);
        client("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\n"
                + "Forwarded: for=9.9.9.9\r\nX_Forwarded_For: 8.8.8.8\r\nX-Forwarded-Proto: https\r\n\r\n");
        assertEquals(
                "GET / HTTP/1.1\r\nHost: a\r\nX-Real-IP: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n"
                        + "X-Forwarded-For: 9.9.9.9, 127.0.0.1\r\nX-Forwarded-Host: a\r\n"
                        + "Forwarded: for=9.9.9.9, for=127.0.0.1;host=\"a\";proto=http\r\n\r\n",
                head(backend()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection: close",
                "Connection: keep-alive",
                "Connection: Upgrade\r\nUpgrade: websocket",
                "Connection: TE\r\nTE: trailers",
                "Connection: x-secret\r\nX-Secret: 1",
                "Connection: , x-secret ,close\r\nX-Secret: 1",
                "Keep-Alive: timeout=5",
                "Proxy-Connection: keep-alive",
                "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
                "Connection: host",
                "Content_Length: 5",
                "Transfer_Encoding: chunked",
                "Trailer: x"
            })
    void whatIsAboutOneConnectionDoesNotGoOn(String fields) throws Exception {
        client("GET /x HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n");
        assertEquals(GET, head(backend()));
    }

    @Test
    void noConnectionFieldTakesAwayTheLength() throws Exception {
        client("POST / HTTP/1.1\r\nHost: a\r\nConnection: content-length, transfer-encoding, host\r\n"
                + "Content-Length: 5\r\n\r\nhello");
        Client backend = backend();
        assertEquals("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", head(backend));
        assertEquals("hello", backend.read("hello"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET http://b/p?q HTTP/1.1, b, GET /p?q HTTP/1.1",
        "GET http://b?q HTTP/1.1, b, GET /?q HTTP/1.1",
        "GET http://b HTTP/1.1, b, GET / HTTP/1.1",
        "OPTIONS http://b HTTP/1.1, b, OPTIONS * HTTP/1.1",
        "OPTIONS * HTTP/1.1, b, OPTIONS * HTTP/1.1",
        "GET //evil/x HTTP/1.1, b, GET //evil/x HTTP/1.1"
    })
    void aTargetIsWrittenAsAnOriginServerWantsIt(String line, String host, String expected) throws Exception {
        client(line + "\r\nHost: " + host + "\r\n\r\n");
        assertEquals(expected + "\r\nHost: " + host + "\r\n\r\n", head(backend()));
    }

    @ParameterizedTest
    @CsvSource({"/api/x, /v2/x", "/api/, /v2/", "/apix, /apix", "/api/?q, /v2/?q", "/, /"})
    void aPrefixIsReplaced(String target, String expected) throws Exception {
        client(builder -> builder.replacePrefix("/api/", "/v2/").host("inside"))
                .send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals("GET " + expected + " HTTP/1.1\r\nHost: inside\r\n\r\n", head(backend()));
    }

    @Test
    void whatSpeaksOfTheBackendsConnectionDoesNotComeBack() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nConnection: x-own, close\r\nX-Own: 1\r\nKeep-Alive: timeout=1\r\n"
                + "X-Other: 2\r\nContent-Length: 1\r\n\r\nz");
        String expected = "HTTP/1.1 200 OK\r\nDate: D\r\nX-Other: 2\r\nContent-Length: 1\r\n\r\nz";
        assertEquals(expected, client.read(expected));
        assertTrue(backend.isEnded(), "as it wished");
        client.send(GET);
        assertEquals(GET, head(backend()), "the client's connection goes on");
    }

    // ---- bodies

    @Test
    void aShortBodyIsSentWithItsLengthHoweverItCame() throws Exception {
        Client client = client("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        client.send("3\r\nabc\r\n").send("2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n");
        Client backend = backend();
        assertEquals("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", head(backend));
        assertEquals("abcde", backend.read("abcde"));
        backend.send(
                "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n2\r\nyz\r\n0\r\nT: 1\r\n\r\n");
        String start = "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertEquals(start, head(client));
        assertEquals("1\r\nx\r\n2\r\nyz\r\n0\r\n\r\n", client.read("1\r\nx\r\n2\r\nyz\r\n0\r\n\r\n"));
    }

    @Test
    void nothingIsAskedForBeforeAShortBodyIsWhole() throws Exception {
        Client client = client("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
        Client other = client().send(GET);
        Client backend = backend();
        assertEquals(GET, head(backend), "the one behind it is served first");
        backend.send(OK);
        other.read(OK);
        client.send("lo");
        assertEquals("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", head(backend));
        assertEquals("hello", backend.read("hello"));
    }

    @Test
    void whereEnoughIsHeldABodyIsPassedOnAtOnce() throws Exception {
        client(builder -> builder.heldBytesOfAll(15_000));
        Client held = client().send(put("/1", 12_000));
        Client passed = client().send(put("/2", 5_000));
        Client backend = backend();
        boolean other = head(backend).startsWith("PUT /1"); // whichever came second
        String body = "b".repeat(other ? 12_000 : 5_000);
        assertEquals(body, backend.read(body));
        (other ? held : passed).send("z");
        assertEquals("z", backend.read("z"));
        backend.send(OK);
        assertEquals(OK, (other ? held : passed).read(OK));
        (other ? passed : held).reset();
        Await.until("nothing is held any more", () -> backends.status().abandoned() == 1);
        Client again = client().send(put("/3", 12_000));
        Client get = client().send(GET);
        assertEquals(GET, head(backend), "for the other is held again");
        again.reset();
        get.reset();
    }

    /** All but the last byte. */
    private static String put(String target, int bytes) {
        return "PUT " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + (bytes + 1) + "\r\n\r\n"
                + "b".repeat(bytes);
    }

    @Test
    void aHeadThatWaitsForItsBodyIsHeldToo() throws Exception {
        Client client = client(builder -> builder.heldBytesOfAll(5_000));
        String start = "PUT / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(6_000) + "\r\n";
        client.send(start + "Content-Length: 1\r\n\r\n");
        Client backend = backend();
        String expected = start + "Content-Length: 1\r\n\r\n";
        assertEquals(expected, backend.read(expected), "before anything of the body has come");
        client.send("b");
        assertEquals("b", backend.read("b"));
        backend.send(OK);
        assertEquals(OK, client.read(OK));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void longBodiesGoThroughInPieces(boolean chunked) throws Exception {
        byte[] body = new byte[5_000_000];
        new Random(7).nextBytes(body);
        Client client = client(builder -> builder.heldBytes(1000));
        client.send("POST / HTTP/1.1\r\nHost: a\r\n"
                + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length) + "\r\n\r\n");
        Thread sender = new Thread(() -> send(client, body, chunked));
        sender.start();
        Client backend = backend();
        assertTrue(head(backend).contains(chunked ? "chunked" : "Content-Length: 5000000"));
        byte[] got = chunked ? dechunked(backend) : backend.read(body.length);
        assertTrue(Arrays.equals(body, got));
        sender.join();
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\n"
                + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length) + "\r\n\r\n");
        Thread answer = new Thread(() -> send(backend, body, chunked));
        answer.start();
        head(client);
        assertTrue(Arrays.equals(body, chunked ? dechunked(client) : client.read(body.length)));
        answer.join();
    }

    private static void send(Client to, byte[] body, boolean chunked) {
        try {
            for (int at = 0; at < body.length; at += 100_000) {
                byte[] piece = Arrays.copyOfRange(body, at, at + 100_000);
                if (chunked) {
                    to.send(Integer.toHexString(piece.length) + "\r\n");
                }
                to.send(piece);
                if (chunked) {
                    to.send("\r\n");
                }
            }
            if (chunked) {
                to.send("0\r\n\r\n");
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] dechunked(Client from) throws IOException {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        for (int size; (size = Integer.parseInt(from.readThrough("\r\n").strip(), 16)) > 0; ) {
            all.write(from.read(size));
            from.read("\r\n");
        }
        from.read("\r\n");
        return all.toByteArray();
    }

    @Test
    void theProxyTellsTheClientToGoOn() throws Exception {
        Client client = client("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        assertEquals("HTTP/1.1 100 Continue\r\n\r\n", head(client));
        client.send("hi");
        Client backend = backend();
        assertEquals("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", head(backend));
    }

    @Test
    void earlyHintsComeThroughAndContinueDoesNot() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK);
        assertEquals("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", head(client));
        assertEquals(OK, client.read(OK));
    }

    @ParameterizedTest
    @CsvSource({
        "HEAD, 'HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\n'",
        "HEAD, 'HTTP/1.1 200 OK\r\nDate: D\r\n\r\n'",
        "GET, 'HTTP/1.1 304 Not Modified\r\nDate: D\r\nETag: \"x\"\r\nContent-Length: 3\r\n\r\n'",
        "GET, 'HTTP/1.1 204 No Content\r\nDate: D\r\n\r\n'",
        "GET, 'HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 0\r\n\r\n'",
        "GET, 'HTTP/1.1 599 Strange Words\r\nDate: D\r\nContent-Length: 0\r\n\r\n'"
    })
    void responsesWithoutABody(String method, String response) throws Exception {
        Client client = client(method + " /x HTTP/1.1\r\nHost: a\r\n\r\n");
        Client backend = backend();
        head(backend);
        backend.send(response);
        assertEquals(response, client.read(response));
        client.send(GET);
        assertEquals(GET, head(backend), "both connections are in step");
        backend.send(OK);
        assertEquals(OK, client.read(OK));
    }

    @Test
    void whoSpeaksHttp10GetsNoChunks() throws Exception {
        Client client = client("GET / HTTP/1.0\r\n\r\n");
        Client backend = backend();
        assertEquals("GET / HTTP/1.1\r\nHost: \r\n\r\n", head(backend));
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        assertEquals("HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\n\r\nabc", client.readAll());
    }

    @Test
    void aBodyUntilTheEndOfTheConnectionIsChunked() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.0 200 OK\r\nDate: D\r\n\r\nabc").close();
        String expected = "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertEquals(expected, head(client));
        assertEquals("abc", new String(dechunked(client)));
    }

    @Test
    void aDateIsAddedWhereThereIsNone() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertTrue(head(client).matches("(?s)HTTP/1.1 200 OK\r\nDate: \\w{3}, .* GMT\r\nContent-Length: 0\r\n\r\n"));
    }

    @Test
    void requestsOneBehindAnotherAreAnsweredInOrder() throws Exception {
        Client client = client("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        Client first = backend();
        Client second = backend();
        boolean swapped = head(first).startsWith("GET /2");
        assertTrue(head(second).startsWith(swapped ? "GET /1" : "GET /2"));
        (swapped ? first : second).send(OK.replace("abc", "two"));
        (swapped ? second : first).send(OK.replace("abc", "one"));
        String expected = OK.replace("abc", "one") + OK.replace("abc", "two");
        assertEquals(expected, client.read(expected));
    }

    // ---- what goes wrong

    @Test
    void aConnectionThatDiedMeanwhileIsReplaced() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send(OK);
        client.read(OK);
        client.send(GET);
        head(backend);
        backend.reset(); // without a byte of an answer
        Client next = backend();
        assertEquals(GET, head(next));
        next.send(OK);
        assertEquals(OK, client.read(OK));
        assertEquals(1, backends.status().retries());
    }

    @Test
    void whatMayHaveDoneSomethingIsNotRepeated() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send(OK);
        client.read(OK);
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        head(backend);
        backend.reset();
        assertTrue(head(client).startsWith("HTTP/1.1 502 "));
        assertEquals(0, backends.status().retries());
        assertEquals(0, backends.upstream().status().get(0).failed(), "it may have ended before the request came");
    }

    @Test
    void anotherBackendIsTriedWhereOneRefuses() throws Exception {
        ServerSocket gone = listener();
        gone.close();
        for (int i = 0; i < 10; i++) {
            Client client = client(builder -> builder, gone, listener)
                    .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
            Client backend = backend();
            head(backend);
            backend.send(OK);
            assertEquals(OK, client.read(OK));
            if (backends.status().retries() > 0) {
                return;
            }
        }
        throw new AssertionError("never tried again");
    }

    @Test
    void noBackendTakesConnections() throws Exception {
        listener.close();
        Client client = client(GET);
        assertTrue(head(client).startsWith("HTTP/1.1 502 "));
        Await.until("it is counted", () -> backends.status().badGateway() == 1);
        assertEquals(0, backends.status().retries(), "there was nobody else to try");
    }

    @Test
    void noBackendIsThere() throws Exception {
        Client client = client(builder -> builder);
        backends.upstream().backends(List.of());
        client.send(GET);
        assertTrue(head(client).startsWith("HTTP/1.1 503 "));
    }

    @Test
    void aBackendThatDoesNotAnswer() throws Exception {
        Client client = client(builder -> builder.responseTimeout(Duration.ofMillis(50)))
                .send(GET);
        Client backend = backend();
        head(backend);
        assertTrue(head(client).startsWith("HTTP/1.1 504 "));
        assertTrue(backend.isReset());
        assertEquals(1, backends.status().timeouts());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b\u0001\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
            })
    void whatIsNoResponseIsNotPassedOn(String bytes) throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send(bytes);
        assertTrue(head(client).startsWith("HTTP/1.1 502 "));
        assertTrue(backend.isEnded());
    }

    @Test
    void bytesBehindAResponseAreNobodys() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send(OK + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
        client.read(OK);
        client.send(GET);
        Client next = backend();
        assertEquals(GET, head(next));
        next.send(OK);
        assertEquals(OK, client.read(OK));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResponseThatIsCutShortDoesNotLookWhole(boolean chunked) throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\n"
                + (chunked ? "Transfer-Encoding: chunked\r\n\r\n5\r\nab" : "Content-Length: 5\r\n\r\nab"));
        head(client);
        backend.close();
        assertTrue(client.isReset());
        Await.until("it is counted", () -> backends.status().brokenOff() == 1);
    }

    @Test
    void aBackendThatStopsInTheMiddle() throws Exception {
        Client client = client(builder -> builder.responseTimeout(Duration.ofMillis(50)))
                .send(GET);
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 5\r\n\r\nab");
        assertTrue(client.isReset());
        assertTrue(backend.isReset());
    }

    @Test
    void aClientThatGoesAwayIsNoticed() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        client.reset();
        assertTrue(backend.isEnded());
        Await.until("it is counted", () -> backends.status().abandoned() == 1);
    }

    @Test
    void aClientThatGoesAwayInTheMiddleOfItsBody() throws Exception {
        Client client = client("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc");
        Client backend = backend();
        head(backend);
        client.reset();
        assertEquals("abc", backend.read("abc"));
        assertTrue(backend.isEnded(), "and not just left with half a request");
    }

    @Test
    void anAnswerBeforeTheRequestIsWholeEndsBothConnections() throws Exception {
        Client client = client(builder -> builder.heldBytes(0))
                .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc");
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.1 413 Too Large\r\nDate: D\r\nContent-Length: 2\r\n\r\nno");
        String expected = "HTTP/1.1 413 Too Large\r\nDate: D\r\nContent-Length: 2\r\n\r\nno";
        assertEquals(expected, client.read(expected));
        assertTrue(client.isEnded());
        assertEquals("abc", backend.read("abc"));
        assertTrue(backend.isEnded());
    }

    @Test
    void aRequestThatTwoMightReadDifferentlyNeverArrives() throws Exception {
        Client client = client(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nX");
        assertTrue(head(client).startsWith("HTTP/1.1 400 "));
        assertEquals(0, backends.status().requests());
    }

    @Test
    void aRequestThatGoesInCirclesIsStopped() throws Exception {
        forwarding = HttpForwarding.defaults();
        Client client = client(builder -> builder);
        backends.upstream().backends(List.of(Backend.of("itself", server.server.address())));
        client.send(GET);
        assertTrue(head(client).startsWith("HTTP/1.1 508 "));
        assertEquals(9, backends.status().requests());
    }

    @Test
    void aBodyThatIsMalformedIsToldOfBeforeAnybodyHasIt() throws Exception {
        Client client = client("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        Client later = client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
        client.send("x\r\n");
        assertTrue(head(client).startsWith("HTTP/1.1 400 "));
        later.reset();
        Await.until("both are counted", () -> backends.status().abandoned() == 2);
    }

    @ParameterizedTest
    @CsvSource({"CONNECT a:1 HTTP/1.1, 501", "TRACE / HTTP/1.1, 501", "OPTIONS * HTTP/1.1, 200"})
    void whatIsAnsweredHere(String line, int status) throws Exception {
        Client client = client(line + "\r\nHost: a:1\r\nMax-Forwards: 0\r\n\r\n");
        assertTrue(head(client).startsWith("HTTP/1.1 " + status + ' '));
        assertEquals(0, backends.status().requests());
    }

    /** It is implemented for no target (RFC 9110, 9.1 and 15.6.2): 405 would be about one, and have to say what is allowed there. */
    @Test
    void traceIsNotImplementedWhateverTheTarget() throws Exception {
        Client client = client("TRACE /a HTTP/1.1\r\nHost: a\r\nMax-Forwards: 7\r\n\r\n");
        String head = head(client);
        assertTrue(head.startsWith("HTTP/1.1 501 ") && !head.contains("\r\nAllow:"), () -> head);
        assertEquals(0, backends.status().requests());
    }

    @ParameterizedTest
    @CsvSource({"OPTIONS, 20, 19", "OPTIONS, 1, 0", "OPTIONS, many, many", "OPTIONS, 9999999999, 999999999", "GET, 2, 2"
    })
    void anOptionsRequestHasOneHopLess(String method, String hops, String left) throws Exception {
        client(method + " / HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + hops + "\r\n\r\n");
        String head = head(backend());
        assertTrue(head.contains("\r\nMax-Forwards: " + left + "\r\n"), () -> head);
    }

    // ---- tunnels

    private static final String UPGRADE =
            "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n";
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nX: 1\r\nDate: D\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n";

    private Client[] tunnel() throws IOException {
        Client client = client(builder -> builder.upgrades("WebSocket")).send(UPGRADE);
        Client backend = backend();
        assertEquals(UPGRADE, head(backend));
        backend.send(SWITCHED);
        assertEquals(SWITCHED, client.read(SWITCHED));
        return new Client[] {client, backend};
    }

    @Test
    void aSwitchOfProtocolsIsPassedOn() throws Exception {
        Client[] ends = tunnel();
        ends[0].send(GET + "\0\1");
        assertEquals(GET + "\0\1", ends[1].read(GET + "\0\1"), "and nothing is looked at");
        ends[1].send("HTTP/1.1 nonsense");
        assertEquals("HTTP/1.1 nonsense", ends[0].read("HTTP/1.1 nonsense"));
    }

    @Test
    void muchGoesThroughATunnelInBothDirections() throws Exception {
        Client[] ends = tunnel();
        byte[] bytes = new byte[3_000_000];
        new Random(3).nextBytes(bytes);
        for (int i = 0; i < 2; i++) {
            Client from = ends[i];
            Thread sender = new Thread(() -> send(from, bytes, false));
            sender.start();
            assertTrue(Arrays.equals(bytes, ends[1 - i].read(bytes.length)));
            sender.join();
        }
    }

    @Test
    void aTunnelsClientIsReadAgainOnceItsBackendReads() throws Exception {
        Client[] ends = tunnel();
        byte[] bytes = new byte[40_000_000]; // more than all buffers of the kernel take
        new Random(4).nextBytes(bytes);
        Thread sender = new Thread(() -> send(ends[0], bytes, false));
        sender.start();
        Await.until("the client is held back", () -> server.server.counters().paused() == 1);
        assertTrue(Arrays.equals(bytes, ends[1].read(bytes.length)));
        sender.join();
    }

    @Test
    void aClientMayEndItsSideOfATunnelFirst() throws Exception {
        Client[] ends = tunnel();
        ends[0].send("last words").endOutput();
        assertEquals("last words", ends[1].readAll());
        ends[1].send("answer").close();
        assertEquals("answer", ends[0].readAll());
    }

    @Test
    void aBackendEndsATunnel() throws Exception {
        Client[] ends = tunnel();
        ends[1].send("bye").close();
        assertEquals("bye", ends[0].readAll());
        Await.until("it is counted", () -> backends.status().responses() == 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResetGoesThroughATunnel(boolean byClient) throws Exception {
        Client[] ends = tunnel();
        ends[byClient ? 0 : 1].reset();
        assertTrue(ends[byClient ? 1 : 0].isReset());
    }

    @Test
    void aTunnelThatNobodyUsesEnds() throws Exception {
        Client client = client(builder -> builder.upgrades("websocket").tunnelIdle(Duration.ofMillis(50)))
                .send(UPGRADE);
        Client backend = backend();
        head(backend);
        backend.send(SWITCHED);
        assertEquals(SWITCHED, client.readAll());
        assertTrue(backend.isEnded());
    }

    @Test
    void whatIsBehindARefusedSwitchIsARequest() throws Exception {
        Client client = client(builder -> builder.upgrades("websocket")).send(UPGRADE + GET);
        Client backend = backend();
        assertEquals(UPGRADE, head(backend));
        String refusal = "HTTP/1.1 426 Upgrade Required\r\nDate: D\r\nContent-Length: 2\r\n\r\nno";
        backend.send(refusal);
        assertEquals(refusal, client.read(refusal));
        assertEquals(GET, head(backend));
        backend.send(OK);
        assertEquals(OK, client.read(OK));
    }

    @Test
    void whatIsBehindASwitchIsTheOtherProtocols() throws Exception {
        Client client = client(builder -> builder.upgrades("websocket")).send(UPGRADE + GET);
        Client backend = backend();
        assertEquals(UPGRADE, head(backend));
        backend.send(SWITCHED + "hello");
        assertEquals(SWITCHED + "hello", client.read(SWITCHED + "hello"));
        assertEquals(GET, backend.read(GET));
    }

    @Test
    void aSwitchWaitsForTheReplyBeforeIt() throws Exception {
        Client client = client(builder -> builder.upgrades("websocket")).send(GET + UPGRADE);
        Client one = backend();
        Client two = backend();
        boolean swapped = head(one).startsWith("GET /chat");
        assertEquals(swapped ? GET : UPGRADE, head(two));
        (swapped ? one : two).send(SWITCHED + "hello");
        (swapped ? two : one).send(OK);
        assertEquals(OK + SWITCHED + "hello", client.read(OK + SWITCHED + "hello"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2c", "websocket, h2c", "TLS/1.0", "websocket\r\nUpgrade: h2c"})
    void onlyWhatIsNamedIsSwitchedTo(String protocol) throws Exception {
        Client client = client(builder -> builder.upgrades("websocket"))
                .send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: " + protocol + "\r\n\r\n");
        Client backend = backend();
        assertEquals(GET, head(backend));
        backend.send(OK);
        assertEquals(OK, client.read(OK));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD /x HTTP/1.1\r\nConnection: upgrade", "GET /x HTTP/1.1\r\nConnection: upgrade, close"})
    void onlyAGetThatGoesOnMaySwitch(String line) throws Exception {
        Client client = client(builder -> builder.upgrades("websocket"))
                .send(line + "\r\nHost: a\r\nUpgrade: websocket\r\n\r\n");
        Client backend = backend();
        assertFalse(head(backend).contains("pgrade"));
        backend.send(SWITCHED);
        assertTrue(head(client).startsWith("HTTP/1.1 502 "));
    }

    @Test
    void connectOfHttp10NamesItsTargetAsHost() throws Exception {
        client(builder -> builder.connects(true)).send("CONNECT b:8 HTTP/1.0\r\n\r\n");
        assertEquals("CONNECT b:8 HTTP/1.1\r\nHost: b:8\r\n\r\n", head(backend()));
    }

    @Test
    void aSwitchThatFailsIsAnswered() throws Exception {
        listener.close();
        Client client = client(builder -> builder.upgrades("websocket")).send(UPGRADE);
        assertTrue(head(client).startsWith("HTTP/1.1 502 "));
    }

    @Test
    void connectIsPassedOnWhereThatIsWanted() throws Exception {
        String connect = "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n";
        Client client = client(builder -> builder.connects(true)).send(connect + "early");
        Client backend = backend();
        assertEquals(connect, head(backend));
        backend.send("HTTP/1.1 200 Fine\r\nDate: D\r\n\r\nhello");
        assertEquals(
                "HTTP/1.1 200 Fine\r\nDate: D\r\n\r\nhello", client.read("HTTP/1.1 200 Fine\r\nDate: D\r\n\r\nhello"));
        assertEquals("early", backend.read("early"));
        client.send("more");
        assertEquals("more", backend.read("more"));
    }

    @Test
    void aConnectThatIsRefusedEndsTheConnection() throws Exception {
        Client client =
                client(builder -> builder.connects(true)).send("CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n" + GET);
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.1 403 No\r\nDate: D\r\nContent-Length: 0\r\n\r\n");
        assertEquals("HTTP/1.1 403 No\r\nDate: D\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", client.readAll());
        assertEquals(1, backends.status().requests());
    }

    @Test
    void aResponseMayBeSilentForLongerThanAFrameMayTake() throws Exception {
        configuration = builder -> builder.deadlines(Deadlines.defaults().withFrame(Duration.ofMillis(50)));
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 4\r\n\r\nab");
        head(client);
        assertEquals("ab", client.read("ab"));
        String cut = client().send("GET").readAll(); // by the deadline, which holds for clients
        assertTrue(cut.startsWith("HTTP/1.1 408 "), cut);
        backend.send("cd");
        assertEquals("cd", client.read("cd"));
    }

    // ---- shared connections

    @Test
    void manyClientsShareOneConnection() throws Exception {
        client(builder -> builder.pool(pool -> pool.connections(1)));
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(client().send("GET /" + i + " HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        Client backend = backend();
        for (int i = 0; i < 20; i++) {
            String number = head(backend).split("[/ ]")[2];
            backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: " + number.length() + "\r\n\r\n" + number);
        }
        for (int i = 0; i < 20; i++) {
            head(clients.get(i));
            assertEquals("" + i, clients.get(i).read("" + i));
        }
    }

    @Test
    void noConnectionComesFreeInTime() throws Exception {
        Client first = client(builder ->
                        builder.pool(pool -> pool.connections(1).queue(1).longestWait(Duration.ofMillis(100))))
                .send(GET);
        Client backend = backend();
        head(backend);
        Client second = client().send(GET);
        assertTrue(head(second).startsWith("HTTP/1.1 503 "));
        backend.send(OK);
        assertEquals(OK, first.read(OK));
    }

    @Test
    void aSlowClientDoesNotKeepTheConnection() throws Exception {
        configuration = builder ->
                builder.limits(Limits.defaults().withMarks(200_000, 100_000).withOutboundBytes(10_000_000));
        client(builder -> builder.pool(pool -> pool.connections(1)));
        Client slow = new Client(server.server, 4096);
        open.add(slow);
        slow.send(GET);
        Client backend = backend();
        head(backend);
        backend.send("HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 150000\r\n\r\n")
                .send(new byte[150_000]);
        Client other = client().send(GET); // though nobody reads the first response
        assertEquals(GET, head(backend));
        backend.send(OK);
        assertEquals(OK, other.read(OK));
        head(slow);
        assertEquals(150_000, slow.read(150_000).length);
    }

    @Test
    void whatIsUnderWayIsAnsweredWhenBackendsAreClosed() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        backends.close();
        backend.send(OK);
        assertEquals(OK, client.read(OK));
        assertTrue(backend.isEnded());
        client.send(GET);
        assertTrue(head(client).startsWith("HTTP/1.1 503 "));
    }

    @Test
    void aDrainWaitsForTheResponse() throws Exception {
        Client client = client(GET);
        Client backend = backend();
        head(backend);
        var drained = server.server.beginDrain(Duration.ofSeconds(10));
        Await.until("it drains", () -> server.server.readers().get(0).connections() >= 0);
        backend.send(OK);
        String answer = client.readAll();
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n") && answer.endsWith("abc"), answer);
        drained.get();
        assertFalse(backend.socket.getInputStream().read() >= 0);
    }
}
