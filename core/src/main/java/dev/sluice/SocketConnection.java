// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.CloseReason.Deadline;
import dev.sluice.frame.Encoder;
import dev.sluice.frame.FrameView;
import dev.sluice.frame.HeapOutput;
import dev.sluice.loop.HeldBytes;
import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.SocketIo;
import dev.sluice.loop.Work;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.tls.TlsInfo;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The record of one connection and its state machine. There are as many of these as there are connections, so it holds
 * nothing that an idle one can do without: what exists only in the middle of something is lent, and null otherwise.
 * Reading and cutting into frames is {@link FrameLevel}'s work, writing is {@link Outbound}'s.
 *
 * <p>Whatever ends a connection only marks it as cut; it is closed by {@link #run}, from the loop's mail phase. So the
 * {@code closed} hook never runs inside another callback, and nothing is closed under somebody's hands.
 */
sealed class SocketConnection extends Crossing implements Connection, Work permits TlsConnection {
    /** Paused by the user. */
    static final int BY_USER = 1;
    /** Paused because the peer doesn't read. */
    static final int BY_UNSENT = 2;
    /** Paused because too many replies are in flight. */
    static final int BY_REPLIES = 4;
    /** Paused for good: it is refused, for what was read or for what was not. */
    static final int BY_REFUSAL = 16;
    /** Paused for good: it ends behind a reply that has not left yet. */
    static final int BY_LAST_REPLY = 32;
    /** Paused until the frame is over with which another protocol begins. */
    static final int BY_SWITCH = 64;
    /** Whole frames may be waiting among the held bytes; {@link #run} delivers them once nothing else pauses. */
    static final int BACKLOG = 8;

    // Marks, in one byte, since there are so many connections.
    private static final int INPUT_ENDED = 1;
    private static final int WAS_ACCEPTED = 2;
    /** Its peer doesn't get all of something that it gets a part of. */
    private static final int TORN = 4;
    /** Its key is cancelled, and not replaced by another yet. */
    private static final int MOVING = 8;
    /** It is above the high mark of what is unsent, and hasn't been down to the low one since. */
    private static final int FULL = 16;
    /** Our side of the stream is to end, behind what is unsent. */
    private static final int OUTPUT_ENDS = 32;
    /** That was told to the peer. */
    private static final int OUTPUT_ENDED = 64;
    /** And before the peer told its own end. */
    private static final int ENDED_FIRST = 128;

    final long id;
    final SocketChannel channel;

    // any thread
    private volatile FrameLevel<?> level; // written by the loop, when it goes to another
    private volatile ConnectionState state;
    private volatile int heldOutBytes; // in unsent and in reply slots; written by the loop
    private volatile boolean draining; // written by the loop
    private volatile boolean overLimit; // bytes were refused, by limit or budget; the cut for it is on its way
    private Object attachment;
    private volatile ProxyHeader proxyHeader; // null unless a proxy has sent one

    // loop thread; the Reader's list of its connections
    SocketConnection previous;
    SocketConnection next;

    // loop thread; lent, null in an idle connection
    HeldBytes heldIn;
    FramerInUse<?> heldFramer;
    HeldBytes unsent;
    ReplyQueue replies;
    Ending ending;

    // loop thread
    private byte pauses;
    private boolean turnComes; // it is among what the loop put off, for its turn
    private boolean wasOpened;
    private byte marks; // those above
    long bytesRead;
    long bytesWritten;
    long frames;
    long progressNanos;
    long readBy; // see DeadlineWatch; while it is paused, how long that would be from now

    SocketConnection(long id, SocketChannel channel, FrameLevel<?> level, ConnectionState initial) {
        this.id = id;
        this.channel = channel;
        this.level = level;
        this.state = initial;
        this.progressNanos = level.reader.loop.now();
    }

    // ---- events, loop thread

    @Override
    public boolean ready(int readyOps) throws Exception {
        long bytes = bytesRead + bytesWritten;
        ConnectionState before = state;
        enter();
        if ((readyOps & SelectionKey.OP_READ) != 0) {
            if (state == ConnectionState.OPEN) {
                readInput();
            } else if (state == ConnectionState.LINGERING) {
                level.readAway(this);
            }
        }
        if ((readyOps & SelectionKey.OP_WRITE) != 0) {
            reader().outbound.writeHeld(this);
        }
        if ((readyOps & SelectionKey.OP_CONNECT) != 0 && state == ConnectionState.CONNECTING) {
            reader().finishConnect(this);
        }
        leave();
        return bytesRead + bytesWritten != bytes || state != before;
    }

    // ---- what is different where bytes are encrypted, loop thread

    /** There is something to read. */
    void readInput() throws Exception {
        level.readable(this);
    }

    /** Sends what the socket takes; the position of the bytes moves by that. Returns how many they were. */
    int write(ByteBuffer bytes) throws IOException {
        int n = SocketIo.write(channel, bytes);
        wrote(n);
        return n;
    }

    /** Sends what was made of bytes that were taken before; false if that hasn't left. */
    boolean writeSealed() throws IOException {
        return true;
    }

    /** How many of the bytes that were held are not counted any more, for they are sealed, and counted as that. */
    int takeReplaced() {
        return 0;
    }

    /** What is to leave next of what is held for it, or null. */
    HeldBytes firstUnsent() {
        return unsent;
    }

    /** Whether files may go to the socket as they are. */
    boolean takesFiles() {
        return true;
    }

    /** Whether a part of an encrypted record has come. */
    boolean isInRecord() {
        return false;
    }

    /** Its stream is about to be ended, behind all else. */
    void sayGoodbye() {}

    /** It is about to be closed for that reason. */
    void ends(CloseReason reason) {}

    /** Throws unless {@link #mayStartTls}. Any thread. */
    void requireMayStartTls() {
        throw new IllegalStateException("neither its endpoint nor its connector has startTls");
    }

    /** The last reply in clear is due: nothing is delivered until TLS has begun behind it. */
    void awaitTls() {
        requireMayStartTls();
    }

    /** That was accepted for sending, and was the newest or not. What is sent from now on is to be encrypted. */
    void goOver(boolean isNewest) {
        throw new AssertionError("it has no TLS");
    }

    /** Whether our side of the stream may be ended, if that is wanted. */
    boolean mayTellEnd() {
        return nothingToSend();
    }

    /** Whether it is read although much is unsent. */
    boolean readsWhileUnsent() {
        return level.readsWhileUnsent;
    }

    @Override
    public void spins(int readyOps) {
        IOException why = new IOException("its socket was reported ready " + MOST_IN_VAIN
                + " times in a row (operations " + readyOps + ") and nothing came of it");
        cut(at -> new CloseReason.IoFailed(at, why));
        reader().warnings.warn("connection {}: {}; it is cut", id, why.getMessage());
    }

    @Override
    public void timeHasCome() throws Exception {
        enter();
        reader().watch.look(this);
        leave();
    }

    /** Goes on after something was put off: delivers held frames, or closes. */
    @Override
    public void run() throws Exception {
        if (state == ConnectionState.CUT) {
            closeNow();
            return;
        }
        turnComes = false;
        if (state == ConnectionState.OPEN && (pauses & BACKLOG) != 0 && mayDeliver()) {
            pauses(pauses & ~BACKLOG);
            enter();
            resumeHeld();
            leave();
        }
    }

    /** Delivers what is held. */
    void resumeHeld() throws Exception {
        level.resumeHeld(this);
    }

    /** Puts what is held off to the next mail phase. By then the others that are ready have had their turn. */
    void waitForTurn() {
        pause(BACKLOG);
        if (!turnComes) { // or it would have several turns each time
            turnComes = true;
            reader().loop.later(this);
        }
    }

    /** From here to {@link #leave} nothing about it is settled: its handler may be in the middle of its reply. */
    void enter() {
        reader().current = this;
    }

    void leave() {
        Reader reader = reader();
        reader.outbound.flush();
        reader.current = null;
        settle();
    }

    /** A callback has thrown. What is logged comes last, for it may throw as well. */
    @Override
    public void failed(Throwable failure) {
        Reader reader = reader();
        reader.current = null;
        boolean late = state == ConnectionState.CLOSED;
        if (!late) {
            if (level.forgetCall() || looksWholeToo()) {
                mark(TORN);
            }
            if (state.takesOutput()) {
                dropReplies();
                finish(at -> new CloseReason.HandlerFailed(at, failure));
            } else {
                cut(at -> new CloseReason.HandlerFailed(at, failure));
            }
            reader.outbound.flush();
        }
        String what = late ? "a callback failed after its end" : "a callback failed, so it ends";
        reader.warnings.warn("connection {}: {}", id, what, LoggedFailure.of(failure));
    }

    // ---- state, loop thread

    ConnectionState state() {
        return state;
    }

    private void become(ConnectionState newState) {
        assert state.mayBecome(newState) : state + " to " + newState;
        boolean wasPaused = isPaused();
        state = newState;
        countPause(wasPaused);
    }

    private void countPause(boolean wasPaused) {
        if (isPaused() != wasPaused) {
            reader().paused(!wasPaused);
        }
    }

    /** It was accepted, and its peer is to begin. */
    void awaitsFirstByte() {
        mark(WAS_ACCEPTED);
    }

    void connected() {
        become(ConnectionState.OPEN);
    }

    /** Tells the protocol; from then on it is told the end as well. */
    void opened() throws Exception {
        wasOpened = true;
        reader().watch.opened(this);
        enter();
        level.protocol.opened(this);
        leave();
    }

    /** A proxy has said whose connection this is: from the next byte on it speaks the protocol of that level. */
    void proxied(ProxyHeader header, FrameLevel<?> next) throws Exception {
        proxiedTo(header, next);
        reader().watch.opened(this);
        next.protocol.opened(this);
    }

    final void proxiedTo(ProxyHeader header, FrameLevel<?> next) {
        pause(BY_SWITCH);
        proxyHeader = header;
        level = next;
    }

    /** What it was opened with was not its protocol yet, which is told later. */
    final void opensLater() {
        wasOpened = false;
    }

    /** Whether a protocol was told of it. */
    final boolean wasOpened() {
        return wasOpened;
    }

    /** Its peer takes no more of what was to be sent to it, and shall not take the part that it has for all of it. */
    final void tear(Function<CloseReason.Circumstances, CloseReason> why) {
        mark(TORN);
        cut(why);
    }

    /** The frame is over with which another protocol began. */
    void switched() {
        unpause(BY_SWITCH);
    }

    /** It is not let in: the protocol says so, and it ends. */
    void turnAway(Function<CloseReason.Circumstances, CloseReason> why) throws Exception {
        enter();
        level.refuse(this, why);
        leave();
    }

    /** Whether it is refused for want of room: unlike the others that are refused, it has never been open. */
    boolean isTurnedAway() {
        return !wasOpened && (pauses & BY_REFUSAL) != 0;
    }

    void inputEnded() {
        mark(INPUT_ENDED);
        become(ConnectionState.INPUT_ENDED);
    }

    /** Whether its end, now that it is closed in order, was told its peer before that told its own. */
    boolean endsFirst() {
        return !is(INPUT_ENDED) || is(ENDED_FIRST);
    }

    void read(int bytes, long nowNanos) {
        bytesRead += bytes;
        progressNanos = nowNanos;
        reader().read(bytes);
    }

    /** The socket has taken bytes. */
    void wrote(int bytes) {
        bytesWritten += bytes;
        progressNanos = reader().loop.now();
        reader().wrote(bytes);
        if (ending != null) {
            reader().watch.endGoesOn(this, bytes);
        }
    }

    /** Something has happened, though no byte was moved. */
    void progress() {
        progressNanos = reader().loop.now();
    }

    /**
     * Whether bytes may be written behind those that were accepted. No longer once some were refused: those behind them
     * would leave a gap, nor once the end was told. Any thread.
     */
    boolean mayFollow() {
        return !overLimit && !is(OUTPUT_ENDED) && state.letsRepliesLeave();
    }

    /** Whether our side of the stream is to end, or has ended, though the connection goes on. */
    boolean outputEnds() {
        return is(OUTPUT_ENDS);
    }

    /** Ends the connection once what is to be sent has left. */
    void finish(Function<CloseReason.Circumstances, CloseReason> why) {
        if (!state.takesOutput()) {
            return;
        }
        ending = new Ending(why);
        become(ConnectionState.FLUSHING);
        reader().watch.endBegins(this);
        dropInput();
        settle();
    }

    /** The last of its replies is known, so nothing behind that one's request is handled. */
    void deliverNoMore() {
        pause(BY_LAST_REPLY);
        if (replies != null) {
            replies.dropWaitingCalls();
        }
        settle();
    }

    /** Ends the connection because the reply that was to be the last has left. Those behind it never do. */
    void closeBehindReply() {
        dropReplies();
        close();
    }

    /** Ends the connection without waiting for anything. */
    void cut(Function<CloseReason.Circumstances, CloseReason> why) {
        if (state.isOver()) {
            return;
        }
        if (ending == null) {
            ending = new Ending(why);
        }
        if (looksWholeToo()) {
            mark(TORN);
        }
        cutAsDecided();
    }

    // Whether its end, in order, would be taken for that of a stream that was to go on.
    private boolean looksWholeToo() {
        return level.resetsWhenCut && wasOpened && state.takesOutput() && !is(OUTPUT_ENDED);
    }

    /** Ends it now for the reason that was decided on before. */
    void cutAsDecided() {
        if (state.isOver()) {
            return;
        }
        become(ConnectionState.CUT);
        reader().loop.later(this);
    }

    /** Ends it because reading or writing failed. */
    void cutForIo(IOException e) {
        cut(SocketIo.isReset(e) ? at -> new CloseReason.PeerReset(at, e) : at -> new CloseReason.IoFailed(at, e));
    }

    /** The server stops: end as soon as there is nothing to do, unless the protocol has asked the peer to. */
    void drain() throws Exception {
        draining = true;
        if (state.takesOutput()) {
            enter();
            draining = level.protocol.draining(this) != AfterGoodbye.WAIT_FOR_PEER;
            leave();
        }
    }

    /** Whether it is not read although it is open and not refused. */
    boolean isPaused() {
        return state == ConnectionState.OPEN && (pauses & (BY_USER | BY_UNSENT | BY_REPLIES)) != 0;
    }

    /** Why it is not read, or what it holds is not delivered: the bits of all the reasons. */
    int pauses() {
        return pauses;
    }

    /** Whether it is paused by that. */
    boolean isPausedBy(int by) {
        return isPaused() && (pauses & by) != 0;
    }

    /** How many requests were delivered whose replies have not left. */
    int repliesInFlight() {
        return replies == null ? 0 : replies.size();
    }

    /** Brings state, pauses and interest in line with what is held. Called at the end of all that touches them. */
    void settle() {
        if (reader().current == this) {
            return;
        }
        if (state.letsRepliesLeave()) {
            settleMarks();
        }
        if (state.takesOutput()) {
            if ((marks & (INPUT_ENDED | OUTPUT_ENDS)) != 0 || draining) {
                settleEnds();
            }
        } else if (state == ConnectionState.FLUSHING && nothingToSend()) {
            tellEnd();
        }
        if (!state.isOver()) {
            reader().loop.interest(this, wantedOps());
        }
    }

    private void settleEnds() {
        if (is(OUTPUT_ENDS) && !is(OUTPUT_ENDED) && mayTellEnd()) {
            sayGoodbye();
            if (state.isOver() || firstUnsent() != null) {
                return;
            }
            mark(is(INPUT_ENDED) ? OUTPUT_ENDED : OUTPUT_ENDED | ENDED_FIRST);
            SocketIo.endOutput(channel); // if the peer is gone, reading says so
        }
        if (!isIdle()) {
            return;
        }
        if (is(INPUT_ENDED) && (level.endsWithInput() || is(OUTPUT_ENDED))) {
            finish(CloseReason.PeerClosed::new);
        } else if (draining) {
            finish(CloseReason.Stopped::new);
        }
    }

    int wantedOps() {
        int write = firstUnsent() != null ? SelectionKey.OP_WRITE : 0;
        return switch (state) {
            case CONNECTING -> SelectionKey.OP_CONNECT;
            case OPEN -> (isRead() ? SelectionKey.OP_READ : 0) | write;
            case LINGERING -> SelectionKey.OP_READ;
            default -> write;
        };
    }

    private void settleMarks() {
        if (is(FULL) && heldOutBytes <= reader().lowMark()) {
            marks &= ~FULL;
            unpause(BY_UNSENT);
            later(this::writableAgain);
        }
        if (replies != null && onTheWayOut() <= reader().lowMark()) {
            replies.lowMarkReached();
        }
    }

    private void writableAgain() throws Exception {
        if (wasOpened && state.takesOutput() && !is(FULL)) { // or it will be told when that is over
            level.protocol.writable(this);
        }
    }

    private void tellEnd() {
        if (!is(TORN)) { // or what the peer has got would look whole
            sayGoodbye();
        }
        if (state.isOver() || firstUnsent() != null) {
            return; // it comes back here, unless it is over
        }
        if (is(TORN) || is(INPUT_ENDED) || !SocketIo.endOutput(channel)) {
            cutAsDecided();
            return;
        }
        become(ConnectionState.LINGERING);
        reader().watch.endBegins(this);
    }

    /** Whether nobody would miss it: nothing is in flight, and nobody has put it off. */
    boolean mayBeEvicted() {
        return state == ConnectionState.OPEN
                && wasOpened
                && pauses == 0
                && !level.admission.isOfConnector()
                && isIdle();
    }

    boolean isIdle() {
        return nothingToSend() && !isInFrame();
    }

    /** Whether there is nothing to do, and that is not because of a pause. */
    boolean isQuiet() {
        return isIdle() && (pauses == 0 || state == ConnectionState.INPUT_ENDED);
    }

    /** Whether a frame has begun, or whole ones wait for the end of a pause. */
    boolean isInFrame() {
        return heldIn != null || heldFramer != null;
    }

    /** When the frame began in the middle of which it is. It is noted with what is lent to it for that. */
    long frameBegan() {
        return heldFramer != null ? heldFramer.began : heldIn.began();
    }

    void frameBegan(long nanos) {
        if (heldFramer != null) {
            heldFramer.began = nanos;
        }
        if (heldIn != null) {
            heldIn.began(nanos);
        }
    }

    /** Whether it is its peer's turn: it is read, and the first byte or more of a frame is to come. */
    boolean mustRead() {
        boolean isToBegin = is(WAS_ACCEPTED) && !level.peerMayBeSilent;
        return waitsForBytes() && (isInFrame() ? !level.framesMayTakeLong : isToBegin && nothingCame());
    }

    /** Whether nothing for its protocol has come yet, while it isn't in the middle of a frame. */
    boolean nothingCame() {
        return bytesRead == 0 || isBehindProxy() && frames == 1;
    }

    final boolean isBehindProxy() {
        return proxyHeader != null;
    }

    /** Which deadline it is that passes if its peer doesn't send. */
    Deadline awaited() {
        return isInFrame() ? Deadline.FRAME : Deadline.FIRST_BYTE;
    }

    private boolean nothingToSend() {
        return firstUnsent() == null && replies == null && nothingIsOnItsWay() && !isTargeted();
    }

    private boolean isTargeted() {
        return reader().outbound.isTarget(this);
    }

    /** Closes the channel and tells the reason. */
    void closeNow() throws Exception {
        become(ConnectionState.CLOSED);
        CloseReason reason = ending.close(this);
        Reader reader = reader();
        reader.current = this; // so that whoever looks from outside sees whose end takes so long
        try {
            if (wasOpened) {
                level.protocol.closed(this, reason);
            } else if (attachment instanceof Attempt attempt) {
                attempt.ended(reason);
            } else if (attachment instanceof Attempt.Securing securing) {
                securing.ended(reason);
            }
        } finally {
            level.admission.ended(this, reason);
        }
        reader.current = null;
    }

    CloseReason.Circumstances circumstances() {
        Duration sinceProgress = Duration.ofNanos(Math.max(0, reader().loop.now() - progressNanos));
        return new CloseReason.Circumstances(
                id, remoteAddress(), bytesRead, bytesWritten, unsentBytes(), frames, sinceProgress);
    }

    /** Whether its end has to be a reset: in order, it would be taken for the end of what was being sent. */
    boolean isTorn() {
        return is(TORN);
    }

    /** Gives back all that was lent to it. */
    void letGo() {
        if (firstUnsent() != null) {
            mark(TORN);
        }
        reader().outbound.drop(this);
        dropInput();
        dropReplies();
    }

    /** What is lent to it, and could be given back now. */
    int lentBytes() {
        long bytes = heldIn == null ? 0 : heldIn.capacity();
        bytes += heldFramer == null ? 0 : heldFramer.charged;
        bytes += unsent == null ? 0 : unsent.capacity();
        bytes += replies == null ? 0 : replies.lentBytes();
        return (int) Math.min(Integer.MAX_VALUE, bytes);
    }

    /** Takes the framer that it keeps, if it does, which costs the budget nothing from then on. */
    FramerInUse<?> takeHeldFramer() {
        FramerInUse<?> framer = heldFramer;
        if (framer != null) {
            heldFramer = null;
            reader().lease().giveBack(framer.charged);
        }
        return framer;
    }

    void dropInput() {
        if (heldIn != null) {
            heldIn.release();
            heldIn = null;
        }
        takeHeldFramer();
        pauses &= (byte) ~BACKLOG;
    }

    void dropReplies() {
        if (replies != null) {
            if (replies.isTorn()) {
                mark(TORN);
            }
            replies.drop();
            replies = null;
        }
    }

    // ---- delivery, loop thread

    /** Whether the next frame may be delivered now. */
    boolean mayDeliver() {
        return state == ConnectionState.OPEN && (pauses & ~BACKLOG) == 0;
    }

    /** Whether it holds less than a frame: nothing that waits for a pause to end, or for its turn. */
    boolean waitsForBytes() {
        return state == ConnectionState.OPEN && isRead();
    }

    /** Whether nothing pauses it, so that the time until it reads is its peer's. */
    boolean isRead() {
        return pauses == 0;
    }

    void pause(int by) {
        pauses(pauses | by);
    }

    void unpause(int by) {
        if ((pauses & by) == 0) {
            return;
        }
        pauses(pauses & ~by);
        if (pauses == BACKLOG) {
            waitForTurn();
        }
    }

    private void pauses(int now) {
        boolean wasPaused = isPaused();
        int before = pauses;
        pauses = (byte) now;
        countPause(wasPaused);
        if (before == 0 && now != 0) {
            reader().watch.readsNoMore(this);
        } else if (before != 0 && now == 0) {
            reader().watch.readsAgain(this);
        }
    }

    /** The replies in flight, made on demand. */
    ReplyQueue replies() {
        if (replies == null) {
            replies = new ReplyQueue(this);
        }
        return replies;
    }

    /** Notes that bytes to be sent were put aside, or taken up again. */
    void heldOut(int change) {
        int bytes = heldOutBytes + change;
        heldOutBytes = bytes;
        if (bytes > 0 && bytes > reader().highMark()) {
            mark(FULL);
            if (!readsWhileUnsent()) {
                pause(BY_UNSENT); // at once, for there may be more requests at hand
            }
        }
    }

    void cutForOutboundLimit() {
        int limit = reader().limits.outboundBytes();
        if (!state.isOver()) {
            reader().warnings
                    .warn(
                            "connection {}: more than limits.outboundBytes of {} would wait for its peer; it is cut",
                            id,
                            limit);
        }
        cut(at -> new CloseReason.OutboundLimit(at, limit));
    }

    /** The budget is used up, and it is this one that must end. Why it was ending otherwise matters no more. */
    void cutForBudget() {
        if (state.isOver()) {
            return;
        }
        long limit = reader().lease().shared().limit();
        CloseReason reason = new CloseReason.BudgetExhausted(circumstances(), limit, lentBytes());
        cut(at -> reason);
        ending.insteadFor(at -> reason);
    }

    // ---- moving to another Reader, loop thread

    FrameLevel<?> level() {
        return level;
    }

    /** Whether it is between two frames, and nothing of it is in the middle of anything. */
    boolean mayMove() {
        return state == ConnectionState.OPEN
                && wasOpened
                && !turnComes
                && (pauses & ~BY_USER) == 0
                && !level.boundToReader
                && hasNoErrands()
                && isIdle()
                && reader().current != this;
    }

    boolean isMoving() {
        return is(MOVING);
    }

    void moving(boolean now) {
        marks = (byte) (now ? marks | MOVING : marks & ~MOVING);
    }

    private boolean is(int mark) {
        return (marks & mark) != 0;
    }

    private void mark(int mark) {
        marks |= (byte) mark;
    }

    void belongsTo(FrameLevel<?> newLevel) {
        level = newLevel;
    }

    /** It is there. */
    void arrived() {
        arrivedItself();
        settle();
    }

    // ---- Connection, any thread

    @Override
    public CompletableFuture<Boolean> moveTo(Reader target) {
        Move move = new Move(this, level.on(target));
        move.begin();
        return move.result;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public SocketAddress remoteAddress() {
        SocketAddress peer = SocketIo.remoteAddress(channel);
        ProxyHeader header = proxyHeader;
        return peer != null && header != null && header.source() != null ? header.source() : peer;
    }

    @Override
    public SocketAddress localAddress() {
        return SocketIo.localAddress(channel);
    }

    @Override
    public ProxyHeader proxyHeader() {
        return proxyHeader;
    }

    @Override
    public TlsInfo tlsInfo() {
        return null;
    }

    @Override
    public boolean mayStartTls() {
        return false;
    }

    @Override
    public void startTls() {
        requireMayStartTls();
    }

    @Override
    public Reader reader() {
        return level.reader;
    }

    @Override
    public boolean isOpen() {
        return !overLimit && !is(OUTPUT_ENDS) && state.takesOutput();
    }

    @Override
    public boolean isDraining() {
        return draining;
    }

    @Override
    public boolean send(ByteBuffer bytes) {
        if (!isOpen()) {
            return false;
        }
        if (!mayWriteDirectly()) {
            return !bytes.hasRemaining() || Letter.post(this, null, FrameView.copy(bytes), false);
        }
        reader().outbound.send(this, bytes);
        return isOpen();
    }

    @Override
    public <T> boolean send(T message, Encoder<? super T> encoder) {
        if (!isOpen()) {
            return false;
        }
        if (!mayWriteDirectly()) {
            ByteBuffer bytes = HeapOutput.encode(message, encoder);
            return !bytes.hasRemaining() || Letter.post(this, null, bytes, false);
        }
        reader().outbound.send(this, message, encoder);
        return isOpen();
    }

    @Override
    public long unsentBytes() {
        return heldOutBytes + (long) foreignBytes();
    }

    /** As {@link #unsentBytes}, without what waits in reply slots for its turn. Any thread. */
    long onTheWayOut() {
        ReplyQueue queue = replies;
        return unsentBytes() - (queue == null ? 0 : queue.waitingBytes());
    }

    @Override
    public boolean isWritable() {
        return !is(FULL) && isOpen();
    }

    @Override
    public void endOutput() {
        if (level.endsWithInput()) {
            throw new IllegalStateException("endOutput is for duplex protocols; use close(), which waits for replies");
        }
        onLoopDo(() -> {
            mark(OUTPUT_ENDS);
            settle();
        });
    }

    @Override
    public void pause() {
        onLoopDo(() -> {
            pause(BY_USER);
            settle();
        });
    }

    @Override
    public void resume() {
        onLoopDo(() -> {
            unpause(BY_USER);
            settle();
        });
    }

    @Override
    public void close() {
        onLoopDo(() -> {
            if (replies != null) {
                replies.dropWaitingCalls();
            }
            finish(is(INPUT_ENDED) ? CloseReason.PeerClosed::new : CloseReason.ClosedHere::new);
        });
    }

    @Override
    public void abort() {
        onLoopDo(() -> {
            cut(CloseReason.Aborted::new);
            ending.insteadFor(CloseReason.Aborted::new);
        });
    }

    @Override
    public Object attachment() {
        return attachment;
    }

    @Override
    public void attach(Object newState) {
        attachment = newState;
    }

    @Override
    public String toString() {
        return "connection " + id;
    }

    // ---- entering the loop from other threads

    boolean onLoop() {
        return reader().loop.onLoop();
    }

    /**
     * Whether the caller may write at once: on the loop, in nobody else's message, and if nothing is on its way from
     * another thread, which must not be overtaken.
     */
    boolean mayWriteDirectly() {
        return onLoop() && nothingIsOnItsWay() && !reader().outbound.isEncoding();
    }

    /** Counts bytes against the outbound limit and the budget before they set out for the loop. Any thread. */
    boolean reserve(int bytes) {
        int limit = reader().limits.outboundBytes();
        boolean fits = bytes <= limit;
        if (fits) {
            fits = (long) bytesSetOut(bytes) + heldOutBytes <= limit;
            if (fits && reader().lease().take(bytes)) {
                return true;
            }
            bytesArrived(bytes);
        }
        if (!overLimit) { // two may pass here at once, which does no harm
            overLimit = true;
            onLoopDo(fits ? this::cutForBudget : this::cutForOutboundLimit);
        }
        return false;
    }

    /** Bytes that were reserved have arrived, or will not. */
    void arrived(int bytes) {
        reader().lease().giveBack(bytes);
        bytesArrived(bytes);
    }

    /** Does something in the next mail phase. Loop thread. */
    void later(ConnectionWork.Action action) {
        reader().loop.later(new ConnectionWork(this, action));
    }

    /** Does something to it on its loop, unless it has ended. Any thread. */
    void onLoopDo(Runnable action) {
        if (onLoop() && !isArriving()) {
            ifNotOver(action);
        } else if (!state.isOver()) {
            Errand.send(this, () -> ifNotOver(action));
        }
    }

    private void ifNotOver(Runnable action) {
        if (!state.isOver()) {
            action.run();
        }
    }
}
