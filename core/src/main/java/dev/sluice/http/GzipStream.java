// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Reply;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Compresses a body that is written in parts, by one thread at a time. Its memory is taken with the first part, and
 * given back with the last, or when the connection ends: the Reader tells that at any time, and waits for nobody.
 */
final class GzipStream implements Endings.Open {
    private static final int IDLE = 0;
    private static final int BUSY = 1;
    private static final int OVER = 2;

    private final GzipPermits permits;
    private final Endings endings;
    private final AtomicInteger phase = new AtomicInteger(IDLE);
    private Connection connection; // null before it is kept
    private GzipCoder coder; // null before the first part

    private GzipStream(GzipPermits permits, Endings endings) {
        this.permits = permits;
        this.endings = endings;
    }

    /** Begins one, or returns null if there are too many. Either it is kept, or dropped. */
    static GzipStream begin(GzipPermits permits, Endings endings) {
        return permits.take() ? new GzipStream(permits, endings) : null;
    }

    /** From now on it is dropped with the end of the reply's connection. */
    void keep(Reply newReply) {
        connection = newReply.connection();
        endings.add(newReply, this);
    }

    /** Takes a part. What comes out goes to {@code out}, all of it if it is to be flushed. */
    void put(ByteBuffer part, boolean flush, Consumer<ByteBuffer> out) {
        if (phase.compareAndSet(IDLE, BUSY)) {
            try {
                coder(out).put(part, flush, () -> phase.get() == BUSY);
            } finally {
                if (!phase.compareAndSet(BUSY, IDLE)) {
                    giveBack();
                }
            }
        }
    }

    /** The body is whole. */
    void finish(Consumer<ByteBuffer> out) {
        if (phase.compareAndSet(IDLE, BUSY)) {
            try {
                coder(out).finish();
            } finally {
                phase.set(OVER);
                giveBack();
            }
        }
    }

    @Override
    public void connectionEnded() {
        drop();
    }

    /** Nothing more is wanted of it. */
    void drop() {
        if (phase.getAndSet(OVER) == IDLE) {
            giveBack();
        }
    }

    private GzipCoder coder(Consumer<ByteBuffer> out) {
        if (coder == null) {
            coder = new GzipCoder(Integer.MAX_VALUE, out);
        }
        return coder;
    }

    private void giveBack() {
        GzipCoder its = coder;
        coder = null;
        if (its != null) {
            its.end();
        }
        permits.giveBack();
        if (connection != null) {
            endings.remove(connection, this);
        }
    }
}
