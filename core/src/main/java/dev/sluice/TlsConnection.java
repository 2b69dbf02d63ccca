// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.CloseReason.Deadline;
import dev.sluice.loop.HeldBytes;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import dev.sluice.prelude.ClientHelloReader;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.tls.TlsInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * A connection whose bytes are encrypted. Between socket and framers, and between encoders and socket, stands its engine, which
 * {@link TlsIo} drives with the buffers of the Reader; what is here is what has to be kept from one read or write to the next.
 * The protocol is told of the connection when the handshake is over.
 */
final class TlsConnection extends SocketConnection {
    /** Where it is. */
    enum Phase {
        /** The first byte is to come, which says whether there is TLS at all. */
        SNIFF,
        /** Something else comes first, in clear; or nothing else ever. */
        IN_CLEAR,
        /** The same, and TLS begins when the last reply in clear has been given. */
        LAST_IN_CLEAR,
        /** The client's first message is to come, which says with which certificate. */
        HELLO,
        /** Something of it has come, and stays where it is until it is its turn. */
        WAITING,
        /** The two agree on keys. */
        HANDSHAKE,
        /** A task of the handshake runs elsewhere: its engine is touched by nobody here, and nothing is read. */
        TASK,
        /** All bytes are encrypted. */
        SECURED,
        /** It has come to nothing: no byte is read or written any more but an alert. */
        FAILED
    }

    // An SSLEngine. Until there is one, null, a Destination, the ClientHelloReader that has begun, or the Place
    // in the queue with that; and where the connection has ended while a task has it, the Timer of its slot.
    private Object engine;
    HeldBytes heldRecord; // lent: a record of which not all has come
    HeldBytes sealed; // lent: records that the socket has not taken
    private Phase phase;
    boolean isOf12; // of the two versions; false until the handshake is over
    byte vain; // records in a row that brought nothing
    private boolean endIsDue; // the peer has ended its stream in order, and the protocol isn't told yet
    private boolean saidGoodbye;
    private boolean goesOver; // from clear to TLS, as its protocol wanted: what is sent waits for the handshake

    /** Whom a client's connection is for, until it has an engine. */
    private record Destination(String host, int port) {}

    TlsConnection(long id, SocketChannel channel, FrameLevel<?> level, ConnectionState initial, Phase first) {
        super(id, channel, level, initial);
        this.phase = first;
    }

    private TlsIo tls() {
        return reader().tls();
    }

    Phase phase() {
        return phase;
    }

    boolean isSecured() {
        return phase == Phase.SECURED;
    }

    SSLEngine engine() {
        return (SSLEngine) engine;
    }

    /** Who looks for the ClientHello, while there is no engine. */
    ClientHelloReader hello() {
        if (engine == null) {
            engine = new ClientHelloReader();
        }
        return (ClientHelloReader) engine;
    }

    void handshakeBegins(SSLEngine with) {
        engine = with;
        phase = Phase.HANDSHAKE;
        if (holdsSlot()) {
            handshakes().begins(this);
        }
    }

    void secured() {
        count(HandshakeEnd.SECURED);
        become(Phase.SECURED);
    }

    private void count(HandshakeEnd end) {
        if (isAccepted()) {
            ofAll().count(end);
        }
    }

    private Handshakes ofAll() {
        return level().admission.group().handshakes;
    }

    private boolean isAccepted() {
        return level().security.server() != null;
    }

    private void become(Phase next) {
        boolean held = holdsSlot();
        boolean hadTask = phase == Phase.TASK;
        phase = next;
        if (hadTask != (next == Phase.TASK)) {
            ofAll().tasks.addAndGet(hadTask ? -1 : 1);
        }
        if (held && !holdsSlot()) {
            handshakes().ended();
        }
    }

    /** Whether it is one of the handshakes that are counted. */
    private boolean holdsSlot() {
        return (phase == Phase.HANDSHAKE || phase == Phase.TASK) && isAccepted();
    }

    // ---- waiting for its turn, or for a task

    private HandshakeQueue handshakes() {
        return reader().handshakes(ofAll());
    }

    /** Whether it is its turn. */
    boolean isAdmitted() {
        return handshakes().admits(this);
    }

    /** Something of its first message has come. */
    void waitForAdmission() {
        engine = handshakes().add(this, engine);
        phase = Phase.WAITING;
    }

    /** It is its turn. */
    void mayBegin() throws Exception {
        engine = ((HandshakeQueue.Place) engine).begun();
        phase = Phase.HELLO;
        if (state() == ConnectionState.OPEN) {
            enter();
            tls().read(this);
            leave();
        }
    }

    /** A task begins to run elsewhere. */
    void taskBegins() {
        become(Phase.TASK);
    }

    /** It has run, whatever has become of this connection meanwhile. */
    void taskHasRun(Throwable failure) throws Exception {
        if (phase != Phase.TASK) {
            return; // the executor had said that it wouldn't be run
        }
        if (state() == ConnectionState.OPEN) {
            enter();
            become(Phase.HANDSHAKE);
            tls().taskHasRun(this, failure);
            leave();
        } else {
            if (engine instanceof Timer overdue) {
                reader().loop.timers().disarm(overdue);
            }
            become(
                    state() == ConnectionState.CLOSED
                            ? Phase.FAILED
                            : Phase.HANDSHAKE); // whose end is yet to be counted
        }
    }

    /** It has ended, and a task of it runs, which counts, and keeps the slot; but not for ever, for the executor may have dropped it. */
    private void awaitTask() {
        if (engine instanceof Timer) {
            return;
        }
        Timer overdue = new Timer(new TaskIsOverdue(this));
        engine = overdue;
        reader().loop.timers().arm(overdue, reader().loop.now() + reader().watch.handshakeNanos());
    }

    private record TaskIsOverdue(TlsConnection connection) implements Work {
        @Override
        public void run() {
            connection.become(Phase.FAILED);
        }

        @Override
        public void failed(Throwable cause) {
            throw new IllegalStateException("a slot could not be given back", cause);
        }
    }

    private boolean isHeldUp() {
        return phase == Phase.TASK || phase == Phase.WAITING;
    }

    @Override
    boolean isRead() {
        return !isHeldUp() && super.isRead();
    }

    @Override
    public boolean ready(int readyOps) throws Exception {
        Phase before = phase;
        return super.ready(readyOps) || phase != before;
    }

    /** Tells the protocol, or whoever connects, unless it has ended meanwhile. */
    void handshakeIsOver() throws Exception {
        if (state() != ConnectionState.OPEN || phase != Phase.SECURED) {
            return;
        }
        unpause(BY_SWITCH);
        if (goesOver) {
            wentOver();
        } else if (attachment() instanceof Attempt.Securing securing) {
            securing.secured(this);
        } else {
            super.opened();
        }
    }

    /** Nothing is read or written any more; what was written before may leave. */
    void failed() {
        if (phase != Phase.SECURED && phase != Phase.FAILED) {
            count(HandshakeEnd.FAILED);
        }
        become(Phase.FAILED);
    }

    // ---- beginning

    /** The TCP connection is open. Its protocol is told later. */
    @Override
    void opened() throws Exception {
        if (phase == Phase.HELLO || phase == Phase.SNIFF) {
            reader().watch.handshakeBegins(this);
        } else {
            super.opened();
        }
    }

    /** It is the client's side: the handshake begins with a message of this one, behind what is said in clear, or null. */
    void begin(String host, int port, ByteBuffer inClear) {
        try {
            SSLEngine with = level().security.client().engine(host, port);
            handshakeBegins(with);
            reader().watch.handshakeBegins(this);
            enter();
            if (inClear != null) {
                tls().sendInClear(this, inClear);
            }
            with.beginHandshake();
            tls().drive(this);
            leave();
        } catch (SSLException | RuntimeException e) {
            cut(at -> new CloseReason.TlsFailed(at, e));
        } catch (IOException e) {
            cutForIo(e);
        }
    }

    /** Whoever has agreed on nothing yet has nothing to lose, and nobody to be told of it. */
    @Override
    void drain() throws Exception {
        if (!wasOpened() && state() == ConnectionState.OPEN) {
            cut(CloseReason.Stopped::new);
        } else {
            super.drain();
        }
    }

    /** A proxy has said whose connection this is: from the next byte on it speaks TLS, or what its protocol begins with. */
    @Override
    void proxied(ProxyHeader header, FrameLevel<?> next) throws Exception {
        if (next.security.onCommand()) {
            super.proxied(header, next);
            return;
        }
        proxiedTo(header, next);
        opensLater();
        phase = next.security.first();
        reader().watch.handshakeBegins(this);
    }

    /** Nobody has agreed on anything, so there are no words that would be understood, unless it begins in clear. */
    @Override
    void turnAway(Function<CloseReason.Circumstances, CloseReason> why) throws Exception {
        if (level().security.onCommand()) {
            super.turnAway(why);
            return;
        }
        pause(BY_REFUSAL);
        finish(why);
    }

    @Override
    Deadline awaited() {
        return switch (phase) {
            case SNIFF, HELLO, WAITING, HANDSHAKE, TASK -> Deadline.HANDSHAKE;
            default -> super.awaited();
        };
    }

    // A handshake's time runs while it waits for its turn, and while a task of it does.
    @Override
    boolean mustRead() {
        boolean isInTime = isHeldUp() && state() == ConnectionState.OPEN && super.isRead();
        return isInTime || (awaited() == Deadline.HANDSHAKE ? waitsForBytes() : super.mustRead());
    }

    // What came were the bytes of the handshake.
    @Override
    boolean nothingCame() {
        return phase == Phase.SECURED ? frames == (isBehindProxy() ? 1 : 0) : super.nothingCame();
    }

    // ---- reading

    @Override
    void readInput() throws Exception {
        switch (phase) {
            case SNIFF -> sniff();
            case IN_CLEAR, LAST_IN_CLEAR -> super.readInput();
            case HELLO -> waitForAdmission(); // the kernel keeps it
            case WAITING, TASK -> {} // it is seen again
            default -> tls().read(this);
        }
    }

    private void sniff() throws Exception {
        ByteBuffer in = reader().inbound.clear().order(ByteOrder.BIG_ENDIAN);
        int n = level().read(this, in);
        in.flip();
        if (n < 0) {
            cut(CloseReason.PeerClosed::new);
        } else if (n > 0 && beginsTls(in)) {
            tls().goOn(this, in);
        } else if (n > 0 && state() == ConnectionState.OPEN) { // its protocol may have ended it at once
            level().receive(this, in);
        }
    }

    /** Whether what a client sends first is TLS; if not, its protocol has been told. */
    private boolean beginsTls(ByteBuffer in) throws Exception {
        if (in.get(in.position()) == TlsIo.HANDSHAKE_RECORD) {
            phase = Phase.HELLO;
            return true;
        }
        phase = Phase.IN_CLEAR;
        super.opened();
        enter(); // opened() has left
        return false;
    }

    /** What is held may have been read before TLS began, and is encrypted then. */
    @Override
    void resumeHeld() throws Exception {
        boolean isHello = heldIn != null && (phase == Phase.HELLO || phase == Phase.SNIFF && beginsTls(heldIn.view()));
        if (isHello) {
            heldRecord = heldIn;
            heldIn = null;
            tls().goOn(this);
        } else if (heldIn != null) {
            super.resumeHeld();
        }
        tellEndIfDue();
    }

    /** The peer has ended its stream by TLS' own words. */
    void endedInOrder() throws Exception {
        endIsDue = true;
        tellEndIfDue();
    }

    boolean hasEndedInOrder() {
        return endIsDue;
    }

    /** Whether the end of the peer's stream was that of both: RFC 5246, section 7.2.1. */
    boolean endedBothWays() {
        return endIsDue && isOf12;
    }

    private void tellEndIfDue() throws Exception {
        if (endIsDue && pauses() == 0 && state() == ConnectionState.OPEN) { // else what is held comes first
            level().inputEnded(this);
        }
    }

    /** Bytes for the protocol have come: they wait until it has been told of the connection. */
    void deliver(ByteBuffer bytes) throws Exception {
        if ((pauses() & BY_SWITCH) == 0) {
            level().receive(this, bytes);
            return;
        }
        heldIn = reader().pressure.keep(this, heldIn, bytes);
        if (state() == ConnectionState.OPEN) {
            heldIn.began(reader().loop.now());
            pause(BACKLOG);
        }
    }

    @Override
    void unpause(int by) {
        super.unpause(by);
        if (endIsDue && pauses() == 0 && state() == ConnectionState.OPEN) {
            waitForTurn();
        }
    }

    @Override
    boolean isInRecord() {
        return heldRecord != null;
    }

    @Override
    boolean isInFrame() {
        return heldRecord != null || super.isInFrame();
    }

    @Override
    long frameBegan() {
        return super.isInFrame() ? super.frameBegan() : heldRecord.began();
    }

    @Override
    void frameBegan(long nanos) {
        super.frameBegan(nanos);
        if (heldRecord != null) {
            heldRecord.began(nanos);
        }
    }

    @Override
    void dropInput() {
        super.dropInput();
        if (heldRecord != null) {
            heldRecord.release();
            heldRecord = null;
        }
    }

    // ---- writing

    @Override
    int write(ByteBuffer bytes) throws IOException {
        if (goesOver) {
            return 0; // it is held
        }
        return isInClear() ? super.write(bytes) : tls().write(this, bytes);
    }

    private boolean isInClear() {
        return phase == Phase.IN_CLEAR || phase == Phase.LAST_IN_CLEAR;
    }

    @Override
    boolean writeSealed() throws IOException {
        return sealed == null || tls().writeSealed(this);
    }

    @Override
    int takeReplaced() {
        return isSecured() ? tls().takeReplaced() : 0;
    }

    @Override
    HeldBytes firstUnsent() {
        return sealed != null ? sealed : goesOver ? null : super.firstUnsent();
    }

    @Override
    boolean takesFiles() {
        return isInClear() && !goesOver;
    }

    @Override
    void sayGoodbye() {
        if (!saidGoodbye && phase == Phase.SECURED) {
            saidGoodbye = true;
            tls().sayGoodbye(this);
        }
    }

    @Override
    void ends(CloseReason reason) {
        boolean isMet = isHeldUp() || phase == Phase.HELLO || phase == Phase.HANDSHAKE;
        if (!isMet || isTurnedAway()) {
            return;
        }
        boolean isLate = reason instanceof CloseReason.DeadlinePassed passed && passed.deadline() == Deadline.HANDSHAKE;
        HandshakeEnd late = phase == Phase.WAITING ? HandshakeEnd.NEVER_BEGUN : HandshakeEnd.TIMED_OUT;
        count(isLate ? late : HandshakeEnd.CUT);
    }

    @Override
    void letGo() {
        super.letGo();
        boolean isLost = state() != ConnectionState.CLOSED; // others need what it holds: its end comes later
        if (isLost && (phase == Phase.WAITING || phase == Phase.HANDSHAKE)) {
            count(HandshakeEnd.CUT);
        }
        if (phase == Phase.WAITING) {
            handshakes().remove((HandshakeQueue.Place) engine);
            phase = Phase.FAILED;
        } else if (phase == Phase.HANDSHAKE) { // but a task keeps the slot as long as it runs
            become(Phase.FAILED);
        } else if (phase == Phase.TASK) {
            awaitTask();
        }
        if (sealed != null) {
            heldOut(-sealed.size());
            sealed.release();
            sealed = null;
        }
    }

    @Override
    int lentBytes() {
        long bytes = super.lentBytes();
        bytes += heldRecord == null ? 0 : heldRecord.capacity();
        bytes += sealed == null ? 0 : sealed.capacity();
        return (int) Math.min(Integer.MAX_VALUE, bytes);
    }

    // ---- going over from clear to TLS

    /** It is the client's side, and goes over later, if at all. */
    void mayConnectTo(String host, int port) {
        engine = new Destination(host, port);
    }

    @Override
    void requireMayStartTls() {
        if (!level().security.onCommand()) {
            super.requireMayStartTls();
        }
        if (phase != Phase.IN_CLEAR || goesOver) {
            throw new IllegalStateException("it goes over to TLS, or has gone over, already");
        }
    }

    @Override
    void awaitTls() {
        requireMayStartTls();
        phase = Phase.LAST_IN_CLEAR;
        pause(BY_SWITCH);
    }

    /** What was to leave in clear and has not goes where the records will be that the socket has not taken: it needs no sealing. */
    @Override
    void goOver(boolean isNewest) {
        reader().outbound.flush();
        if (state() != ConnectionState.OPEN) {
            return;
        }
        sealed = unsent;
        unsent = null;
        goesOver = true;
        unpause(BY_UNSENT); // much of which waits for the handshake, and that is to be read
        if (isNewest) {
            later(this::beginTls);
        } else {
            refuseClear();
        }
    }

    /** Something has come in clear behind the last request in clear: from anybody, so it must not be taken for what comes by TLS. */
    private void refuseClear() {
        dropReplies();
        tls().refuseClear(this);
    }

    // In the next mail phase: by then it shows whether anything has come behind the last frame in clear.
    private void beginTls() throws IOException {
        if (state() != ConnectionState.OPEN) {
            return;
        }
        if (heldIn != null || heldFramer != null || repliesInFlight() > 0) {
            refuseClear();
            return;
        }
        unpause(BY_SWITCH);
        if (engine instanceof Destination server) {
            begin(server.host(), server.port(), null);
        } else {
            phase = Phase.HELLO;
            reader().watch.handshakeBegins(this);
        }
    }

    private void wentOver() throws Exception {
        goesOver = false;
        reader().watch.opened(this);
        if (unsent != null) {
            reader().watch.unsentBegins(this);
        }
        heldOut(0); // it may be too much to go on reading
        level().protocol.secured(this);
    }

    @Override
    boolean isIdle() {
        return !goesOver && super.isIdle();
    }

    @Override
    boolean mayTellEnd() {
        return !goesOver && super.mayTellEnd();
    }

    // Else there would be no handshake, behind which it leaves.
    @Override
    boolean readsWhileUnsent() {
        return goesOver || super.readsWhileUnsent();
    }

    // ---- Connection, its Reader's thread

    @Override
    public boolean mayStartTls() {
        return level().security.onCommand() && phase == Phase.IN_CLEAR && !goesOver;
    }

    @Override
    public void startTls() {
        if (level().endsWithInput()) {
            throw new IllegalStateException("startTls is for duplex protocols; use Reply.thenStartTls");
        }
        if (!onLoop() || reader().outbound.isEncoding()) {
            throw new IllegalStateException("startTls belongs to a hook, on the Reader's thread");
        }
        awaitTls();
        goOver(true);
    }

    @Override
    public TlsInfo tlsInfo() {
        return phase == Phase.SECURED ? TlsInfo.of(engine()) : null;
    }
}
