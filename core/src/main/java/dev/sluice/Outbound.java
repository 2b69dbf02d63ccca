// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.Output;
import dev.sluice.loop.HeldBytes;
import dev.sluice.loop.Loop;
import dev.sluice.loop.SocketIo;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * The writing side of a Reader: one direct buffer into which the replies of one connection at a time, the target, are
 * encoded, so that several replies leave with one write. What the socket would not take is copied to bytes held for the
 * connection; from then on everything for it goes there, until the socket has taken it all. Loop thread only.
 */
final class Outbound implements Output {
    /** Most bytes of a file that are sent at once, so that other connections get their turn. */
    private static final int TRANSFER_BYTES = 1 << 20;
    /** Up to so many bytes of a file are copied: for less than that another system call takes more time. */
    private static final int COPIED_BYTES = 16 * 1024;
    /** From so many bytes on, what lies in direct memory is written from where it is. */
    private static final int STRAIGHT_BYTES = 8 * 1024;
    /** What is held of a file while the socket is full: as little as tells when it isn't any more. */
    private static final int HELD_BYTES = 1024;

    private final Loop loop;
    private final ByteBuffer direct;
    private SocketConnection target;
    private boolean roomInHeld; // what room() returned last lies in the target's held bytes

    // the message that is being encoded
    private boolean encoding;
    private int messageStart; // in the direct buffer
    private int heldBefore; // bytes that were held for the target before it
    private boolean torn; // a part of it has left

    Outbound(Loop loop, int bufferBytes) {
        this.loop = loop;
        this.direct = ByteBuffer.allocateDirect(bufferBytes);
    }

    /** Sends bytes; their position stays. Nothing happens if the connection doesn't send any more. */
    void send(SocketConnection connection, ByteBuffer bytes) {
        requireNoEncoding();
        if (connection.mayFollow()) {
            aimAt(connection);
            put(bytes);
        }
    }

    /** Encodes and sends a message. If the encoder throws, nothing of it is sent, or else the connection is cut. */
    <T> void send(SocketConnection connection, T message, Encoder<? super T> encoder) {
        requireNoEncoding();
        if (!connection.mayFollow()) {
            return;
        }
        aimAt(connection);
        encoding = true;
        torn = false;
        messageStart = direct.position();
        heldBefore = heldNow();
        try {
            encoder.encode(message, this);
            commitRoom();
        } catch (Throwable t) { // whatever it is, also what the compiler thinks can't be thrown
            takeBack(t);
            throw t;
        } finally {
            encoding = false;
        }
    }

    /** Whether an encoder is at work, so that nothing else may be written now. */
    boolean isEncoding() {
        return encoding;
    }

    @Override
    public ByteBuffer room(int bytes) {
        if (bytes < 1 || bytes > MAX_ROOM) {
            throw new IllegalArgumentException("room: " + bytes + " is not within 1 to " + MAX_ROOM);
        }
        commitRoom();
        if (target.unsent == null && direct.remaining() < bytes) {
            writeDirect();
        }
        if (target.unsent == null) {
            return direct.order(ByteOrder.BIG_ENDIAN); // an encoder may have left its own
        }
        ByteBuffer room =
                target.state().isOver() ? null : target.reader().pressure.room(target, bytes);
        roomInHeld = room != null;
        return roomInHeld ? room : direct.clear().order(ByteOrder.BIG_ENDIAN); // which the flush drops then
    }

    @Override
    public void put(ByteBuffer bytes) {
        commitRoom();
        int position = bytes.position();
        if (target.unsent != null) {
            hold(bytes);
        } else if (bytes.remaining() <= direct.remaining() && !goesStraight(bytes)) {
            direct.put(bytes);
        } else {
            writeDirect();
            if (target.unsent != null) {
                hold(bytes);
            } else {
                torn = true;
                write(bytes); // straight from where they are, without a copy
            }
        }
        bytes.position(position);
    }

    private boolean goesStraight(ByteBuffer bytes) {
        return !encoding && bytes.isDirect() && bytes.remaining() >= STRAIGHT_BYTES;
    }

    /**
     * Sends a part of a file, of a connection that has nothing unsent: what the socket takes, and then a piece that is
     * held, so that it is known when the socket takes more. Returns how many bytes were sent or held; fewer than asked
     * for if the socket is full or others should get their turn. If the file can't be read the connection is cut.
     */
    int transfer(SocketConnection connection, FileChannel file, long position, long count) {
        requireNoEncoding();
        if (!connection.mayFollow()) {
            return 0;
        }
        aimAt(connection);
        commitRoom();
        int most = (int) Math.min(count, TRANSFER_BYTES);
        int sent = 0;
        try {
            if (most <= COPIED_BYTES) {
                return copy(file, position, most);
            }
            writeDirect(); // what stands in front of it
            if (!target.takesFiles()) {
                return takesMore() ? copy(file, position, Math.min(most, direct.remaining())) : 0;
            }
            sent = transferNow(file, position, most);
            if (sent < most && takesMore()) {
                sent += holdPiece(file, position + sent, Math.min(HELD_BYTES, most - sent));
            }
        } catch (IOException e) {
            target.cutForIo(e);
        }
        return sent;
    }

    private boolean takesMore() {
        return target.firstUnsent() == null && !target.state().isOver();
    }

    private int transferNow(FileChannel file, long position, int most) throws IOException {
        if (!takesMore()) {
            return 0;
        }
        int sent = SocketIo.transfer(file, position, most, target.channel);
        target.wrote(sent);
        return sent;
    }

    private int copy(FileChannel file, long position, int bytes) throws IOException {
        if (direct.remaining() < bytes) {
            writeDirect();
        }
        if (!takesMore()) {
            return 0;
        }
        read(file, position, bytes);
        return bytes;
    }

    /** The socket is full: what comes next isn't offered to it, but held until it has room. */
    private int holdPiece(FileChannel file, long position, int bytes) throws IOException {
        try {
            read(file, position, bytes);
            hold(direct.flip());
        } finally {
            direct.clear();
        }
        return bytes;
    }

    private void read(FileChannel file, long position, int bytes) throws IOException {
        direct.limit(direct.position() + bytes);
        try {
            for (long at = position; direct.hasRemaining(); ) {
                int n = file.read(direct, at);
                if (n < 0) {
                    throw new EOFException("the file ends at " + at + ", " + direct.remaining()
                            + " bytes or more before what was to be sent of it");
                }
                at += n;
            }
        } finally {
            direct.limit(direct.capacity());
        }
    }

    /** Writes what is left for the target, and forgets the target. */
    void flush() {
        SocketConnection connection = target;
        if (connection == null) {
            return;
        }
        commitRoom();
        writeDirect();
        target = null;
        connection.settle();
    }

    /** The socket has room again: writes what was held. */
    void writeHeld(SocketConnection connection) {
        if (connection.state().isOver() || !writeSealed(connection) || connection.firstUnsent() == null) {
            return;
        }
        HeldBytes unsent = connection.unsent;
        ByteBuffer bytes = unsent.view();
        int before = bytes.remaining();
        long writtenBefore = connection.bytesWritten;
        try {
            connection.write(bytes);
            int n = (int)
                    (connection.bytesWritten - writtenBefore); // of encrypted bytes the socket may have taken fewer
            connection.reader().watch.unsentGoesOn(connection, n);
        } catch (IOException e) {
            connection.cutForIo(e);
        }
        unsent.consumed();
        connection.heldOut(unsent.size() - before + connection.takeReplaced());
        if (unsent.size() == 0) {
            unsent.release();
            connection.unsent = null;
        }
    }

    private static boolean writeSealed(SocketConnection connection) {
        try {
            return connection.writeSealed();
        } catch (IOException e) {
            connection.cutForIo(e);
            return false;
        }
    }

    boolean isTarget(SocketConnection connection) {
        return target == connection;
    }

    /** The connection is closed: what was to be written to it is dropped. */
    void drop(SocketConnection connection) {
        if (target == connection) {
            direct.clear();
            roomInHeld = false;
            target = null;
        }
        if (connection.unsent != null) {
            connection.heldOut(-connection.unsent.size());
            connection.unsent.release();
            connection.unsent = null;
        }
    }

    private void requireNoEncoding() {
        if (encoding) {
            throw new IllegalStateException("an encoder writes to its output only; it must not give a reply");
        }
    }

    private void aimAt(SocketConnection connection) {
        if (target != connection) {
            flush();
            target = connection;
        }
    }

    private int heldNow() {
        return target.unsent == null ? 0 : target.unsent.size();
    }

    private void takeBack(Throwable failure) {
        commitRoom();
        if (torn) {
            target.cut(at -> new CloseReason.HandlerFailed(at, failure));
        } else if (target.unsent != null) {
            int bytes = heldNow() - heldBefore;
            target.unsent.dropTail(bytes);
            target.heldOut(-bytes);
        } else {
            direct.position(messageStart);
        }
    }

    private void commitRoom() {
        if (!roomInHeld) {
            return;
        }
        roomInHeld = false;
        int before = heldNow();
        target.unsent.committed();
        int bytes = heldNow() - before;
        if (target.unsentBytes() + bytes > target.reader().limits.outboundBytes()) {
            target.unsent.dropTail(bytes);
            target.cutForOutboundLimit();
        } else {
            target.heldOut(bytes);
        }
    }

    private void writeDirect() {
        if (direct.position() == 0) {
            return;
        }
        torn |= direct.position() > messageStart;
        messageStart = 0;
        try {
            write(direct.flip());
        } finally {
            direct.clear(); // whatever happens, or it would be sent again
        }
        heldBefore = heldNow();
    }

    private void write(ByteBuffer bytes) {
        if (target.state().isOver()) {
            return;
        }
        try {
            target.write(bytes);
            if (bytes.hasRemaining()) {
                hold(bytes);
            }
        } catch (IOException e) {
            target.cutForIo(e);
        } catch (RuntimeException | Error e) { // no memory to hold the rest: what the peer got is torn
            target.cut(at -> new CloseReason.HandlerFailed(at, e));
            throw e;
        }
    }

    private void hold(ByteBuffer bytes) {
        int n = bytes.remaining();
        if (target.state().isOver()) {
            return;
        }
        if (target.unsentBytes() + n > target.reader().limits.outboundBytes()) {
            target.cutForOutboundLimit();
            return;
        }
        boolean begins = target.firstUnsent() == null;
        target.unsent = target.reader().pressure.keep(target, target.unsent, bytes);
        if (!target.state().isOver()) {
            target.heldOut(n);
            if (begins && target.firstUnsent() != null) { // else it waits for a handshake
                target.reader().watch.unsentBegins(target);
            }
        }
    }
}
