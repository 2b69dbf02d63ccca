// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.DuplexProtocol;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Echo;
import dev.sluice.examples.Sni;
import dev.sluice.examples.Tap;
import dev.sluice.examples.e2e.E2e;
import dev.sluice.examples.e2e.E2eHandler;
import dev.sluice.examples.e2e.E2eProtocol;
import dev.sluice.examples.e2e.ServerKey;
import dev.sluice.examples.e2e.Trust;
import dev.sluice.frame.FrameView;
import dev.sluice.frame.Framer;
import dev.sluice.frame.RawFramer;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsIdentity;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Client, proxy and backend in one process, each of which says what it sees. */
final class E2eShow {
    private static final String SECRET = "the password of the vault is swordfish";
    private static final String PROXY = "proxy.example";
    private static final String BACKEND = "backend.example";
    private static final Endpoint ANY_PORT = Endpoint.tcp("127.0.0.1", 0);
    private static final int FIRST = 48;

    private final PrintStream out;
    private final TestCa ca = TestCa.create("Throw-away CA");

    private E2eShow(PrintStream out) {
        this.out = out;
    }

    static void run(PrintStream out) throws IOException, InterruptedException {
        E2eShow show = new E2eShow(out);
        show.tlsAlone();
        show.endToEnd();
        show.impostor();
        show.passthrough();
    }

    private ServerTls tls(String name) throws IOException {
        TestCertificate made = ca.server(name);
        TlsIdentity identity = TlsIdentity.of(made.key(), made.chain());
        return ServerTls.builder().identity(identity).build();
    }

    private ClientTls trusting(String name) throws IOException {
        return ClientTls.builder()
                .trust(List.of(ca.certificate()))
                .serverName(name)
                .build();
    }

    private synchronized void say(String who, String what) {
        out.printf("  %-8s %s%n", who, what);
    }

    private ByteBuffer proxySees(long connection, Tap.From from, ByteBuffer bytes) {
        say(
                "proxy",
                (from == Tap.From.CLIENT ? "from the client: " : "from the backend: ") + bytes.remaining() + " bytes, "
                        + Bytes.text(bytes, FIRST));
        return bytes;
    }

    // ---- the four

    private void tlsAlone() throws IOException {
        out.println("TLS, which the proxy ends");
        try (Server backend = Echo.server(ANY_PORT).start();
                Server proxy = proxy(backend.address())) {
            say("client", "sends: " + SECRET);
            askOverTls(proxy.address(), PROXY);
        }
    }

    private Server proxy(SocketAddress backend) throws IOException {
        return Tap.server(ANY_PORT.withTls(tls(PROXY)), backend, null, this::proxySees)
                .start();
    }

    private void endToEnd() throws IOException, InterruptedException {
        out.println(
                "\nThe same with messages sealed from end to end, for the backend's key, which the client has pinned");
        ServerKey key = ServerKey.generate();
        E2eHandler echo = (message, connection) -> {
            say("backend", "reads: " + StandardCharsets.US_ASCII.decode(message.duplicate()));
            connection.send(message);
        };
        try (Server backend = Server.builder()
                        .listen(ANY_PORT, E2eProtocol.server(key, echo))
                        .start();
                Server proxy = proxy(backend.address())) {
            say("client", "sends: " + SECRET);
            List<ByteBuffer> replies = ask(proxy, key);
            say("client", "reads: " + StandardCharsets.US_ASCII.decode(replies.get(0)));
        }
    }

    private List<ByteBuffer> ask(Server proxy, ServerKey key) throws IOException, InterruptedException {
        ByteBuffer secret = ByteBuffer.wrap(SECRET.getBytes(StandardCharsets.US_ASCII));
        return E2e.ask(proxy.address(), trusting(PROXY), Trust.pinned(key.publicKey()), List.of(secret));
    }

    private void impostor() throws IOException, InterruptedException {
        out.println("\nA proxy that pretends to be the backend, with a key of its own");
        E2eHandler reading =
                (message, connection) -> say("proxy", "reads: " + StandardCharsets.US_ASCII.decode(message));
        try (Server proxy = Server.builder()
                .listen(ANY_PORT.withTls(tls(PROXY)), E2eProtocol.server(ServerKey.generate(), reading))
                .start()) {
            ask(proxy, ServerKey.generate());
            say("client", "has noticed nothing");
        } catch (IOException e) {
            say("client", "ends it: " + e.getMessage());
        }
    }

    private void passthrough() throws IOException {
        out.println("\nTLS that is passed through, by the name in its first message");
        try (Server backend = Echo.server(ANY_PORT.withTls(tls(BACKEND))).start();
                Server router = Sni.server(ANY_PORT, Map.of(BACKEND, (InetSocketAddress) backend.address()))
                        .start();
                Server proxy = Tap.server(ANY_PORT, router.address(), null, this::proxySees)
                        .start()) {
            say("client", "sends: " + SECRET);
            askOverTls(proxy.address(), BACKEND);
        }
    }

    // ---- a client of TLS alone

    private void askOverTls(SocketAddress address, String name) throws IOException {
        Asking asking = new Asking();
        try (Connector connector = Connector.builder(asking).tls(trusting(name)).start()) {
            connector.connect(address).whenComplete((connection, failure) -> {
                if (failure != null) {
                    asking.reply.completeExceptionally(failure);
                }
            });
            say(
                    "client",
                    "reads: " + asking.reply.orTimeout(30, TimeUnit.SECONDS).join());
        }
    }

    /** Says whose certificate it is shown, sends the secret and waits until as much has come back. */
    private final class Asking implements DuplexProtocol<ByteBuffer> {
        private final CompletableFuture<String> reply = new CompletableFuture<>();
        private final StringBuilder received = new StringBuilder();

        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new RawFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            say(
                    "client",
                    "is shown a certificate of "
                            + connection
                                    .tlsInfo()
                                    .peer()
                                    .getSubjectX500Principal()
                                    .getName());
            connection.send(ByteBuffer.wrap(SECRET.getBytes(StandardCharsets.US_ASCII)));
        }

        @Override
        public void received(ByteBuffer bytes, Connection connection) {
            received.append(new String(FrameView.copy(bytes).array(), StandardCharsets.US_ASCII));
            if (received.length() == SECRET.length()) {
                reply.complete(received.toString());
                connection.close();
            }
        }
    }
}
