// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** One end of a connection by an engine of the JDK's and nothing else. Its buffers are used again for the next connection. */
final class BareTls {
    private static final int BYTES = 64 << 10;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteBuffer in = ByteBuffer.allocate(BYTES); // records that have come
    private final ByteBuffer out = ByteBuffer.allocate(BYTES); // records to be sent
    private final ByteBuffer plain = ByteBuffer.allocate(BYTES); // what was in them
    private SSLEngine engine;
    private long received;

    /** Begins another connection. */
    void begin(SSLEngine fresh) throws SSLException {
        engine = fresh;
        in.clear();
        out.clear();
        plain.clear();
        engine.beginHandshake();
    }

    /** Whether the handshake is done. */
    boolean isOpen() {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    /** Bytes of plain text that have come. */
    int plainBytes() {
        return plain.position();
    }

    /** Bytes of records that have come, over all connections. */
    long received() {
        return received;
    }

    /** Does all that can be done with what has come. */
    void advance() throws SSLException {
        in.flip();
        boolean goesOn = true;
        while (goesOn) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> engine.wrap(NOTHING, out);
                default ->
                    goesOn = in.hasRemaining() && engine.unwrap(in, plain).getStatus() == SSLEngineResult.Status.OK;
            }
        }
        in.compact();
    }

    /** Seals a message. */
    void write(ByteBuffer message) throws SSLException {
        engine.wrap(message, out);
    }

    /** Hands over what is to be sent, and lets the other do what it can. Returns whether there was anything. */
    boolean passTo(BareTls other) throws SSLException {
        out.flip();
        boolean had = out.hasRemaining();
        other.received += out.remaining();
        other.in.put(out);
        out.clear();
        other.advance();
        return had;
    }

    /** Sends what is to be sent. */
    void flush(SocketChannel channel) throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }

    /** Waits for more, and does what can be done. Returns whether there was anything, and not the end. */
    boolean receive(SocketChannel channel) throws IOException {
        int read = channel.read(in);
        if (read < 0) {
            return false;
        }
        received += read;
        advance();
        return true;
    }

    /** The server's end of one connection: sends back what comes until there is no more. */
    void echo(SocketChannel channel) throws IOException {
        while (receive(channel)) {
            if (isOpen() && plain.position() > 0) {
                write(plain.flip());
                plain.clear();
            }
            flush(channel);
        }
    }
}
