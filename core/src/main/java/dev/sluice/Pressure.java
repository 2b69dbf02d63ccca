// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.BufferPool;
import dev.sluice.loop.HeldBytes;
import java.nio.ByteBuffer;

/**
 * Keeps bytes for a Reader's connections within the {@link MemoryBudget}. If there is no room, the connection that holds
 * most is ended, so that a client that behaves isn't for what others don't read: the one that needs the room, or one of
 * a sample that goes round. Loop thread only.
 */
final class Pressure {
    /** A connection without anything lent is passed over, but costs a look. */
    private static final int LOOKS = 1024;

    private static final int SAMPLE = 16;
    /** One frees enough, since it holds more than is needed; but other loops may be quicker to take that. */
    private static final int VICTIMS = 4;

    private final Reader reader;
    private final BufferPool buffers;
    private SocketConnection cursor; // where the next sample begins; null: at the first

    Pressure(Reader reader) {
        this.reader = reader;
        this.buffers = reader.loop.buffers();
    }

    /**
     * Appends bytes to those that are held already, if any are. Returns what holds them. If there is no room, the
     * connection is cut, and what was held is returned as it was.
     */
    HeldBytes keep(SocketConnection c, HeldBytes held, ByteBuffer bytes) {
        int n = bytes.remaining();
        for (int tries = 1; ; tries++) {
            HeldBytes place = held != null ? held : buffers.hold(n);
            if (place != null && place.append(bytes)) {
                return place;
            }
            if (!mayTryAgain(c, n, tries)) {
                return held;
            }
        }
    }

    /** Room behind the unsent bytes of a connection, or null, which is cut then. */
    ByteBuffer room(SocketConnection c, int bytes) {
        for (int tries = 1; ; tries++) {
            ByteBuffer room = c.unsent.room(bytes);
            if (room != null || !mayTryAgain(c, bytes, tries)) {
                return room;
            }
        }
    }

    /** Charges bytes that are not in a buffer. Returns false if there is no room; the connection is cut then. */
    boolean charge(SocketConnection c, int bytes) {
        for (int tries = 1; ; tries++) {
            if (buffers.lease().take(bytes)) {
                return true;
            }
            if (!mayTryAgain(c, bytes, tries)) {
                return false;
            }
        }
    }

    /** A connection has left the Reader's list. */
    void removed(SocketConnection c, SocketConnection next) {
        if (cursor == c) {
            cursor = next;
        }
    }

    // Ends the one that holds most. Returns false if that is who needs the room, or becomes so after too many tries.
    private boolean mayTryAgain(SocketConnection needy, int bytes, int tries) {
        boolean another = endLargest(needy, bytes);
        if (another && tries > VICTIMS) {
            needy.cutForBudget();
            return false;
        }
        return another;
    }

    // Returns false if it was the one that needs the room.
    private boolean endLargest(SocketConnection needy, int bytes) {
        SocketConnection victim = largest(needy, (long) needy.lentBytes() + bytes);
        if (victim == needy) {
            needy.cutForBudget();
            return false;
        }
        victim.cutForBudget();
        victim.letGo();
        return true;
    }

    private SocketConnection largest(SocketConnection needy, long itsBytes) {
        SocketConnection largest = needy;
        long most = itsBytes;
        int sample = 0;
        for (int looks = 0; looks < LOOKS && looks < reader.connections() && sample < SAMPLE; looks++) {
            SocketConnection c = cursor != null ? cursor : reader.first();
            if (c == null) {
                break;
            }
            cursor = c.next;
            int lent = c.lentBytes();
            sample += lent > 0 ? 1 : 0;
            if (lent > most && !reader.outbound.isTarget(c)) { // something may be being encoded for the target
                largest = c;
                most = lent;
            }
        }
        return largest;
    }
}
