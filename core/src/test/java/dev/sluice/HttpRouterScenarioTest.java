// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.HttpServer.ok;
import static dev.sluice.HttpServer.reply;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpRouter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which handler a request goes to, over the wire. */
class HttpRouterScenarioTest {
    private static final HttpHandler NOBODY = (request, reply) -> reply.send("text/plain", "nobody");
    private static final HttpRouter ROUTER = HttpRouter.builder()
            .route("GET", "/users/{id}", (request, reply, path) -> reply.send("text/plain", "user " + path.get("id")))
            .route("GET", "/users/me", (request, reply) -> reply.send("text/plain", "me"))
            .route("PUT", "/users/{id}", (request, reply, path) -> reply.send("text/plain", "put " + path))
            .route("GET", "/users/{id}/pets/{pet}", (request, reply, path) -> reply.send("text/plain", "pets " + path))
            .route("HEAD", "/own", (request, reply) -> reply.field("Own", "head")
                    .send())
            .route("GET", "/own", (request, reply) -> reply.field("Own", "get").send())
            .route("OPTIONS", "/own", (request, reply) -> reply.field("Own", "options")
                    .send())
            .route("GET", "/users/\u00e9", (request, reply) -> reply.send("text/plain", "accent"))
            .route("GET", "/50%25", (request, reply) -> reply.send("text/plain", "percent"))
            .route("GET", "/a b", (request, reply) -> reply.send("text/plain", "space"))
            .route("GET", "/", (request, reply) -> reply.send("text/plain", "root"))
            .build();

    private static String ask(String methodAndTarget) throws Exception {
        try (HttpServer server = new HttpServer(ROUTER, b -> b);
                Client client = server.client()) {
            String asked = methodAndTarget + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
            return client.send(asked).readAll().replace("Connection: close\r\n", "");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET / | root",
                "GET /?a=b | root",
                "GET http://h | root",
                "GET /users/me | me",
                "GET /users/m%65 | me",
                "GET /users/7?x | user 7",
                "GET /users/a%2Fb | user a/b",
                "PUT /users/me | put {id=me}",
                "GET /users/7/pets/x%20y | pets {id=7, pet=x y}",
                "GET /a%20b | space",
                "GET /users/%C3%A9 | accent",
                "GET /50%2525 | percent",
            })
    void requestsFindTheirHandler(String asked, String text) throws Exception {
        assertEquals(ok(text), ask(asked));
    }

    @ParameterizedTest
    @CsvSource({"GET /users", "GET /users/", "GET /users/7/", "GET //", "GET /Users/7", "GET /50%25", "DELETE /nobody"})
    void whatHasNoRouteIsNotFound(String asked) throws Exception {
        String said = "nothing here\n";
        assertEquals(
                reply("404 Not Found", "Content-Type: text/plain", "Content-Length: " + said.length()) + said,
                ask(asked));
    }

    @Test
    void anotherMethodIsToldWhichThereAre() throws Exception {
        String allow = "Allow: GET, HEAD, OPTIONS, PUT";
        String said = "this path has no such method\n";
        String length = "Content-Length: " + said.length();
        assertEquals(
                reply("405 Method Not Allowed", "Content-Type: text/plain", allow, length) + said,
                ask("DELETE /users/7"));
        assertEquals(reply("204 No Content", allow), ask("OPTIONS /users/7"));
        assertEquals(reply("204 No Content", allow), ask("OPTIONS *"));
        assertEquals(reply("200 OK", "Own: options", "Content-Length: 0"), ask("OPTIONS /own"));
    }

    @Test
    void headGoesToItsOwnHandlerOrToThatOfGet() throws Exception {
        assertEquals(reply("200 OK", "Own: head", "Content-Length: 0"), ask("HEAD /own"));
        assertEquals(reply("200 OK", "Content-Type: text/plain", "Content-Length: 6"), ask("HEAD /users/7"));
    }

    @Test
    void whatCannotBeDecodedIsRefused() throws Exception {
        assertEquals(true, ask("GET /users/%00").startsWith("HTTP/1.1 400 "));
        assertEquals(true, ask("GET /users/../x").startsWith("HTTP/1.1 400 "));
        assertEquals(true, ask("CONNECT h:1").startsWith("HTTP/1.1 501 "));
    }

    @Test
    void routesThatMakeNoSenseAreRefused() {
        HttpRouter.Builder builder = HttpRouter.builder().route("GET", "/a", NOBODY);
        assertThrows(IllegalArgumentException.class, () -> builder.route("GET", "/a", NOBODY));
        assertThrows(IllegalArgumentException.class, () -> builder.route("GET", "a", NOBODY));
        assertThrows(IllegalArgumentException.class, () -> builder.route("GE T", "/b", NOBODY));
        assertThrows(IllegalArgumentException.class, () -> builder.route("GET", "/{a}", NOBODY));
    }
}
