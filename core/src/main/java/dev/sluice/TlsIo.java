// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.FrameException;
import dev.sluice.loop.HeldBytes;
import dev.sluice.loop.SocketIo;
import dev.sluice.prelude.ClientHello;
import dev.sluice.prelude.TlsAlert;
import dev.sluice.tls.TlsRefusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * TLS on a Reader: drives the engines of all its connections with two buffers of the Reader's own. Records are opened out of what
 * was read, and what was in them goes to the framers; what is written is sealed straight towards the socket. A connection keeps
 * bytes of its own only while a record hasn't come whole, or hasn't left whole. Loop thread only.
 */
final class TlsIo {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int BUFFER_BYTES = 64 * 1024;
    /** More than any record takes, by any engine of the JDK. */
    private static final int RECORD_BYTES = 17 * 1024;
    /** The first records are small, so that the peer can open them before more than a few packets have come. */
    private static final int SMALL_RECORD_BYTES = 1360;
    /** Bytes of records that have left before they become large, those of the handshake included. */
    private static final int SMALL_UNTIL = 10 * SMALL_RECORD_BYTES;
    /** Records, or rounds of the handshake, in a row that bring nothing: an honest peer has no more than a few of them. */
    private static final int MOST_IN_VAIN = 64;

    /**
     * What an engine is told when its handshake is over. It keeps lists of its own of what it may agree on, some 300 bytes that no
     * one asks for any more: keys are updated without them, and nothing is negotiated again.
     */
    private static final SSLParameters AGREED = new SSLParameters(new String[0], new String[0]);

    static {
        AGREED.setSNIMatchers(List.of());
    }

    static final byte HANDSHAKE_RECORD = 22;
    private static final byte ALERT_RECORD = 21;

    private final Reader reader;
    private final ByteBuffer opened = ByteBuffer.allocate(BUFFER_BYTES + RECORD_BYTES);
    private final ByteBuffer sealed = ByteBuffer.allocateDirect(BUFFER_BYTES + RECORD_BYTES);
    private int replaced; // see takeReplaced()

    TlsIo(Reader reader) {
        this.reader = reader;
    }

    // ---- reading

    /** The socket has something to read. */
    void read(TlsConnection c) throws Exception {
        boolean goesOn = c.isInFrame();
        long began = goesOn ? c.frameBegan() : 0;
        long frames = c.frames;
        ByteBuffer in = beginWithHeld(c);
        int n = c.level().read(c, in);
        in.flip();
        if (c.state().isOver()) {
            return;
        }
        if (n > 0 && goesOn && c.isSecured()) {
            reader.watch.frameGoesOn(c, n);
        }
        if (n > 0
                || c.phase() == TlsConnection.Phase.HELLO && in.hasRemaining()) { // all of it may have been read before
            take(c, in);
        }
        keepRest(c, in, goesOn && c.frames == frames, began);
        if (n < 0 && c.mayDeliver() && c.phase() != TlsConnection.Phase.TASK) { // else the end is seen again later
            streamEnded(c);
        }
    }

    /** Goes on with what was read before. */
    void goOn(TlsConnection c) throws Exception {
        goOn(c, beginWithHeld(c).flip());
    }

    /** Goes on with the Reader's buffer, from where it was read into by another. */
    void goOn(TlsConnection c, ByteBuffer in) throws Exception {
        take(c, in);
        keepRest(c, in, false, 0);
    }

    // The rest of a record lies in front of what is read now, so that it is whole in one place.
    private ByteBuffer beginWithHeld(TlsConnection c) {
        ByteBuffer in = reader.inbound.clear().order(ByteOrder.BIG_ENDIAN);
        HeldBytes held = c.heldRecord;
        if (held != null) {
            in.put(held.view());
            c.heldRecord = null;
            held.release();
        }
        return in;
    }

    private void take(TlsConnection c, ByteBuffer in) throws Exception {
        if (c.phase() == TlsConnection.Phase.HELLO) {
            if (!c.isAdmitted()) {
                c.waitForAdmission();
                return;
            }
            findEngine(c, in);
        }
        if (mayOpen(c)) {
            open(c, in);
        }
    }

    // A record counts as a frame, or as a part of the one in the middle of which the connection is: so a frame has the
    // same time whether its bytes trickle in one record or in many.
    private void keepRest(TlsConnection c, ByteBuffer in, boolean goesOn, long began) {
        if (!in.hasRemaining()
                || c.state() != ConnectionState.OPEN
                || c.phase() == TlsConnection.Phase.FAILED
                || c.hasEndedInOrder()) {
            return;
        }
        boolean isInFrame = c.isInFrame();
        c.heldRecord = reader.pressure.keep(c, null, in);
        if (c.heldRecord == null || isInFrame) {
            return;
        }
        if (goesOn) {
            c.frameBegan(began);
        } else if (c.isSecured()) {
            reader.watch.frameBegins(c);
        } else {
            c.frameBegan(reader.loop.now());
        }
    }

    /** The first message says with which certificate the handshake goes on. */
    private void findEngine(TlsConnection c, ByteBuffer in) throws IOException {
        try {
            ClientHello hello = c.hello().look(in);
            if (hello != null) {
                c.handshakeBegins(c.level().security.server().engineFor(hello));
            }
        } catch (FrameException e) {
            refuse(c, e.code(), e);
        } catch (TlsRefusal e) {
            refuse(c, e.alert(), e);
        } catch (RuntimeException e) { // of the JDK, for what the client has sent
            refuse(c, TlsAlert.INTERNAL_ERROR, e);
        }
    }

    private void open(TlsConnection c, ByteBuffer in) throws Exception {
        ByteBuffer out = opened.clear().order(ByteOrder.BIG_ENDIAN);
        boolean more = true;
        while (more && mayOpen(c)) {
            byte type = in.hasRemaining() ? in.get(in.position()) : 0;
            if (c.isOf12 && type == ALERT_RECORD && out.position() > 0) { // behind which the engine seals nothing
                deliver(c, out);
                reader.outbound.flush();
                continue;
            }
            try {
                more = openOne(c, type, in, out);
            } catch (SSLException | RuntimeException e) { // engines throw both for what peers send
                fail(c, e);
                return;
            } catch (IOException e) {
                c.cutForIo(e);
                return;
            }
            if (out.position() > BUFFER_BYTES) { // the next might not fit
                deliver(c, out);
            }
        }
        deliver(c, out);
        if (mayOpen(c) && c.engine().isInboundDone()) {
            ended(c);
        }
    }

    private static boolean mayOpen(TlsConnection c) {
        return c.state() == ConnectionState.OPEN && (c.phase() == TlsConnection.Phase.HANDSHAKE || c.isSecured());
    }

    /** Returns whether there may be more to do at once. */
    private boolean openOne(TlsConnection c, byte type, ByteBuffer in, ByteBuffer out) throws IOException {
        SSLEngine engine = c.engine();
        if (c.isOf12 && type == HANDSHAKE_RECORD) {
            throw new SSLException("the peer wants to renegotiate, which isn't done");
        }
        int before = out.position();
        SSLEngineResult result = engine.unwrap(in, out);
        boolean broughtSomething = out.position() > before;
        boolean tookSomething = result.bytesConsumed() > 0;
        if (broughtSomething) {
            c.vain = 0;
        } else if (tookSomething && (c.isSecured() || type == ALERT_RECORD) && ++c.vain > MOST_IN_VAIN) {
            throw new SSLException(MOST_IN_VAIN + " records in a row brought nothing");
        }
        if (engine.isInboundDone()) {
            return false; // what it would say to that is said when all else is
        }
        boolean moved = drive(c);
        return switch (result.getStatus()) {
            case OK -> tookSomething || broughtSomething || moved;
            case BUFFER_UNDERFLOW -> moved && in.hasRemaining();
            case CLOSED -> false;
            case BUFFER_OVERFLOW -> throw new SSLException("a record is larger than any may be");
        };
    }

    private void deliver(TlsConnection c, ByteBuffer out) throws Exception {
        if (out.position() > 0) {
            out.flip();
            if (c.state() == ConnectionState.OPEN) {
                c.deliver(out);
            }
            out.clear();
        }
    }

    /** The peer has said that it sends no more. */
    private void ended(TlsConnection c) throws Exception {
        if (c.isSecured()) {
            c.endedInOrder();
        } else {
            fail(c, new SSLException("the peer has ended the handshake"));
        }
    }

    /** The peer's TCP stream has ended. */
    private void streamEnded(TlsConnection c) throws Exception {
        if (c.hasEndedInOrder()) {
            c.endedInOrder();
        } else if (c.isSecured()) {
            c.cut(CloseReason.TlsTruncated::new);
        } else {
            c.failed();
            c.cut(reason(new SSLException("the peer ended its stream in the handshake")));
        }
    }

    // ---- handshake

    /**
     * Does what an engine wants done beside reading: its tasks, and messages of its own. Returns whether there was any.
     */
    boolean drive(TlsConnection c) throws IOException {
        SSLEngine engine = c.engine();
        boolean moved = false;
        for (int rounds = 0; ; rounds++) {
            HandshakeStatus wants = engine.getHandshakeStatus();
            if (wants == HandshakeStatus.NEED_TASK) {
                Executor elsewhere = tasks(c);
                if (elsewhere != null) {
                    TlsTask.start(c, elsewhere);
                    return false; // it goes on when that has run
                }
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (wants == HandshakeStatus.NEED_WRAP && !engine.isOutboundDone()) {
                wrapMessages(c, engine);
            } else {
                break;
            }
            moved = true;
            if (rounds > MOST_IN_VAIN) {
                throw new SSLException("the handshake goes round and round");
            }
        }
        if (c.phase() == TlsConnection.Phase.HANDSHAKE
                && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
            secured(c, engine);
        }
        return moved;
    }

    /** Where tasks run, or null: here. */
    private static Executor tasks(TlsConnection c) {
        if (c.isSecured()) {
            return null; // the JDK has none then
        }
        Security security = c.level().security;
        return security.server() != null
                ? security.server().handshakeTasks()
                : security.client().handshakeTasks();
    }

    /** The task that ran elsewhere is over. */
    void taskHasRun(TlsConnection c, Throwable failure) throws Exception {
        if (failure == null) {
            goOn(c);
        } else {
            taskFailed(c, failure);
        }
    }

    /** Nobody knows what state the engine is in, or who is still at it. */
    void taskFailed(TlsConnection c, Throwable failure) {
        c.failed();
        c.finish(reason(new SSLException("a task of the handshake has failed", failure)));
    }

    private void wrapMessages(TlsConnection c, SSLEngine engine) throws IOException {
        sealed.clear();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && sealed.remaining() >= RECORD_BYTES) {
            if (engine.wrap(NOTHING, sealed).bytesProduced() == 0) {
                break;
            }
        }
        send(c);
    }

    private void secured(TlsConnection c, SSLEngine engine) {
        c.secured();
        c.pause(SocketConnection.BY_SWITCH); // until its protocol has been told
        c.isOf12 = engine.getSession().getProtocol().equals("TLSv1.2");
        engine.setSSLParameters(AGREED);
        reader.loop.later(new ConnectionWork(c, () -> c.handshakeIsOver()));
    }

    // ---- writing

    /** Seals and sends; the position of the bytes moves by what was sealed. Returns how many they were. */
    int write(TlsConnection c, ByteBuffer bytes) throws IOException {
        int start = bytes.position();
        replaced = 0; // or an engine that failed would leave some to another connection
        if (!c.isSecured()) { // there is nobody yet, or no more, who could read it
            bytes.position(bytes.limit());
            return bytes.limit() - start;
        }
        SSLEngine engine = c.engine();
        if (c.endedBothWays()) {
            c.tear(CloseReason.PeerClosed::new);
            return 0;
        }
        boolean wasHeld = c.unsent != null; // then it is these bytes, and they are counted
        while (bytes.hasRemaining() && !c.state().isOver() && c.writeSealed()) {
            sealed.clear();
            int from = bytes.position();
            while (bytes.hasRemaining() && sealed.position() < BUFFER_BYTES) {
                sealOne(engine, bytes, c.bytesWritten + sealed.position());
            }
            send(c, wasHeld ? bytes.position() - from : 0);
        }
        return bytes.position() - start;
    }

    private void sealOne(SSLEngine engine, ByteBuffer bytes, long sent) throws IOException {
        int limit = bytes.limit();
        if (sent < SMALL_UNTIL && bytes.remaining() > SMALL_RECORD_BYTES) {
            bytes.limit(bytes.position() + SMALL_RECORD_BYTES);
        }
        try {
            SSLEngineResult result = engine.wrap(bytes, sealed);
            if (result.bytesProduced() == 0) {
                throw new SSLException("nothing can be written: " + result.getStatus());
            }
        } finally {
            bytes.limit(limit);
        }
    }

    /** Sends bytes as they are, before there is anything else; their position stays. */
    void sendInClear(TlsConnection c, ByteBuffer bytes) throws IOException {
        sealed.clear();
        sealed.put(bytes.duplicate());
        send(c);
    }

    /** Sends what was sealed; what the socket doesn't take is kept. */
    private void send(TlsConnection c) throws IOException {
        send(c, 0);
    }

    private void send(TlsConnection c, int counted) throws IOException {
        sealed.flip();
        if (c.writeSealed()) {
            c.wrote(SocketIo.write(c.channel, sealed));
        }
        if (sealed.hasRemaining() && !c.state().isOver()) {
            keepSealed(c, counted);
        }
    }

    /** Takes the place of bytes that are counted as held: at once, or others would see both for a moment. */
    private void keepSealed(TlsConnection c, int counted) {
        int n = sealed.remaining();
        if (c.isSecured() && isTooMuch(c, n)) {
            c.cutForOutboundLimit();
            return;
        }
        HeldBytes first = c.firstUnsent();
        c.sealed = reader.pressure.keep(c, c.sealed, sealed);
        if (c.state().isOver()) {
            return;
        }
        c.heldOut(n - counted);
        replaced += counted;
        if (first == null) {
            reader.watch.unsentBegins(c);
        } else if (first != c.sealed) { // its peer has no more time because the bytes lie elsewhere now
            c.sealed.deadline(first.deadline());
        }
    }

    // What was held is counted until it was written, and was let in when it began to be held. Sealed, it isn't as much
    // again.
    private boolean isTooMuch(TlsConnection c, int n) {
        int limit = reader.limits.outboundBytes();
        if (c.unsent == null) {
            return c.unsentBytes() + n > limit;
        }
        int kept = c.sealed == null ? 0 : c.sealed.size();
        return kept + n > Math.max(limit, sealed.capacity());
    }

    /** Bytes that were held, and aren't counted any more, since somebody asked. */
    int takeReplaced() {
        int bytes = replaced;
        replaced = 0;
        return bytes;
    }

    /** Sends what is kept. Returns whether all of it has left. */
    boolean writeSealed(TlsConnection c) throws IOException {
        HeldBytes held = c.sealed;
        ByteBuffer bytes = held.view();
        int before = bytes.remaining();
        int n = SocketIo.write(c.channel, bytes);
        held.consumed();
        c.heldOut(-n);
        c.wrote(n);
        reader.watch.unsentGoesOn(c, n);
        if (n < before) {
            return false;
        }
        c.sealed = null;
        if (c.firstUnsent() != null) {
            c.firstUnsent().deadline(held.deadline());
        }
        held.release();
        return true;
    }

    // ---- ending

    /** Tells the peer that nothing follows. */
    void sayGoodbye(TlsConnection c) {
        try {
            c.engine().closeOutbound();
            wrapMessages(c, c.engine());
        } catch (IOException e) {
            c.cutForIo(e);
        }
    }

    /** What the peer has sent can't be opened, or isn't wanted: it is told so, as far as there are words for it. */
    private void fail(TlsConnection c, Exception why) {
        try {
            wrapMessages(c, c.engine());
        } catch (IOException | RuntimeException e) {
            why.addSuppressed(e);
        }
        c.failed();
        c.finish(reason(why));
    }

    /** A connection was to go over to TLS, but something came in clear behind the words for that. */
    void refuseClear(TlsConnection c) {
        refuse(c, TlsAlert.UNEXPECTED_MESSAGE, new SSLException("something came in clear behind what begins TLS"));
    }

    private void refuse(TlsConnection c, int alert, Exception why) {
        c.failed();
        try {
            sealed.clear();
            sealed.put(TlsAlert.fatal(alert == 0 ? TlsAlert.UNEXPECTED_MESSAGE : alert));
            send(c);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
        c.finish(reason(why));
    }

    private static Function<CloseReason.Circumstances, CloseReason> reason(Exception why) {
        return at -> new CloseReason.TlsFailed(at, why);
    }
}
