// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.Framer;
import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Sends each frame back, at once, later, or from another thread; always in order, which here is its own affair. */
final class DuplexEcho implements DuplexProtocol<ByteBuffer> {
    private final Framing framing;
    private final Encoder<ByteBuffer> encoder;
    private final Whims whims;
    private final ServerInvariants invariants;

    DuplexEcho(Framing framing, Whims whims) {
        this.framing = framing;
        this.encoder = framing.encoder();
        this.whims = whims;
        this.invariants = whims.invariants;
    }

    /** Frames of one connection that are sent back later. */
    private static final class Waiting {
        final ArrayDeque<ByteBuffer> frames = new ArrayDeque<>();
        boolean inputEnded;
    }

    @Override
    public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
        return framing.framer(maxFrameBytes);
    }

    @Override
    public void opened(Connection connection) {
        invariants.opened(connection);
        connection.attach(new Waiting());
        whims.throwSometimes();
    }

    @Override
    public void received(ByteBuffer frame, Connection connection) {
        invariants.delivered(connection);
        whims.meddleSometimes();
        whims.moveSometimes(connection);
        whims.pauseSometimes(connection);
        whims.endSometimes(connection);
        Waiting waiting = (Waiting) connection.attachment();
        int way = whims.below(8);
        if (way > 1 && waiting.frames.isEmpty()) {
            if (way == 2) {
                whims.elsewhere(connection, () -> connection.send(frame, encoder));
            } else if (way == 3) {
                inTwo(frame, connection);
            } else {
                connection.send(frame, encoder);
            }
            return;
        }
        waiting.frames.add(Whims.copy(frame));
        if (way == 0) {
            whims.later(() -> sendNext(connection, waiting));
        } else {
            whims.onAWorker(() -> sendNext(connection, waiting));
        }
    }

    private void inTwo(ByteBuffer frame, Connection connection) {
        ByteBuffer wire = whims.wire(frame);
        int cut = wire.remaining() - whims.below(Math.min(20, wire.remaining() + 1));
        whims.elsewhere(connection, () -> connection.send(wire.duplicate().limit(cut)));
        connection.send(wire.position(cut));
    }

    // One frame for each that was put there, so whoever comes first sends the first.
    private void sendNext(Connection connection, Waiting waiting) {
        connection.send(waiting.frames.peek(), encoder);
        waiting.frames.remove();
        if (waiting.inputEnded && waiting.frames.isEmpty()) {
            connection.close();
        }
    }

    @Override
    public void refuse(Connection connection, CloseReason reason, Output out) {
        invariants.refusing(connection, reason, out);
        whims.throwSometimes();
    }

    @Override
    public void inputEnded(Connection connection) {
        Waiting waiting = (Waiting) connection.attachment();
        waiting.inputEnded = true;
        if (waiting.frames.isEmpty()) {
            connection.close();
        }
        whims.throwSometimes();
    }

    @Override
    public void writable(Connection connection) {
        whims.throwSometimes();
    }

    @Override
    public AfterGoodbye draining(Connection connection) {
        invariants.draining(connection);
        whims.throwSometimes();
        return AfterGoodbye.END_WHEN_IDLE;
    }

    @Override
    public void closed(Connection connection, CloseReason reason) {
        invariants.closed(connection, reason);
        whims.throwSometimes();
    }
}
