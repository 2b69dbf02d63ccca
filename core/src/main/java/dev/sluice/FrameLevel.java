// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.HeapOutput;
import dev.sluice.loop.HeldBytes;
import dev.sluice.loop.SocketIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The duplex frame level of one protocol on one Reader: bytes in, frames to the protocol. There is one for each pair of
 * them, and it serves all their connections with the same few framers. A connection keeps one only while it is in the
 * middle of a frame and the framer has something to remember. Loop thread only, but for {@link #call}.
 *
 * @param <F> the frames
 */
final class FrameLevel<F> {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int MAX_SPARE = 8;
    private static final byte POISON = (byte) 0xDB;

    final Reader reader;
    final Protocol<F> protocol;
    final Admission admission; // of its endpoint, or a connector's
    final Security security; // null for none
    private final FrameLevel<?>[] ofAllReaders; // of the same protocol and endpoint, by the Readers' index
    private final RequestProtocol<F> requests; // one of these two is null
    private final DuplexProtocol<F> duplex;
    private final Executor workers; // null if handlers run here
    private final boolean parts; // frames are parts of something that ends at the framer's boundary
    final boolean peerMayBeSilent;
    final boolean framesMayTakeLong;
    final boolean boundToReader;
    final boolean readsWhileUnsent;
    final boolean resetsWhenCut;
    final boolean connectsWhileDraining;
    private final DirectReply direct;
    private final ArrayDeque<FramerInUse<F>> spare = new ArrayDeque<>();
    private boolean hasEnded; // a frame has, and if it is a part, the whole of that, since somebody made it false

    FrameLevel(
            Reader reader,
            Protocol<F> protocol,
            Admission admission,
            Executor workers,
            Security security,
            FrameLevel<?>[] ofAllReaders) {
        this.ofAllReaders = ofAllReaders;
        this.reader = reader;
        this.protocol = protocol;
        this.admission = admission;
        this.security = security;
        this.requests = protocol instanceof RequestProtocol<F> r ? r : null;
        this.duplex = protocol instanceof DuplexProtocol<F> d ? d : null;
        Set<Protocol.Trait> traits = Check.present("the set from protocol.traits", protocol.traits());
        this.peerMayBeSilent = traits.contains(Protocol.Trait.PEER_MAY_BE_SILENT);
        this.framesMayTakeLong = traits.contains(Protocol.Trait.FRAMES_MAY_TAKE_LONG);
        this.boundToReader = traits.contains(Protocol.Trait.BOUND_TO_READER);
        this.readsWhileUnsent = traits.contains(Protocol.Trait.READS_WHILE_UNSENT) && duplex != null;
        this.resetsWhenCut = traits.contains(Protocol.Trait.RESETS_WHEN_CUT);
        this.connectsWhileDraining = traits.contains(Protocol.Trait.CONNECTS_WHILE_DRAINING);
        this.workers = boundToReader ? null : workers;
        this.direct = new DirectReply(reader);
        Framer<F> first = firstFramer(protocol, reader.limits.frameBytes());
        this.parts = first.yields() == Framer.Yields.PARTS;
        this.spare.add(new FramerInUse<>(first));
    }

    // Made at start, so that a limit that no frame fits into is found out then.
    private static <F> Framer<F> firstFramer(Protocol<F> protocol, int frameBytes) {
        try {
            return Check.present("the framer from protocol.newFramer", protocol.newFramer(frameBytes));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("limits.frameBytes: " + frameBytes + ": " + e.getMessage(), e);
        }
    }

    /** The same on another Reader of the same server or connector. Any thread. */
    FrameLevel<?> on(Reader other) {
        int index = Check.present("reader", other).index();
        if (index >= ofAllReaders.length || ofAllReaders[index].reader != other) {
            throw new IllegalArgumentException("reader: " + other + " is not of the same server as " + reader);
        }
        return ofAllReaders[index];
    }

    // ---- bytes in

    void readable(SocketConnection c) throws Exception {
        ByteBuffer in = reader.inbound.clear().order(ByteOrder.BIG_ENDIAN); // a handler may have left its own
        int n = read(c, in);
        if (n > 0) {
            receive(c, in.flip());
        } else if (n < 0 && c.mayDeliver()) { // else the end is seen again when it may
            inputEnded(c);
        }
    }

    /** The connection lingers: what comes is read and dropped, until the peer has ended its stream. */
    void readAway(SocketConnection c) {
        if (read(c, reader.inbound.clear()) < 0) {
            c.cutAsDecided();
        }
    }

    /** Reads once. Returns how many bytes, or -1 at the end of the stream; 0 as well if it is cut for a failure. */
    int read(SocketConnection c, ByteBuffer in) {
        try {
            int n = SocketIo.read(c.channel, in);
            if (n > 0) {
                c.read(n, reader.loop.now());
            }
            return n;
        } catch (IOException e) {
            c.cutForIo(e);
            return 0;
        }
    }

    /** Takes what has come. */
    void receive(SocketConnection c, ByteBuffer in) throws Exception {
        if (c.heldIn == null && c.heldFramer == null) {
            refuseIfBad(c, deliverFresh(c, in));
            goOnIfSwitched(c);
        } else {
            reader.watch.frameGoesOn(c, in.remaining());
            hold(c, in);
            if (!c.state().isOver()) {
                resumeHeld(c);
            }
        }
    }

    /** Goes on with bytes that were read before. */
    void resumeHeld(SocketConnection c) throws Exception {
        refuseIfBad(c, deliverHeld(c));
        goOnIfSwitched(c);
    }

    /** A frame was the last of this protocol: what follows is for another one. */
    private void goOnIfSwitched(SocketConnection c) {
        if (c.level() != this) {
            c.switched();
        }
    }

    private FrameException deliverFresh(SocketConnection c, ByteBuffer in) throws Exception {
        FramerInUse<F> framer = takeSpare(c); // lost if anything below goes wrong
        FrameException bad = deliver(c, framer.framer, in);
        if (bad != null) {
            return bad;
        }
        if (c.state() == ConnectionState.OPEN && in.hasRemaining()) {
            hold(c, in);
        }
        keepFramer(c, framer);
        if (c.isInFrame()) {
            reader.watch.frameBegins(c);
        }
        return tooMuchHeld(c);
    }

    // A handler may end the connection, which lets go of what it holds; so the bytes are not its own meanwhile.
    private FrameException deliverHeld(SocketConnection c) throws Exception {
        long began = c.frameBegan();
        FramerInUse<F> framer = takeFramer(c);
        HeldBytes held = c.heldIn;
        c.heldIn = null;
        boolean keep = false;
        hasEnded = false;
        try {
            FrameException bad = deliver(c, framer.framer, held.view());
            if (bad != null) {
                return bad;
            }
            held.consumed();
            keep = c.state() == ConnectionState.OPEN && held.size() > 0;
        } finally {
            if (keep) {
                c.heldIn = held;
            } else {
                held.release();
            }
        }
        keepFramer(c, framer);
        if (c.isInFrame()) {
            if (hasEnded) {
                reader.watch.frameBegins(c);
            } else {
                c.frameBegan(began); // what noted it may have been given back
            }
        }
        return tooMuchHeld(c);
    }

    /** Returns what is wrong with the bytes, or null. */
    private FrameException deliver(SocketConnection c, Framer<F> framer, ByteBuffer in) throws Exception {
        boolean tight = reader.isTight();
        for (int left = reader.limits.requestsPerTurn(); in.hasRemaining(); left--) {
            if (!c.mayDeliver()) {
                c.pause(SocketConnection.BACKLOG);
                return null;
            }
            if (left == 0) {
                c.waitForTurn();
                return null;
            }
            int start = in.position();
            F frame;
            try {
                frame = framer.next(in);
            } catch (FrameException e) {
                return e;
            }
            if (frame == null) {
                return null;
            }
            int consumed = in.position() - start;
            dispatch(c, framer, frame, consumed);
            if (consumed <= 0 && c.mayDeliver()) {
                throw new IllegalStateException(
                        framer.getClass().getName() + " yielded a frame without consuming, and nobody paused for it");
            }
            hasEnded |= !parts || framer.atBoundary();
            if (tight) { // so that a peer that doesn't read is found out by its first reply, not by a buffer full of
                // them
                reader.outbound.flush();
            }
            if (reader.poison) {
                poison(in, start);
            }
        }
        return null;
    }

    /** The peer has ended its stream. */
    void inputEnded(SocketConnection c) throws Exception {
        c.inputEnded();
        FramerInUse<F> framer = takeFramer(c);
        HeldBytes held = c.heldIn;
        c.heldIn = null;
        FrameException bad;
        try {
            bad = deliverLast(c, framer.framer, held == null ? NOTHING : held.view());
        } finally {
            if (held != null) {
                held.release();
            }
        }
        if (bad != null) {
            refuseIfBad(c, bad);
            return;
        }
        keepFramer(c, framer);
        afterCalls(c, () -> {
            if (c.state() == ConnectionState.INPUT_ENDED) {
                protocol.inputEnded(c);
            }
        });
    }

    private FrameException deliverLast(SocketConnection c, Framer<F> framer, ByteBuffer in) throws Exception {
        int bytes = in.remaining();
        F last;
        try {
            last = framer.end(in);
        } catch (FrameException e) {
            return e;
        }
        if (last != null) {
            dispatch(c, framer, last, bytes);
        }
        return null;
    }

    // Calls on workers that are made in turn see their frames before anybody sees what came behind those.
    private static void afterCalls(SocketConnection c, ConnectionWork.Action action) throws Exception {
        if (c.replies == null) {
            action.run();
        } else {
            c.replies.afterCalls(action);
        }
    }

    private void hold(SocketConnection c, ByteBuffer in) {
        c.heldIn = reader.pressure.keep(c, c.heldIn, in);
    }

    // The framer throws before this can happen; it guards against one that doesn't keep its contract.
    private FrameException tooMuchHeld(SocketConnection c) {
        boolean tooMuch = c.heldIn != null && c.waitsForBytes() && c.heldIn.size() >= reader.limits.frameBytes();
        return tooMuch ? FrameException.tooLong(c.heldIn.size(), reader.limits.frameBytes()) : null;
    }

    // ---- framers

    private FramerInUse<F> takeSpare(SocketConnection c) {
        FramerInUse<F> framer = spare.pollLast();
        if (framer == null) {
            framer = new FramerInUse<>(protocol.newFramer(reader.limits.frameBytes()));
        }
        protocol.prepare(framer.framer, c);
        return framer;
    }

    @SuppressWarnings("unchecked") // a connection gets its framer from its own level
    private FramerInUse<F> takeFramer(SocketConnection c) {
        FramerInUse<F> framer = (FramerInUse<F>) c.takeHeldFramer();
        return framer == null ? takeSpare(c) : framer;
    }

    private void keepFramer(SocketConnection c, FramerInUse<F> framer) {
        if (framer.framer.atBoundary()) {
            if (spare.size() < MAX_SPARE) {
                spare.addLast(framer);
            }
        } else if (c.state() == ConnectionState.OPEN) {
            int bytes = Math.max(0, framer.framer.kept());
            if (reader.pressure.charge(c, bytes)) {
                framer.charged = bytes;
                c.heldFramer = framer;
            }
        }
    }

    // ---- frames to the protocol

    private void dispatch(SocketConnection c, Framer<F> framer, F frame, int bytes) throws Exception {
        c.frames++;
        reader.delivered();
        if (workers != null) {
            toWorker(c, framer, frame, bytes);
        } else if (requests != null) {
            direct.begin(c);
            requests.handle(frame, direct);
            direct.finish();
        } else {
            duplex.received(frame, c);
        }
    }

    private void toWorker(SocketConnection c, Framer<F> framer, F frame, int bytes) {
        int charge = WorkerCall.OVERHEAD_BYTES + framer.detachedBytes(frame, bytes);
        if (!reader.pressure.charge(c, charge)) {
            return;
        }
        boolean inTurn = requests == null || framer.yields() == Framer.Yields.PARTS;
        ReplyQueue replies = c.replies();
        WorkerCall<F> call = new WorkerCall<>(this, c, replies.append(), framer.detach(frame), inTurn, charge);
        if (inTurn) {
            replies.callInTurn(call);
        } else {
            call.start();
        }
    }

    /** Whether a connection has nothing more to do once its peer has ended its stream and has got its replies. */
    boolean endsWithInput() {
        return requests != null;
    }

    Executor workers() {
        return workers;
    }

    /** Worker. */
    void call(F frame, SocketConnection c, ReplySlot slot) throws Exception {
        if (requests != null) {
            requests.handle(frame, slot);
        } else {
            duplex.received(frame, c);
        }
    }

    /** A callback has thrown; the framer that was in use then went with it. Returns whether it had sent a part of a reply. */
    boolean forgetCall() {
        boolean torn = direct.isStreaming();
        direct.forget();
        return torn;
    }

    private void refuseIfBad(SocketConnection c, FrameException bad) throws Exception {
        if (bad != null) {
            refuse(c, at -> new CloseReason.BadFrame(at, bad));
        }
    }

    /** Ends the connection with the protocol's words for the reason, behind the replies to what was asked before. */
    void refuse(SocketConnection c, Function<CloseReason.Circumstances, CloseReason> why) throws Exception {
        c.pause(SocketConnection.BY_REFUSAL);
        c.dropInput();
        afterCalls(c, () -> sendRefusal(c, why));
    }

    private void sendRefusal(SocketConnection c, Function<CloseReason.Circumstances, CloseReason> why)
            throws Exception {
        if (!c.state().takesOutput()) {
            return; // ended by a handler meanwhile
        }
        HeapOutput words = new HeapOutput();
        if (!c.outputEnds()) {
            protocol.refuse(c, why.apply(c.circumstances()), words);
        }
        ByteBuffer bytes = words.toBuffer();
        if (c.replies != null) {
            c.replies.append().send(bytes);
        } else {
            reader.outbound.send(c, bytes);
        }
        c.finish(why);
    }

    private static void poison(ByteBuffer in, int start) {
        for (int i = start; i < in.position(); i++) {
            in.put(i, POISON);
        }
    }
}
