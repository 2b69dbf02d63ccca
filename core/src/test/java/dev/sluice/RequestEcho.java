// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.Framer;
import dev.sluice.frame.Output;
import java.nio.ByteBuffer;

/** Answers each request with itself, in every way that a reply can be given. */
final class RequestEcho implements RequestProtocol<ByteBuffer> {
    /** Attached to connections whose answers are pushed past their replies, so that no reply may be under way there. */
    private static final Object PUSHES = new Object();

    private final Framing framing;
    private final Encoder<ByteBuffer> encoder;
    private final Whims whims;
    private final ServerInvariants invariants;
    private final boolean onReaders;

    /** {@code onReaders} is false if workers run the handlers. */
    RequestEcho(Framing framing, Whims whims, boolean onReaders) {
        this.framing = framing;
        this.encoder = framing.encoder();
        this.whims = whims;
        this.invariants = whims.invariants;
        this.onReaders = onReaders;
    }

    @Override
    public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
        return framing.framer(maxFrameBytes);
    }

    @Override
    public void opened(Connection connection) {
        invariants.opened(connection);
        if (onReaders && whims.below(5) == 0) {
            connection.attach(PUSHES);
        }
        whims.throwSometimes();
    }

    @Override
    public void handle(ByteBuffer request, Reply reply) {
        Connection connection = reply.connection();
        invariants.requested(connection);
        whims.meddleSometimes();
        whims.moveSometimes(connection);
        if (connection.attachment() == PUSHES) {
            push(request, reply);
            return;
        }
        switch (whims.below(10)) {
            case 0 -> later(request, reply);
            case 1 -> onAWorker(request, reply);
            case 2 -> inParts(request, reply);
            case 3 -> whenWritable(request, reply);
            case 4 -> withInterim(request, reply);
            case 5 -> elsewhere(request, reply);
            default -> {
                whims.pauseSometimes(connection);
                whims.endSometimes(connection);
                invariants.answering(connection);
                reply.send(request, encoder);
            }
        }
    }

    private void push(ByteBuffer request, Reply reply) {
        whims.pauseSometimes(reply.connection());
        whims.endSometimes(reply.connection());
        reply.connection().send(request, encoder);
        invariants.answering(reply.connection());
        reply.end();
    }

    private void elsewhere(ByteBuffer request, Reply reply) {
        Reply deferred = reply.defer();
        whims.elsewhere(deferred.connection(), () -> answer(request, deferred));
    }

    private void later(ByteBuffer request, Reply reply) {
        ByteBuffer copy = Whims.copy(request);
        Reply deferred = reply.defer();
        whims.later(() -> answer(copy, deferred));
    }

    private void onAWorker(ByteBuffer request, Reply reply) {
        ByteBuffer copy = Whims.copy(request);
        Reply deferred = reply.defer();
        whims.onAWorker(() -> answer(copy, deferred));
    }

    private void inParts(ByteBuffer request, Reply reply) {
        ByteBuffer wire = whims.wire(request);
        int cut = whims.below(wire.remaining() + 1);
        Reply deferred = reply.defer();
        deferred.write(wire.duplicate().limit(cut));
        whims.later(() -> {
            deferred.write(wire.position(cut));
            invariants.answering(deferred.connection());
            deferred.end();
        });
    }

    private void whenWritable(ByteBuffer request, Reply reply) {
        ByteBuffer copy = Whims.copy(request);
        Reply deferred = reply.defer();
        deferred.whenWritable(() -> answer(copy, deferred));
    }

    private void withInterim(ByteBuffer request, Reply reply) {
        ByteBuffer wire = whims.wire(request);
        int cut = whims.below(wire.remaining() + 1);
        if (whims.below(2) == 0) {
            reply.interim(wire.duplicate().limit(cut));
            invariants.answering(reply.connection());
            reply.send(wire.position(cut));
        } else {
            Reply deferred = reply.defer();
            deferred.interim(wire.duplicate().limit(cut));
            whims.onAWorker(() -> {
                invariants.answering(deferred.connection());
                deferred.send(wire.position(cut));
            });
        }
    }

    private void answer(ByteBuffer request, Reply deferred) {
        invariants.answering(deferred.connection());
        deferred.send(request, encoder);
    }

    @Override
    public void refuse(Connection connection, CloseReason reason, Output out) {
        invariants.refusing(connection, reason, out);
        whims.throwSometimes();
    }

    @Override
    public void inputEnded(Connection connection) {
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
