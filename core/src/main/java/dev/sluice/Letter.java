// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Work;
import java.nio.ByteBuffer;

/** Bytes on their way to a connection through its loop's mailbox. */
final class Letter implements Work {
    /** Charged for a letter beside its bytes, for it takes memory too, however little is in it. */
    static final int OVERHEAD_BYTES = 256;

    private final SocketConnection connection;
    private final ReplySlot slot;
    private final ByteBuffer bytes;
    private final boolean last;
    private final int charge;
    private boolean arrived;

    private Letter(SocketConnection connection, ReplySlot slot, ByteBuffer bytes, boolean last) {
        this.connection = connection;
        this.slot = slot;
        this.bytes = bytes;
        this.last = last;
        this.charge = (int) Math.min(Integer.MAX_VALUE, (long) bytes.remaining() + OVERHEAD_BYTES);
    }

    /**
     * Sends a letter, if the connection's outbound limit and the budget let it. Any thread.
     *
     * @param connection where it goes
     * @param slot the reply it belongs to, or null if it is pushed
     * @param bytes the bytes, the letter's own
     * @param last whether they complete the reply
     */
    static boolean post(SocketConnection connection, ReplySlot slot, ByteBuffer bytes, boolean last) {
        Letter letter = new Letter(connection, slot, bytes, last);
        if (!connection.reserve(letter.charge)) {
            return false;
        }
        if (connection.reader().loop.post(letter)) {
            return true;
        }
        letter.arrive();
        return false;
    }

    private void arrive() {
        if (!arrived) {
            arrived = true;
            connection.arrived(charge);
        }
    }

    @Override
    public void run() {
        arrive();
        if (slot != null) {
            slot.deliver(bytes, last);
        } else {
            connection.reader().outbound.send(connection, bytes);
        }
        connection.settle(); // for what waited only for this to arrive
    }

    @Override
    public void failed(Throwable cause) {
        arrive(); // if the loop has ended before
        connection.failed(cause);
    }
}
