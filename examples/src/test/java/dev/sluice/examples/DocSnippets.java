// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.Deadlines;
import dev.sluice.DuplexProtocol;
import dev.sluice.Endpoint;
import dev.sluice.Handler;
import dev.sluice.Limits;
import dev.sluice.Protocol;
import dev.sluice.ReaderChoice;
import dev.sluice.Reply;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LengthField;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.Output;
import dev.sluice.http.HttpAccessLog;
import dev.sluice.http.HttpAccessLogFile;
import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpCaller;
import dev.sluice.http.HttpClientProtocol;
import dev.sluice.http.HttpContent;
import dev.sluice.http.HttpErrorPage;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpProxy;
import dev.sluice.http.HttpReceiver;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import dev.sluice.http.HttpRequestHead;
import dev.sluice.http.HttpResponse;
import dev.sluice.http.HttpResponseHandler;
import dev.sluice.http.HttpRouter;
import dev.sluice.http.HttpTarget;
import dev.sluice.prelude.ClientHello;
import dev.sluice.prelude.ClientHelloReader;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.prelude.ProxyHeaderFramer;
import dev.sluice.prelude.ProxyVersion;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayTarget;
import dev.sluice.resp.RespEncoder;
import dev.sluice.resp.RespOutput;
import dev.sluice.resp.RespRequest;
import dev.sluice.resp.RespRequestFramer;
import dev.sluice.resp.RespValue;
import dev.sluice.resp.RespValueFramer;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.Balancer;
import dev.sluice.upstream.ConnectionPool;
import dev.sluice.upstream.Health;
import dev.sluice.upstream.HealthCheck;
import dev.sluice.upstream.HealthChecks;
import dev.sluice.upstream.Lease;
import dev.sluice.upstream.Pick;
import dev.sluice.upstream.PooledConnection;
import dev.sluice.upstream.Upstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;

/** Pieces of code that are shown in the pages below {@code docs/}, kept here so that they compile. */
final class DocSnippets {
    private DocSnippets() {}

    static void topologies(int readers, Executor executor) {
        // snippet: topologies
        Topology one = Topology.singleThread();
        Topology two = Topology.acceptorAndReaders(readers);
        Topology three = Topology.sharedListener(readers);
        Topology four = Topology.reusePort(readers);
        Topology five = Topology.workers(readers, executor);
        // end snippet
        assert one != two && three != four && five != null;
    }

    static Server start(Topology topology) throws IOException {
        // snippet: start
        Protocol<ByteBuffer> echo = Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF));
        Server server = Server.builder()
                .listen(Endpoint.tcp("127.0.0.1", 7000), echo)
                .topology(topology)
                .readerChoice(ReaderChoice.FEWEST_CONNECTIONS)
                .start();
        // end snippet
        return server;
    }

    static Server framing(Handler<ByteBuffer> handler) throws IOException {
        // snippet: framing
        Protocol<ByteBuffer> lines = Protocol.of(LineFramer::new, handler);
        Protocol<ByteBuffer> lengths = Protocol.of(LengthField.bytes(4).framing(), handler);
        Protocol<ByteBuffer> netstrings = Protocol.of(NetstringFramer::new, handler);
        Server server = Server.builder()
                .listen(Endpoint.tcp("127.0.0.1", 7000), lines)
                .listen(Endpoint.tcp("127.0.0.1", 7001), lengths)
                .listen(Endpoint.tcp("127.0.0.1", 7002), netstrings)
                .limits(Limits.defaults().withFrameBytes(64 * 1024))
                .start();
        // end snippet
        return server;
    }

    static void loop(Framer<ByteBuffer> framer, ByteBuffer in) throws FrameException {
        // snippet: loop
        in.flip();
        ByteBuffer frame;
        while (in.hasRemaining() && (frame = framer.next(in)) != null) {
            handle(frame);
        }
        in.compact(); // the bytes of an unfinished frame stay, in front of what is read next
        // end snippet
    }

    static Handler<ByteBuffer> keeping(Executor executor) {
        // snippet: keeping
        Handler<ByteBuffer> slow = (request, reply) -> {
            byte[] mine = new byte[request.remaining()];
            request.get(mine); // request is a view of the Reader's buffer: copy what is needed after this call
            Reply later = reply.defer(); // keeps this reply's place in the order
            executor.execute(() -> later.send(ByteBuffer.wrap(mine)));
        };
        // end snippet
        return slow;
    }

    static Protocol<RespRequest> resp() {
        // snippet: resp
        Protocol<RespRequest> pong = Protocol.of(RespRequestFramer::new, (request, reply) -> {
            if (request.is(0, "ping") && request.count() == 1) {
                reply.send("PONG", (text, out) -> RespOutput.simple(out, text));
            } else if (request.is(0, "echo") && request.count() == 2) {
                reply.send(request.argument(1), (bytes, out) -> RespOutput.bulk(out, bytes));
            } else {
                reply.send("ERR no such command", (text, out) -> RespOutput.error(out, text));
            }
        });
        // end snippet
        return pong;
    }

    static void respClient(Server server, List<String> replies) {
        // snippet: resp-client
        DuplexProtocol<RespValue> client = DuplexProtocol.of(RespValueFramer::new, (value, connection) -> {
            if (value instanceof RespValue.Bulk bulk) {
                replies.add(bulk.text());
            }
        });
        server.connector(client).connect(server.address()).thenAccept(connection -> {
            connection.send(List.of("GET", "key"), RespEncoder.WORDS);
        });
        // end snippet
    }

    private static void handle(ByteBuffer frame) {}

    static Server http(Path folder) throws IOException {
        // snippet: http
        HttpHandler site = HttpRouter.builder()
                .route("GET", "/hello", (request, reply) -> reply.send("text/plain", "hello\n"))
                .route("GET", "/users/{id}", (request, reply, path) -> reply.send("text/plain", path.get("id")))
                .route("POST", "/echo", (request, reply) -> reply.send("text/plain", request.body()))
                .route("GET", "/picture", (request, reply) -> {
                    FileChannel file = FileChannel.open(folder.resolve("picture.png"));
                    reply.field("Cache-Control", "max-age=60").send("image/png", file, 0, file.size());
                })
                .build();
        Server server = Server.builder()
                .listen(Endpoint.tcp("127.0.0.1", 8080), HttpProtocol.gathering(site))
                .start();
        // end snippet
        return server;
    }

    static Server relay() throws IOException {
        // snippet: relay
        RelayTarget backend = RelayTarget.of(new InetSocketAddress("10.0.0.7", 6379));
        Server proxy = Server.builder()
                .listen(Endpoint.parse("tcp://*:6379"), Relay.to(request -> backend))
                .start();
        // end snippet
        return proxy;
    }

    static Server proxy(Path folder) throws IOException {
        // snippet: proxy
        HttpBackends shop = HttpBackends.builder(Upstream.builder("shop")
                        .backends(List.of(
                                Backend.of("a", new InetSocketAddress("10.0.0.7", 8080)),
                                Backend.of("b", new InetSocketAddress("10.0.0.8", 8080))))
                        .build())
                .pool(pool -> pool.connections(64))
                .responseTimeout(Duration.ofSeconds(30))
                .build();
        HttpBackends api = HttpBackends.builder(Upstream.builder("api")
                        .backends(List.of(Backend.of("c", new InetSocketAddress("10.0.0.9", 8443))))
                        .build())
                .tls(ClientTls.builder() // HTTPS to this one
                        .trust(folder.resolve("ca.pem"))
                        .serverName("api.internal")
                        .build())
                .build();
        HttpProxy proxy = HttpProxy.by(request -> HttpTarget.of(request)
                .map(target -> target.segments().get(0).equals("api") ? api : shop)
                .orElse(null)); // a path that can't be decoded: 404

        ServerTls tls = ServerTls.of(IdentityFile.pem(folder.resolve("www.pem"), folder.resolve("www.key")));
        Server server = Server.builder()
                .listen(Endpoint.tcp("127.0.0.1", 8443).withTls(tls), HttpProtocol.streaming(proxy))
                .start();
        // end snippet
        return server;
    }

    static void proxyHeader(ByteBuffer received, SocketAddress ownAddress, Output out) throws FrameException {
        // snippet: proxy-header
        ProxyHeaderFramer framer =
                new ProxyHeaderFramer(ProxyHeaderFramer.DEFAULT_HEADER_BYTES, Set.of(ProxyVersion.V2));
        ProxyHeader header = framer.next(received); // null while it isn't complete
        if (header != null && header.source() != null) {
            ProxyHeader onward = ProxyHeader.of(ProxyVersion.V2, header.source(), ownAddress)
                    .withAuthority("example.org")
                    .withChecksum();
            onward.encode(out);
        }
        // end snippet
    }

    static void clientHello(
            ClientHelloReader reader,
            ByteBuffer received,
            Map<String, String> backends,
            BiConsumer<String, ByteBuffer> relay)
            throws FrameException {
        // snippet: client-hello
        ClientHello hello = reader.look(received); // null while it isn't complete; consumes nothing
        if (hello != null) {
            String backend = hello.serverName() == null ? "default" : backends.get(hello.serverName());
            relay.accept(backend, received); // all of it, from the first byte
        }
        // end snippet
    }

    static HttpProtocol errorPages(HttpHandler site) {
        // snippet: error-pages
        HttpErrorPage pages = (status, reason) -> HttpErrorPage.Page.html("<!DOCTYPE html><title>" + status
                + "</title><h1>" + HttpErrorPage.phrase(status) + "</h1><p>" + HttpErrorPage.escape(reason));
        HttpProtocol withPages = HttpProtocol.gathering(site).withErrorPages(pages);
        // end snippet
        return withPages;
    }

    static HttpProtocol accessLog(HttpHandler site) throws IOException {
        // snippet: access-log
        HttpAccessLogFile file = HttpAccessLogFile.open(Path.of("access.log"));
        HttpProtocol logged = HttpProtocol.gathering(site).withAccessLog(HttpAccessLog.combined(file));
        // end snippet
        return logged;
    }

    /** Somebody who has events. */
    interface Feed {
        void subscribe(Consumer<ByteBuffer> events);
    }

    static List<HttpHandler> compressed(String html, Feed feed) {
        // snippet: compress
        HttpHandler page = (request, reply) -> reply.compress().send("text/html; charset=utf-8", html);
        HttpHandler events = (request, reply) -> {
            HttpReplyStream stream = reply.compress().stream("text/event-stream");
            feed.subscribe(event -> stream.write(event)); // each event leaves at once, whatever thread brings it
        };
        // end snippet
        return List.of(page, events);
    }

    static void endInOrder(Server server) {
        // snippet: signals
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                System.err.println(server.drain(Duration.ofSeconds(30)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        // end snippet
    }

    static HttpHandler blocking(ExecutorService pool, Function<String, String> database) {
        // snippet: http-later
        HttpHandler user = (request, reply) -> {
            String body = StandardCharsets.UTF_8.decode(request.body()).toString(); // now: it is a view of what came
            HttpReply later = reply.defer();
            pool.execute(() -> {
                try {
                    later.send("application/json", database.apply(body));
                } catch (RuntimeException e) { // else the client waits for ever
                    later.sendError(500, "the database has failed");
                }
            });
        };
        // end snippet
        return user;
    }

    static HttpProtocol uploads(Path folder) {
        // snippet: uploads
        HttpProtocol uploads = HttpProtocol.streaming((request, reply) -> {
            if (!request.method().equals("PUT")) {
                reply.sendError(405, "PUT a file");
                return null; // nobody wants the body
            }
            Path path = Files.createTempFile(folder, "upload-", ".part");
            FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE);
            return new HttpReceiver() {
                @Override
                public void receive(HttpContent part, HttpReply theSame) throws IOException {
                    while (part.bytes().hasRemaining()) {
                        file.write(part.bytes());
                    }
                    if (part.isLast()) {
                        theSame.status(201).send("text/plain", file.size() + " bytes\n");
                        file.close();
                    }
                }

                @Override
                public void ended() { // before the last piece: the client has gone, was too slow, or sends too much
                    try {
                        file.close();
                        Files.delete(path);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            };
        });
        return uploads.withLimits(HttpLimits.defaults().withBodyBytes(5L << 30)); // 5 GiB
        // end snippet
    }

    static String ask(SocketAddress address) throws Exception {
        // snippet: asking
        HttpRequestHead hello =
                HttpRequestHead.of("GET", "/plaintext", "example.org").field("Accept", "text/plain");
        try (Connector connector = Connector.builder(HttpClientProtocol.gathering())
                .deadlines(Deadlines.defaults().withIdle(Duration.ofSeconds(30)))
                .start()) {
            HttpCaller caller = HttpCaller.of(connector.connect(address).get(10, TimeUnit.SECONDS));
            CompletableFuture<String> answer = new CompletableFuture<>();
            boolean accepted = caller.send(hello, new HttpResponseHandler() {
                @Override
                public void response(HttpResponse response) {
                    answer.complete(response.status() + " " + StandardCharsets.UTF_8.decode(response.body()));
                }

                @Override
                public void failed(CloseReason reason) {
                    answer.completeExceptionally(new IOException(reason.toString()));
                }
            });
            if (!accepted) {
                throw new IOException("the connection has ended");
            }
            return answer.get(40, TimeUnit.SECONDS);
        }
        // end snippet
    }

    static ServerTls serverTls(Path folder) throws IOException {
        // snippet: server-tls
        ServerTls tls = ServerTls.builder()
                .identity(IdentityFile.pem(folder.resolve("shop.pem"), folder.resolve("shop.key")))
                .identity(IdentityFile.pkcs12(folder.resolve("mail.p12"))
                        .withPasswordFile(folder.resolve("mail.password")))
                .defaultIdentity(IdentityFile.pem(folder.resolve("other.pem")))
                .alpn("http/1.1")
                .build();
        // end snippet
        return tls;
    }

    static SSLEngine clientTls(Path folder) throws IOException {
        // snippet: client-tls
        ClientTls tls = ClientTls.builder()
                .trust(folder.resolve("ca.pem"))
                .serverName("backend.internal")
                .identity(IdentityFile.pem(folder.resolve("proxy.pem"), folder.resolve("proxy.key")))
                .build();
        SSLEngine engine = tls.engine("10.0.0.7", 8443);
        // end snippet
        return engine;
    }

    private static Upstream upstream() {
        // snippet: upstream
        Upstream web = Upstream.builder("web")
                .backends(List.of(
                        Backend.of("a", new InetSocketAddress("10.0.0.1", 8080)),
                        Backend.of("b", new InetSocketAddress("10.0.0.2", 8080)).withWeight(2)))
                .balancer(Balancer.TWO_RANDOM_CHOICES)
                .health(Health.defaults().withFailuresInRow(3))
                .slowStart(Duration.ofSeconds(30))
                .build();
        // end snippet
        return web;
    }

    // snippet: pick
    static void connect(Upstream web, Connector connector, Connection client, Lease tried) {
        Pick pick = web.pick(client.remoteAddress(), tried);
        if (pick instanceof Lease lease) {
            connector.connect(lease.backend().address()).whenComplete((connection, failure) -> {
                if (failure != null) {
                    lease.connectFailed(failure);
                    connect(web, connector, client, lease); // another one: what was tried is avoided
                } else {
                    lease.connected(); // answered() follows with the first bytes, ended() or failed(..) at the end
                }
            });
        } else {
            client.close(); // it is a NoBackend, and says why
        }
    }
    // end snippet

    static HealthChecks checks(Upstream web, Server server) throws IOException {
        // snippet: health-checks
        HealthCheck check = HealthCheck.http("/health", "web.example").withInterval(Duration.ofSeconds(2));
        HealthChecks checks = HealthChecks.start(web, check, server::connector);
        // end snippet
        return checks;
    }

    static void pool(Server server, Lease lease, HttpRequestHead request) throws IOException {
        // snippet: pool
        ConnectionPool pool = ConnectionPool.builder(HttpClientProtocol.gathering())
                .connections(200)
                .longestIdle(Duration.ofSeconds(20))
                .start(server::connector);
        pool.take(lease.backend().address(), new ConnectionPool.Taker() {
            @Override
            public void taken(PooledConnection connection) {
                HttpCaller.of(connection).send(request, response -> {
                    lease.answered();
                    lease.ended();
                    connection.release();
                });
            }

            @Override
            public void failed(Throwable why) {
                lease.connectFailed(why);
            }
        });
        // end snippet
    }
}
