// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ClientHello;
import dev.sluice.prelude.ClientHelloReader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/** A client's engine and the one that a server has made for its hello, with two buffers between them. */
final class EnginePair {
    private static final int MOST_STEPS = 200;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int LEAST_WITH_CERTIFICATE = 400;

    final SSLEngine client;
    final ClientHello hello;
    SSLEngine server;

    /** What the server has sent before the client had answered it. */
    private final ByteArrayOutputStream firstFlight = new ByteArrayOutputStream();

    private boolean hasAnswered;

    SSLException clientFailure;
    SSLException serverFailure;

    private final ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
    private final ByteBuffer toClient = ByteBuffer.allocate(1 << 17);

    private EnginePair(SSLEngine client, UnaryOperator<byte[]> between) throws SSLException, FrameException {
        this.client = client;
        client.beginHandshake();
        toServer.put(between.apply(fromClient()));
        hello = new ClientHelloReader().look(toServer.duplicate().flip());
    }

    /** Asks for an engine and shakes hands, or fails to; then each has read what the other sent behind it. */
    static EnginePair of(ServerTls tls, SSLEngine client) throws TlsRefusal, SSLException, FrameException {
        return of(tls, client, UnaryOperator.identity());
    }

    /** The same with somebody between, who may change the hello. */
    static EnginePair of(ServerTls tls, SSLEngine client, UnaryOperator<byte[]> between)
            throws TlsRefusal, SSLException, FrameException {
        EnginePair pair = new EnginePair(client, between);
        pair.server = tls.engineFor(pair.hello);
        pair.run();
        if (pair.isOpen()) {
            pair.say(pair.server, pair.toClient, "from the server");
            pair.say(pair.client, pair.toServer, "from the client");
            pair.run();
        }
        return pair;
    }

    /** Both, with the handshake done. */
    static EnginePair open(ServerTls tls, SSLEngine client) throws TlsRefusal, SSLException, FrameException {
        EnginePair pair = of(tls, client);
        if (!pair.isOpen()) {
            throw new AssertionError(pair.clientFailure + " and " + pair.serverFailure);
        }
        return pair;
    }

    boolean isOpen() {
        return clientFailure == null && serverFailure == null;
    }

    /** In TLS 1.2 a server that resumes begins with the end of its handshake; in 1.3 it leaves out its certificate. */
    boolean isResumed() {
        byte[] bytes = firstFlight.toByteArray();
        if (hello.offers(ClientHello.TLS_1_3)) {
            return bytes.length < LEAST_WITH_CERTIFICATE;
        }
        ByteBuffer records = ByteBuffer.wrap(bytes);
        while (records.hasRemaining()) {
            if (records.get() == CHANGE_CIPHER_SPEC) {
                return true;
            }
            records.getShort();
            records.position(records.position() + 2 + records.getShort(records.position()));
        }
        return false;
    }

    private void say(SSLEngine engine, ByteBuffer to, String text) throws SSLException {
        engine.wrap(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), to);
    }

    /** What the client's engine sends next, without the server's seeing it. */
    byte[] fromClient() throws SSLException {
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        client.wrap(ByteBuffer.allocate(0), out);
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    void run() {
        for (int i = 0; i < MOST_STEPS; i++) {
            boolean moved = false;
            if (clientFailure == null) {
                try {
                    int before = toServer.position();
                    moved = step(client, toClient, toServer);
                    hasAnswered |= toServer.position() > before;
                } catch (SSLException e) {
                    clientFailure = e;
                    sendAlert(client, toServer);
                    moved = true;
                }
            }
            if (serverFailure == null) {
                int before = toClient.position();
                try {
                    moved |= step(server, toServer, toClient);
                } catch (SSLException e) {
                    serverFailure = e;
                    sendAlert(server, toClient);
                    moved = true;
                }
                if (!hasAnswered && toClient.position() > before) {
                    firstFlight.write(toClient.array(), before, toClient.position() - before);
                }
            }
            if (!moved) {
                return;
            }
        }
        throw new AssertionError("no end: " + client.getHandshakeStatus() + " and " + server.getHandshakeStatus());
    }

    private static void sendAlert(SSLEngine engine, ByteBuffer out) {
        try {
            engine.wrap(ByteBuffer.allocate(0), out);
        } catch (SSLException e) {
            // then there is none
        }
    }

    /** One thing that the engine wants done; false if it wants nothing that can be done now. */
    private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
                return true;
            }
            case NEED_WRAP -> {
                SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), out);
                return result.bytesProduced() > 0 || result.getStatus() == SSLEngineResult.Status.OK;
            }
            default -> {
                ByteBuffer clear = ByteBuffer.allocate(1 << 15);
                in.flip();
                try {
                    return in.hasRemaining() && engine.unwrap(in, clear).bytesConsumed() > 0;
                } finally {
                    in.compact();
                }
            }
        }
    }
}
