// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** The other side of a TLS connection, on a blocking socket, whose records can be broken, held back and left out. */
final class TlsPeer implements AutoCloseable {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int RECORD_BYTES = 40_000;

    final Socket socket;
    final SSLEngine engine;
    private final ByteBuffer in = ByteBuffer.allocate(200_000).limit(0);
    private final ByteBuffer opened = ByteBuffer.allocate(200_000);
    private final int pieceBytes;
    private long maySend;
    long sent;

    /** Says that it has sent all that it may. */
    static final class Stopped extends IOException {
        private static final long serialVersionUID = 1L;
    }

    TlsPeer(Socket socket, SSLEngine engine) {
        this(socket, engine, Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    /** Writes so many bytes at once, and so many in all. */
    TlsPeer(Socket socket, SSLEngine engine, int pieceBytes, long maySend) {
        this.socket = socket;
        this.engine = engine;
        this.pieceBytes = pieceBytes;
        this.maySend = maySend;
    }

    TlsPeer handshake() throws IOException {
        engine.beginHandshake();
        return goOn();
    }

    /** Goes on with a handshake until it is over. */
    TlsPeer goOn() throws IOException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            switch (status) {
                case NEED_WRAP -> send(flight());
                case NEED_UNWRAP -> unwrap();
                case NEED_TASK -> tasks();
                default -> {
                    return this;
                }
            }
        }
    }

    /** Reads until it is this side's turn, and returns what the engine has to say then. */
    byte[] nextFlight() throws IOException {
        while (engine.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                tasks();
            } else {
                unwrap();
            }
        }
        return flight();
    }

    /** What the engine has to say. */
    byte[] flight() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        tasks();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            byte[] record = wrap(NOTHING);
            if (record.length == 0) {
                break;
            }
            all.writeBytes(record);
        }
        return all.toByteArray();
    }

    private void tasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    private byte[] wrap(ByteBuffer bytes) throws SSLException {
        ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
        engine.wrap(bytes, record);
        byte[] made = new byte[record.flip().remaining()];
        record.get(made);
        return made;
    }

    /** The records of a text. */
    byte[] seal(String text) throws IOException {
        return seal(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    byte[] seal(byte[] bytes) throws IOException {
        ByteBuffer plain = ByteBuffer.wrap(bytes);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        do {
            all.writeBytes(wrap(plain));
        } while (plain.hasRemaining());
        return all.toByteArray();
    }

    /** Ends its direction in order. */
    byte[] closeNotify() throws IOException {
        engine.closeOutbound();
        return wrap(NOTHING);
    }

    /** Sends bytes as they are. */
    TlsPeer send(byte[]... all) throws IOException {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] bytes : all) {
            joined.writeBytes(bytes);
        }
        byte[] bytes = joined.toByteArray();
        for (int at = 0; at < bytes.length; ) {
            int n = (int) Math.min(Math.min(pieceBytes, bytes.length - at), maySend);
            if (n == 0) {
                throw new Stopped();
            }
            socket.getOutputStream().write(bytes, at, n);
            at += n;
            sent += n;
            maySend -= n;
        }
        return this;
    }

    /** Reads so many bytes; fewer if the stream ends in order before. */
    String read(int bytes) throws IOException {
        while (opened.position() < bytes && !engine.isInboundDone()) {
            unwrap();
        }
        opened.flip();
        byte[] read = new byte[Math.min(bytes, opened.remaining())];
        opened.get(read);
        opened.compact();
        return new String(read, StandardCharsets.ISO_8859_1);
    }

    /** Reads until the stream ends in order. */
    String readAll() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String more = read(1); !more.isEmpty(); more = read(1)) {
            all.append(more);
        }
        return all.toString();
    }

    /** Takes one step of a handshake: a record of the other side. */
    void step() throws IOException {
        unwrap();
    }

    private void unwrap() throws IOException {
        tasks();
        SSLEngineResult result = engine.unwrap(in, opened);
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
            in.compact();
            int n = socket.getInputStream().read(in.array(), in.position(), in.remaining());
            in.position(in.position() + Math.max(0, n)).flip();
            if (n < 0) {
                throw new IOException("the stream was cut");
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
