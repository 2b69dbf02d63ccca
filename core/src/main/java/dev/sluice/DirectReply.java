// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Encoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The reply that a handler on a Reader is given: one object for all calls. It writes straight to the outbound buffer if
 * no earlier reply is due, and takes a {@link ReplySlot} otherwise, or when it is deferred. Loop thread only.
 */
final class DirectReply implements Reply {
    private enum Phase {
        NO_CALL,
        FRESH,
        STREAMING,
        COMPLETE
    }

    private final Reader reader;
    private SocketConnection connection;
    private ReplySlot slot; // null while nothing is ahead of this reply
    private Phase phase = Phase.NO_CALL;
    private boolean closes;
    private boolean startsTls;

    DirectReply(Reader reader) {
        this.reader = reader;
    }

    void begin(SocketConnection newConnection) {
        connection = newConnection;
        slot = null;
        phase = Phase.FRESH;
        closes = false;
        startsTls = false;
    }

    /** The handler has returned. */
    void finish() {
        Phase last = phase;
        ReplySlot given = slot;
        SocketConnection ends = closes && given == null ? connection : null;
        SocketConnection goesOver = startsTls && given == null ? connection : null;
        if (last == Phase.STREAMING) {
            throw new IllegalStateException("the handler returned with an open stream; defer() the reply first");
        }
        forget();
        if (last == Phase.FRESH && given != null) {
            given.end();
        }
        if (ends != null) {
            ends.close();
        } else if (goesOver != null) {
            goesOver.goOver(true);
        }
    }

    /** The call is over. Nothing of it is kept, or a quiet protocol would keep its last connection for ever. */
    void forget() {
        phase = Phase.NO_CALL;
        connection = null;
        slot = null;
    }

    /** Whether it was begun, and not ended. */
    boolean isStreaming() {
        return phase == Phase.STREAMING;
    }

    @Override
    public Connection connection() {
        requireCall();
        return connection;
    }

    @Override
    public void send(ByteBuffer bytes) {
        requireFresh();
        phase = Phase.COMPLETE;
        if (nothingAhead()) {
            connection.reader().outbound.send(connection, bytes);
        } else {
            slot().send(bytes);
        }
    }

    @Override
    public <T> void send(T message, Encoder<? super T> encoder) {
        requireFresh();
        if (nothingAhead()) {
            connection.reader().outbound.send(connection, message, encoder);
        } else {
            slot().send(message, encoder);
        }
        phase = Phase.COMPLETE;
    }

    @Override
    public void interim(ByteBuffer bytes) {
        requireFresh();
        if (nothingAhead()) {
            connection.reader().outbound.send(connection, bytes);
        } else {
            slot().interim(bytes);
        }
    }

    @Override
    public boolean write(ByteBuffer part) {
        requireCall();
        if (phase == Phase.COMPLETE) {
            throw ReplySlot.complete();
        }
        phase = Phase.STREAMING;
        if (!nothingAhead()) {
            return slot().write(part);
        }
        connection.reader().outbound.send(connection, part);
        return isOpen() && connection.onTheWayOut() <= connection.reader().highMark();
    }

    @Override
    public long transfer(FileChannel file, long position, long count) {
        requireCall();
        if (phase == Phase.COMPLETE) {
            throw ReplySlot.complete();
        }
        phase = Phase.STREAMING;
        if (!nothingAhead()) {
            return slot().transfer(file, position, count);
        }
        return connection.firstUnsent() != null
                ? 0
                : connection.reader().outbound.transfer(connection, file, position, count);
    }

    @Override
    public boolean isOpen() {
        requireCall();
        return phase != Phase.COMPLETE && connection.mayFollow();
    }

    @Override
    public boolean isNewest() {
        requireCall();
        return true; // requests are handled one after another
    }

    @Override
    public void end() {
        requireCall();
        if (phase == Phase.COMPLETE) {
            throw ReplySlot.complete();
        }
        phase = Phase.COMPLETE;
        if (slot != null) {
            slot.end();
        }
    }

    @Override
    public void whenWritable(Runnable action) {
        throw new IllegalStateException("only a deferred reply can be waited for; call defer() first");
    }

    @Override
    public void thenClose() {
        requireCall();
        closes = true;
        if (!nothingAhead()) {
            slot().thenClose(); // those before it leave first
        }
    }

    @Override
    public void thenStartTls() {
        requireCall();
        if (phase == Phase.COMPLETE) {
            throw ReplySlot.complete();
        }
        connection.awaitTls();
        startsTls = true;
        if (!nothingAhead()) {
            slot().startsTls();
        }
    }

    @Override
    public Reply defer() {
        requireFresh();
        phase = Phase.COMPLETE;
        return slot().defer();
    }

    private boolean nothingAhead() {
        return slot == null && connection.replies == null;
    }

    private ReplySlot slot() {
        if (slot == null) {
            slot = connection.replies().append();
            if (closes) {
                slot.thenClose();
            }
            if (startsTls) {
                slot.startsTls();
            }
        }
        return slot;
    }

    // Also on behalf of others: the object is in use for other connections' requests by now.
    private void requireCall() {
        if (!reader.loop.onLoop() || phase == Phase.NO_CALL) {
            throw new IllegalStateException("this reply is valid during its handler's call, on the Reader's thread;"
                    + " call defer() to keep it, or to use it elsewhere");
        }
    }

    private void requireFresh() {
        requireCall();
        if (phase == Phase.COMPLETE) {
            throw ReplySlot.complete();
        }
        if (phase == Phase.STREAMING) {
            throw ReplySlot.begun();
        }
    }
}
