// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static dev.sluice.TestServer.bytes;
import static dev.sluice.TestServer.text;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** Echoes lines, and in one of its callbacks does harm, once, when it is armed. */
final class HarmfulProtocol implements RequestProtocol<ByteBuffer> {
    /** Where user code is called. */
    enum Callback {
        FRAMER_NEXT,
        FRAMER_END,
        FRAMER_AT_BOUNDARY,
        FRAMER_DETACH,
        NEW_FRAMER,
        HANDLER,
        HANDLER_ON_WORKER,
        EXECUTOR,
        ENCODER,
        WAITING_ACTION,
        OPENED,
        INPUT_ENDED,
        WRITABLE,
        REFUSE,
        DRAINING,
        CLOSED;

        boolean needsWorkers() {
            return this == HANDLER_ON_WORKER || this == FRAMER_DETACH || this == EXECUTOR;
        }
    }

    private final Callback where;
    private final Harm harm;
    private final AtomicBoolean armed = new AtomicBoolean();
    final AtomicBoolean happened = new AtomicBoolean();
    final List<CloseReason> reasons = new CopyOnWriteArrayList<>();

    HarmfulProtocol(Callback where, Harm harm) {
        this.where = where;
        this.harm = harm;
    }

    void arm() {
        armed.set(true);
    }

    private void at(Callback here) {
        if (here == where && armed.compareAndSet(true, false)) {
            happened.set(true);
            harm.happen();
        }
    }

    /** An executor in front of another. */
    Executor executor(Executor workers) {
        return task -> {
            at(Callback.EXECUTOR);
            workers.execute(task);
        };
    }

    @Override
    public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
        at(Callback.NEW_FRAMER);
        LineFramer lines = new LineFramer(maxFrameBytes);
        return new Framer<>() {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                at(Callback.FRAMER_NEXT);
                return lines.next(in);
            }

            @Override
            public ByteBuffer end(ByteBuffer in) throws FrameException {
                at(Callback.FRAMER_END);
                return lines.end(in);
            }

            @Override
            public boolean atBoundary() {
                at(Callback.FRAMER_AT_BOUNDARY);
                return lines.atBoundary();
            }

            @Override
            public Yields yields() {
                return lines.yields();
            }

            @Override
            public ByteBuffer detach(ByteBuffer frame) {
                at(Callback.FRAMER_DETACH);
                return lines.detach(frame);
            }
        };
    }

    @Override
    public void handle(ByteBuffer line, Reply reply) {
        at(Callback.HANDLER);
        at(Callback.HANDLER_ON_WORKER);
        switch (text(line)) {
            case "wait" -> waitWith(reply.defer());
            case "much" -> reply.send(ByteBuffer.allocate(HarmMatrixTest.MUCH));
            case "fail" -> throw new IllegalStateException("deliberate");
            default -> {
                Encoder<ByteBuffer> encoder = (message, out) -> {
                    out.room(4).put((byte) 'x');
                    out.put(message);
                    at(Callback.ENCODER);
                    LineEncoder.LF.encode(bytes(""), out);
                };
                reply.send(line, encoder);
            }
        }
    }

    private void waitWith(Reply reply) {
        reply.write(bytes("begun\n"));
        reply.whenWritable(() -> {
            at(Callback.WAITING_ACTION);
            reply.end();
        });
    }

    @Override
    public void opened(Connection connection) {
        at(Callback.OPENED);
    }

    @Override
    public void inputEnded(Connection connection) {
        at(Callback.INPUT_ENDED);
    }

    @Override
    public void writable(Connection connection) {
        at(Callback.WRITABLE);
    }

    @Override
    public void refuse(Connection connection, CloseReason reason, Output out) {
        at(Callback.REFUSE);
    }

    @Override
    public AfterGoodbye draining(Connection connection) {
        at(Callback.DRAINING);
        return AfterGoodbye.END_WHEN_IDLE;
    }

    @Override
    public void closed(Connection connection, CloseReason reason) {
        reasons.add(reason);
        at(Callback.CLOSED);
    }
}
