// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** TLS by an engine of the JDK, behind something in clear: what this side says first, or a line that it hears first. */
final class TlsLayer implements Layer {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int BYTES = 40_000; // more than two records

    private final Tcp tcp;
    private final SSLEngine engine;
    private final ByteBuffer in = ByteBuffer.allocate(BYTES).limit(0);
    private final ByteBuffer out = ByteBuffer.allocate(BYTES).limit(0);
    private final ByteBuffer opened = ByteBuffer.allocate(BYTES).limit(0);
    private final ByteBuffer one = ByteBuffer.allocate(1);
    private boolean lineFirst;
    private boolean began;
    private boolean wasSecured;
    private boolean ends;
    private boolean hasEnded;

    TlsLayer(Tcp tcp, SSLEngine engine, byte[] saidInClear, boolean hearsLineInClear) {
        this.tcp = tcp;
        this.engine = engine;
        this.lineFirst = hearsLineInClear;
        out.clear().put(saidInClear).flip();
    }

    @Override
    public void goOn() throws IOException {
        flush();
        if (!lineFirst) {
            shakeHands();
            endIfDue();
        }
    }

    private void flush() throws IOException {
        if (out.hasRemaining()) {
            tcp.write(out);
        }
    }

    private boolean isSecured() {
        boolean secured = began && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
        wasSecured |= secured;
        return secured;
    }

    private boolean hasHeardEnd() throws IOException {
        if (engine.isInboundDone() && !wasSecured) {
            throw new EOFException("the handshake was ended");
        }
        return engine.isInboundDone();
    }

    private void shakeHands() throws IOException {
        if (!began) {
            began = true;
            engine.beginHandshake();
        }
        for (boolean moved = true; moved; ) {
            moved = switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> !out.hasRemaining() && wrap(NOTHING) > 0;
                case NEED_UNWRAP -> !opened.hasRemaining() && unwrap();
                default -> false;
            };
        }
    }

    private boolean runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
        return true;
    }

    /** With nothing left to flush. Returns how many bytes of records were made. */
    private int wrap(ByteBuffer from) throws IOException {
        SSLEngineResult result = engine.wrap(from, out.clear());
        out.flip();
        flush();
        return result.bytesProduced();
    }

    /** With nothing left of what was opened before. Returns whether anything was done. */
    private boolean unwrap() throws IOException {
        SSLEngineResult result = engine.unwrap(in, opened.clear());
        opened.flip();
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
            int n = tcp.read(in.compact());
            in.flip();
            if (n < 0) {
                throw new EOFException("the stream was cut");
            }
            return n > 0;
        }
        return result.bytesConsumed() > 0 || result.bytesProduced() > 0;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        flush();
        if (lineFirst) {
            return readLine(into);
        }
        shakeHands();
        while (!opened.hasRemaining()) {
            if (!isSecured() || !unwrap()) {
                return hasHeardEnd() ? -1 : 0;
            }
            shakeHands(); // a key may have been updated
        }
        int n = Math.min(into.remaining(), opened.remaining());
        into.put(opened.slice().limit(n));
        opened.position(opened.position() + n);
        return n;
    }

    private int readLine(ByteBuffer into) throws IOException {
        int before = into.position();
        while (lineFirst && into.hasRemaining()) {
            int n = tcp.read(one.clear());
            if (n < 0) {
                throw new EOFException("the stream was cut in clear");
            }
            if (n == 0) {
                break;
            }
            into.put(one.flip());
            lineFirst = one.get(0) != '\n';
        }
        return into.position() - before;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        goOn();
        if (lineFirst || !isSecured() || out.hasRemaining()) {
            return 0;
        }
        int before = from.position();
        wrap(from);
        return from.position() - before;
    }

    @Override
    public void end() throws IOException {
        ends = true;
        goOn();
    }

    private void endIfDue() throws IOException {
        if (!ends || hasEnded || out.hasRemaining() || !isSecured() && !engine.isOutboundDone()) {
            return;
        }
        engine.closeOutbound();
        while (!engine.isOutboundDone() && !out.hasRemaining() && wrap(NOTHING) > 0) {
            // until it has said so
        }
        if (engine.isOutboundDone() && !out.hasRemaining()) {
            hasEnded = true;
            tcp.shutdownOutput();
        }
    }

    @Override
    public boolean isFlushed() {
        return !out.hasRemaining() && (!ends || hasEnded);
    }

    @Override
    public boolean hasInput() {
        return tcp.hasInput() || in.hasRemaining() || opened.hasRemaining();
    }

    @Override
    public boolean endsWithSocket() {
        return hasEnded;
    }
}
