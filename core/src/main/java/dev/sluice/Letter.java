// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Work;
import java.nio.ByteBuffer;

/**
 * Bytes on their way to a connection through its loop's mailbox.
 *
 * @param connection where they go
 * @param slot the reply they belong to, or null if they are pushed
 * @param bytes the bytes, the letter's own
 * @param last whether they complete the reply
 */
record Letter(SocketConnection connection, ReplySlot slot, ByteBuffer bytes, boolean last) implements Work {
    /** Charged for a letter beside its bytes, for it takes memory too, however little is in it. */
    static final int OVERHEAD_BYTES = 256;

    /** Sends a letter, if the connection's outbound limit lets it. Any thread. */
    static boolean post(SocketConnection connection, ReplySlot slot, ByteBuffer bytes, boolean last) {
        Letter letter = new Letter(connection, slot, bytes, last);
        int charge = letter.charge();
        if (!connection.reserve(charge)) {
            return false;
        }
        if (connection.reader().loop.post(letter)) {
            return true;
        }
        connection.arrived(charge);
        return false;
    }

    private int charge() {
        return (int) Math.min(Integer.MAX_VALUE, (long) bytes.remaining() + OVERHEAD_BYTES);
    }

    @Override
    public void run() {
        connection.arrived(charge());
        if (slot != null) {
            slot.deliver(bytes, last);
        } else {
            connection.reader().outbound.send(connection, bytes);
        }
        connection.settle(); // for what waited only for this to arrive
    }

    @Override
    public void failed(Throwable cause) {
        connection.failed(cause);
    }
}
