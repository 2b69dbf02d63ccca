// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.frame.RawFramer;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A connection by TLS 1.3 with a certificate of P-256, from its first byte until a message has come back, both ends
 * together. The client is a bare engine on the benchmark's thread in all; the ends take turns, so time is nearly the
 * processor's. What the first ten thousand handshakes take isn't counted: they let the JDK compile its TLS.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 10, time = 3)
@Measurement(iterations = 5, time = 2)
public class HandshakeBenchmark {
    private static final char[] NO_PASSWORD = {};
    private static final int RESUMED_PORT = 1; // part of the name under which the client keeps a session

    /** Who the other end is. */
    public enum Side {
        /** An engine in the same thread, to which bytes are copied. */
        ENGINE,
        /** An engine behind a socket, and a thread that blocks. */
        ENGINE_BY_LOOPBACK,
        /** Sluice behind a socket. */
        SLUICE
    }

    /** The other end. */
    @Param
    Side side;

    /** Whether a session is resumed. */
    @Param({"false", "true"})
    boolean resumes;

    private final BareTls client = new BareTls();
    private final BareTls inMemory = new BareTls();
    private final ByteBuffer message = ByteBuffer.wrap("Hello, World!".getBytes(StandardCharsets.US_ASCII));
    private SSLContext clients;
    private SSLContext servers;
    private SocketAddress address;
    private AutoCloseable server;

    /** Starts the other end. */
    @Setup
    public void start() throws Exception {
        TestCa authority = TestCa.create("a CA to throw away");
        TestCertificate certificate = authority.server(Certificates.NAME);
        clients = trusting(authority);
        servers = having(certificate);
        switch (side) {
            case ENGINE -> server = () -> {};
            case ENGINE_BY_LOOPBACK -> listen();
            case SLUICE -> startSluice(certificate);
        }
    }

    private static SSLContext trusting(TestCa authority) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setCertificateEntry("root", authority.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static SSLContext having(TestCertificate certificate) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setKeyEntry(
                "key", certificate.key(), NO_PASSWORD, certificate.chain().toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private void listen() throws IOException {
        ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread thread = new Thread(() -> serve(listener), "bare-tls");
        thread.start();
        address = listener.getLocalAddress();
        server = () -> {
            listener.close();
            thread.join();
        };
    }

    private void serve(ServerSocketChannel listener) {
        BareTls its = new BareTls();
        while (listener.isOpen()) {
            try (SocketChannel accepted = listener.accept()) {
                accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
                its.begin(serverEngine());
                its.echo(accepted);
            } catch (IOException e) {
                // The client has reset it, or this is the end.
            }
        }
    }

    private void startSluice(TestCertificate certificate) throws IOException {
        ServerTls tls = ServerTls.builder()
                .defaultIdentity(TlsIdentity.of(certificate.key(), certificate.chain()))
                .build();
        Server started = Server.builder()
                .listen(
                        Endpoint.tcp("127.0.0.1", 0).withTls(tls),
                        Protocol.of(RawFramer::new, (part, reply) -> reply.send(part)))
                .topology(Topology.singleThread())
                .start();
        address = new InetSocketAddress("127.0.0.1", started.port());
        server = () -> started.stop(Duration.ZERO);
    }

    private SSLEngine serverEngine() {
        SSLEngine engine = servers.createSSLEngine();
        engine.setUseClientMode(false);
        return engine;
    }

    /** Without a host and a port it finds no session. */
    private SSLEngine clientEngine() {
        SSLEngine engine =
                resumes ? clients.createSSLEngine(Certificates.NAME, RESUMED_PORT) : clients.createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(Certificates.NAME)));
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Opens a connection, sends a message, and has it back. */
    @Benchmark
    public int connection() throws Exception {
        client.begin(clientEngine());
        client.advance();
        if (side == Side.ENGINE) {
            throughMemory();
        } else {
            throughSocket();
        }
        return client.plainBytes();
    }

    private void throughMemory() throws IOException {
        inMemory.begin(serverEngine());
        boolean moved = true;
        while (moved) {
            moved = client.passTo(inMemory);
            moved |= inMemory.passTo(client);
        }
        client.write(message.rewind());
        client.passTo(inMemory);
        inMemory.write(message.rewind());
        inMemory.passTo(client);
    }

    private void throughSocket() throws IOException {
        try (SocketChannel channel = SocketChannel.open(address)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_LINGER, 0); // a reset, which leaves no port in TIME_WAIT
            message.rewind();
            while (client.plainBytes() < message.limit()) {
                if (client.isOpen() && message.hasRemaining()) {
                    client.write(message);
                }
                client.flush(channel);
                if (!client.receive(channel)) {
                    throw new IOException("the other end has ended");
                }
            }
        }
    }

    /** Bytes that the client has received so far. */
    long received() {
        return client.received();
    }

    /** Ends the other end. */
    @TearDown
    public void stop() throws Exception {
        server.close();
    }
}
