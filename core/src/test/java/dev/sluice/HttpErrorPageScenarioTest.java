// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.reply;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpErrorPage;
import dev.sluice.http.HttpErrorPage.Page;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpRouter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent instead of a line of text where the library itself answers. */
class HttpErrorPageScenarioTest {
    private static final HttpErrorPage PAGES = (status, reason) -> Page.html(
            "<h1>" + status + ' ' + HttpErrorPage.phrase(status) + "</h1><p>\u00e9 " + HttpErrorPage.escape(reason));
    private static final HttpHandler SITE = HttpRouter.builder()
            .route("GET", "/fails", (request, reply) -> {
                throw new IOException("deliberate");
            })
            .route("GET", "/forgets", (request, reply) -> {})
            .route("GET", "/quotes", (request, reply) -> reply.sendError(403, request.field("X")))
            .route("GET", "/busy", (request, reply) -> reply.field("Retry-After", "9")
                    .sendError(503, "busy"))
            .build();

    private static HttpServer serverOf(HttpErrorPage pages) throws IOException {
        HttpLimits limits = HttpLimits.defaults().withBodyBytes(10).withRequestLineBytes(64);
        return new HttpServer(HttpProtocol.gathering(SITE).withLimits(limits).withErrorPages(pages), b -> b);
    }

    private static String ask(HttpErrorPage pages, String request) throws Exception {
        try (HttpServer server = serverOf(pages);
                Client client = server.client()) {
            return client.send(request).readAll();
        }
    }

    private static String get(String target, String... fields) {
        StringBuilder head = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: h\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** With the page's bytes as characters of ISO 8859-1. */
    private static String page(String statusAndPhrase, String reason, String... fields) {
        String text = "<h1>" + statusAndPhrase + "</h1><p>\u00c3\u00a9 " + reason;
        String[] all = new String[fields.length + 3];
        all[0] = "Connection: close";
        all[1] = "Content-Type: text/html; charset=utf-8";
        System.arraycopy(fields, 0, all, 2, fields.length);
        all[fields.length + 2] = "Content-Length: " + text.length();
        return reply(statusAndPhrase, all) + text;
    }

    @ParameterizedTest
    @CsvSource({
        "400 Bad Request, X : y, white space in front of a colon",
        "413 Content Too Large, Content-Length: 11, body too long",
        "417 Expectation Failed, Expect: miracle, an unknown expectation",
        "501 Not Implemented, 'Transfer-Encoding: gzip, chunked', a coding of the body that is not implemented",
    })
    void refusalsHaveTheirPage(String status, String field, String reason) throws Exception {
        String got = ask(PAGES, get("/", field));
        String said = got.substring(got.indexOf("\u00a9 ") + 2);
        assertEquals(page(status, said), got);
        if (!status.startsWith("501")) {
            assertEquals(reason, said);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/fails", "/forgets"})
    void aHandlerThatFailsHasItsPage(String target) throws Exception {
        String phrase = "500 Internal Server Error";
        assertEquals(page(phrase, "Internal Server Error"), ask(PAGES, get(target) + get("/")));
    }

    @Test
    void whatTheRouterRefusesHasItsPage() throws Exception {
        String last = "Connection: close";
        assertEquals(page("404 Not Found", "nothing here"), ask(PAGES, get("/none", last)));
        assertEquals(page("400 Bad Request", "a path that can&#39;t be decoded"), ask(PAGES, get("/%ff", last)));
        String post = "POST /fails HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        assertEquals(
                page("405 Method Not Allowed", "this path has no such method", "Allow: GET, HEAD, OPTIONS"),
                ask(PAGES, post));
    }

    @Test
    void whatAHandlerRefusesHasItsPageAndFields() throws Exception {
        String last = "Connection: close";
        assertEquals(page("503 Service Unavailable", "busy", "Retry-After: 9"), ask(PAGES, get("/busy", last)));
        assertEquals(
                page("403 Forbidden", "&lt;a b=&quot;&#39;&amp;amp;"),
                ask(PAGES, get("/quotes", "X: <a b=\"'&amp;", last)));
    }

    @Test
    void aConnectionGoesOnBehindOne() throws Exception {
        String got = ask(PAGES, get("/busy") + get("/none", "Connection: close"));
        String first = page("503 Service Unavailable", "busy", "Retry-After: 9").replace("Connection: close\r\n", "");
        assertEquals(first + page("404 Not Found", "nothing here"), got);
    }

    @Test
    void headGetsTheLengthOfThePageAndNoPage() throws Exception {
        String head = page("404 Not Found", "nothing here");
        head = head.substring(0, head.indexOf("\r\n\r\n") + 4);
        assertEquals(head, ask(PAGES, get("/none", "Connection: close").replace("GET", "HEAD")));
        head = page("400 Bad Request", "white space in front of a colon");
        head = head.substring(0, head.indexOf("\r\n\r\n") + 4);
        assertEquals(head, ask(PAGES, get("/none", "X : y").replace("GET", "HEAD")));
        head = page("500 Internal Server Error", "Internal Server Error");
        head = head.substring(0, head.indexOf("\r\n\r\n") + 4);
        assertEquals(head, ask(PAGES, get("/fails").replace("GET", "HEAD")));
    }

    @Test
    void clientsForWhomThereIsNoRoomAndThoseWhoAreSlowHaveTheirPage() throws Exception {
        Deadlines deadlines = Deadlines.defaults().withFrame(Duration.ofMillis(50));
        HttpProtocol protocol = HttpProtocol.gathering(SITE).withErrorPages(PAGES);
        Limits limits = Limits.defaults().withConnections(1).withWhenFull(WhenFull.REFUSE);
        try (HttpServer server = new HttpServer(protocol, b -> b.limits(limits).deadlines(deadlines));
                Client first = server.client()) {
            Await.until("the first is in", () -> server.opened.size() == 1);
            try (Client second = server.client()) {
                assertEquals(
                        page("503 Service Unavailable", "no room for another client now", "Retry-After: 1"),
                        second.readAll());
            }
            assertEquals(
                    page("408 Request Timeout", "the request did not come in time"),
                    first.send("GET / H").readAll());
        }
    }

    @Test
    void aFunctionThatFailsOrHasNoPageIsAnsweredForWithALine() throws Exception {
        String plain = "nothing here\n";
        String expected = reply(
                        "404 Not Found",
                        "Connection: close",
                        "Content-Type: text/plain",
                        "Content-Length: " + plain.length())
                + plain;
        String asked = get("/none", "Connection: close");
        assertEquals(expected, ask((status, reason) -> null, asked));
        assertEquals(
                expected,
                ask(
                        (status, reason) -> {
                            throw new IOException("deliberate");
                        },
                        asked));
        assertEquals(
                expected,
                ask(
                        (status, reason) -> {
                            throw new StackOverflowError("deliberate");
                        },
                        asked));
        assertEquals(expected, ask((status, reason) -> Page.of("text/\r\nplain", reason), asked));
    }

    @Test
    void aPageIsOfAnyTypeAndBytes() throws Exception {
        byte[] bytes = "{}".getBytes(StandardCharsets.US_ASCII);
        Page page = Page.of("application/json", bytes);
        bytes[0] = 'x';
        String expected =
                reply("404 Not Found", "Connection: close", "Content-Type: application/json", "Content-Length: 2");
        assertEquals(expected + "{}", ask((status, reason) -> page, get("/none", "Connection: close")));
        assertThrows(NullPointerException.class, () -> Page.of(null, "text"));
    }

    @Test
    void statusesThatAreNoErrorsAreRefusedAndTheReplyStaysOpen() throws Exception {
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        HttpHandler handler = (request, reply) -> {
            try {
                assertThrows(IllegalArgumentException.class, () -> reply.sendError(399, "no"));
                assertThrows(IllegalArgumentException.class, () -> reply.sendError(600, "no"));
                assertTrue(reply.isOpen());
            } catch (AssertionError e) {
                wrong.set(e);
            }
            reply.thenClose().send();
        };
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            assertTrue(client.send(get("/")).readAll().startsWith("HTTP/1.1 200 OK\r\n"));
        }
        assertNull(wrong.get());
    }
}
