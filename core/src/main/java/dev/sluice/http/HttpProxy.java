// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Protocol;
import dev.sluice.Server;
import java.util.Objects;
import java.util.Set;

/**
 * Passes requests on to backends, and their responses back: a reverse proxy. Give it to a protocol like any other handler:
 *
 * <pre>{@code
 * Upstream backends = Upstream.builder("shop")
 *         .backends(List.of(Backend.of("a", new InetSocketAddress("10.0.0.7", 8080))))
 *         .build();
 * Server server = Server.builder()
 *         .listen(Endpoint.tcp(8080), HttpProtocol.streaming(HttpProxy.to(HttpBackends.of(backends))))
 *         .start();
 * }</pre>
 *
 * <p><b>Connections</b> to backends are shared by all clients: a client has one from when its request is at hand, which
 * for a short body means all of it, until the response is; what a slow client has not taken yet waits here, up to
 * {@link dev.sluice.Limits#highMark}. Bodies are passed on as they come, whatever their length, and who doesn't take
 * them holds the other one back; {@link HttpLimits#bodyBytes} of the protocol bounds those of requests, and has to be
 * raised for longer ones. Requests that come one behind another on one connection are passed on at the same time, and
 * answered in order.
 *
 * <p><b>What goes on</b>, and what not (RFC 9110, 7.6): a request's target, in the form that an origin server wants;
 * {@code Host}; all fields but those about a connection. What says how long a body is is written anew, and fields
 * behind a body are dropped. {@link HttpForwarding} says what is added. The proxy answers {@code Expect: 100-continue}
 * itself. Other interim responses are passed on. A switch of protocols, and CONNECT, are passed on where
 * {@link HttpBackends.Builder#upgrades} and {@link HttpBackends.Builder#connects} say so, and the connections are a
 * tunnel then; else the switch isn't asked for, and CONNECT is answered with 501. So is TRACE, always. OPTIONS goes
 * on with a {@code Max-Forwards} of one less, and is answered here where that is 0 (RFC 9110, 7.6.2).
 *
 * <p>A request whose {@code Via} has the proxy's name more than eight times is answered with 508 (RFC 5842, section 7.2):
 * some backend leads back here.
 *
 * <p><b>Errors</b> that clients are told: 502 where no connection could be made, or it has ended without a response, or
 * with one that is none; 503 where no backend is up or none has a connection free in time, or the backends were
 * {@linkplain HttpBackends#close closed}; 504 where the response didn't come in time; 404 where the routes lead nowhere;
 * 400 and 408 where a request's body is none or doesn't come in time, as long as nothing of a response has left. A
 * response that ends in the middle resets the client's connection, so that it doesn't look whole.
 *
 * <p>It belongs to one server, whose endpoints may share it, and works on the Readers, also where the topology has
 * workers. A server whose requests may come one behind another needs {@link dev.sluice.Limits#repliesInFlight} of 2 or
 * more. A handler that passes some requests on to it passes {@link #traits} and {@link #starting} on as well.
 */
public final class HttpProxy implements HttpStreamHandler {
    private static final String MAX_FORWARDS = "Max-Forwards";
    private static final int MOST_ROUNDS = 8; // several in a row may have one name

    private final HttpProxyRoutes routes;
    private final HttpForwarding forwarding;
    private volatile Server server; // null before the start

    private HttpProxy(HttpProxyRoutes routes, HttpForwarding forwarding) {
        this.routes = routes;
        this.forwarding = forwarding;
    }

    /** One that passes all on to these. */
    public static HttpProxy to(HttpBackends backends) {
        Objects.requireNonNull(backends, "backends");
        return by(request -> backends);
    }

    /** One that asks for each request where it goes. */
    public static HttpProxy by(HttpProxyRoutes routes) {
        return new HttpProxy(Objects.requireNonNull(routes, "routes"), HttpForwarding.defaults());
    }

    /** The same routes, for another server, with something else told to backends than {@link HttpForwarding#defaults}. */
    public HttpProxy withForwarding(HttpForwarding settings) {
        return new HttpProxy(routes, Objects.requireNonNull(settings, "forwarding"));
    }

    /** It stays on the Readers. */
    @Override
    public Set<Protocol.Trait> traits() {
        return Set.of(Protocol.Trait.BOUND_TO_READER);
    }

    /**
     * Called by its protocol.
     *
     * @throws IllegalStateException if it belongs to another server
     */
    @Override
    public void starting(Server itsServer) {
        if (server != null && server != itsServer) {
            throw new IllegalStateException("this proxy belongs to another server; make one for each");
        }
        server = itsServer;
    }

    @Override
    public HttpReceiver handle(HttpRequest request, HttpReply reply) throws Exception {
        if (refuses(request, reply)) {
            return null;
        }
        if (goesInCircles(request.fields())) {
            reply.sendError(508, "this request has been here before");
            return null;
        }
        HttpBackends backends = routes.route(request);
        if (backends == null) {
            reply.sendError(404, "there is nothing of that name here");
            return null;
        }
        if (backends.isClosed()) {
            reply.sendError(HttpStatus.SERVICE_UNAVAILABLE, "this is about to end");
            return null;
        }
        if (request.method().equals("CONNECT") && (!backends.connects() || request.hasBody())) {
            reply.sendError(HttpStatus.NOT_IMPLEMENTED, "no tunnels are made here");
            return null;
        }
        boolean hasBody = request.isChunked() || request.contentLength() > 0;
        if (hasBody && request.expectsContinue()) {
            reply.sendContinue();
        }
        Connection client = reply.connection();
        BackendLane lane = backends.lanes(this).of(client.reader());
        boolean upgrades = backends.mayUpgrade(request);
        HeadWriter head = lane.requests.begin(request, backends, client, upgrades);
        Proxied proxied = new Proxied(lane, client, request, head, upgrades);
        proxied.begin(reply);
        return hasBody ? proxied : null;
    }

    private static boolean refuses(HttpRequest request, HttpReply reply) {
        switch (request.method()) {
            case "TRACE" -> reply.sendError(HttpStatus.NOT_IMPLEMENTED, "requests are not sent back here");
            case "OPTIONS" -> {
                if ("0".equals(request.field(MAX_FORWARDS))) { // RFC 9110, 7.6.2
                    reply.send();
                    return true;
                }
                return false;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Whether it has passed by here, or proxies of the same name, too often (RFC 9110, 7.6.3). */
    private boolean goesInCircles(HttpFields fields) {
        String name = forwarding.via();
        int field = name == null ? -1 : fields.find("Via", 0);
        int times = 0;
        for (; field >= 0; field = fields.find("Via", field + 1)) {
            for (String hop : fields.value(field).split(",")) {
                times += hop.strip().endsWith(' ' + name) ? 1 : 0;
            }
        }
        return times > MOST_ROUNDS;
    }

    Server server() {
        if (server == null) {
            throw new IllegalStateException("this proxy has no server: it is to be the handler of an HttpProtocol,"
                    + " or to be told by HttpStreamHandler.starting of the handler that calls it");
        }
        return server;
    }

    HttpForwarding forwarding() {
        return forwarding;
    }
}
