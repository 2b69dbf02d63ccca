// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A client that does what its script draws, step after step, in any order and at any time: sends, stops reading, hangs up,
 * resets, comes back. The server must echo: whatever is heard has to be what was sent, from the first byte on and without
 * a gap. An end that {@code mayEnd} doesn't allow is a failure, and so are replies that are missing at such an end.
 */
public final class RoughClient {
    private static final long LONGEST_PAUSE_NANOS = 200_000_000;
    private static final long SLEEP_NANOS = 120_000_000_000L;
    private static final int HOSTS = 9;

    private final World world;
    private final InetSocketAddress server;
    private final SplittableRandom random;
    private final Consumer<RoughClient> script;
    private final BooleanSupplier mayEnd;
    private final Fates fates;
    private final InetAddress host;
    private final Actor actor;
    private final Event pause = new Event(this::wake);
    private final ByteBuffer in = ByteBuffer.allocate(3000);
    private byte[] sent = new byte[1024];
    private int accepted; // by the script
    private int written; // by the socket
    private int heard;
    private int actionsLeft;
    private Tcp tcp; // null between connections
    private int wordsHeard; // of a refusal
    private boolean reads;
    private boolean sleeps;
    private boolean endedOutput;
    private boolean inTurn;
    private boolean done;
    private long heardInAll;
    private final int number;
    private final List<Tcp> ends = new ArrayList<>(); // of all its connections, both of each
    private TcpState lastState;
    private TcpState lastPeerState;
    private int steps;

    /** The addresses of a connection. */
    public record Ends(SocketAddress client, SocketAddress server) {}

    /** Whom the server has not let in, or has thrown out. */
    public interface Fates {
        /** Whether it was told that it isn't let in: then it hears that, and nothing else. */
        boolean isRefused(Ends ends);

        /** Whether it was thrown out, with nothing in flight. */
        boolean isEvicted(Ends ends);

        /** Compares what a refused client hears, of which it has heard {@code before} bytes; returns how many it has now. */
        int hearWords(ByteBuffer heard, int before);
    }

    /**
     * Begins at once.
     *
     * @param script takes one step each time that it is called
     * @param mayEnd whether the server may end connections as it likes now
     * @param fates what the server says that it did to clients
     */
    public RoughClient(
            Simulation sim,
            int number,
            SocketAddress server,
            SplittableRandom random,
            int actions,
            Consumer<RoughClient> script,
            BooleanSupplier mayEnd,
            Fates fates) {
        this.world = sim.world;
        this.number = number;
        this.server = World.target(server);
        this.random = random;
        this.actionsLeft = actions;
        this.script = script;
        this.mayEnd = mayEnd;
        this.fates = fates;
        this.host = World.host("10.2.0." + (1 + number % HOSTS));
        this.actor = new Actor("rough client " + number, this::turn);
        wake();
    }

    // ---- for the script

    /** Where the script's randomness comes from. */
    public SplittableRandom random() {
        return random;
    }

    /** Sends a request that is answered with itself. */
    public void send(byte[] request) {
        if (tcp == null || endedOutput) {
            return;
        }
        if (accepted + request.length > sent.length) {
            sent = Arrays.copyOf(sent, 2 * (accepted + request.length));
        }
        System.arraycopy(request, 0, sent, accepted, request.length);
        accepted += request.length;
    }

    /** Ends its own stream, and reads to the end of the server's. Does nothing while something is still to be sent. */
    public void endOutput() throws IOException {
        if (tcp != null && !endedOutput && written == accepted) {
            endedOutput = true;
            reads = true;
            tcp.shutdownOutput();
        }
    }

    /** Hangs up. */
    public void hangUp(boolean reset) {
        if (tcp != null) {
            tcp.close(reset);
            tcp = null;
        }
    }

    /** Hangs up in order if all was answered, so that nobody sees a reset. */
    public void hangUpIfAnswered() {
        if (heard == accepted) {
            hangUp(false);
        }
    }

    /** The IP address that it connects from. */
    public String host() {
        return host.getHostAddress();
    }

    /** Reads no more, or reads again. */
    public void toggleReading() {
        reads = !reads || endedOutput;
    }

    /** Neither reads nor does anything else for two minutes; what it has sent before is under way. */
    public void fallAsleep() {
        reads = false;
        sleeps = true;
    }

    /** Takes no more steps, and hangs up. */
    public void stop() {
        actionsLeft = 0;
        wake();
    }

    // ---- for the test

    /** Whether it has hung up for good. */
    public boolean isDone() {
        return done;
    }

    /** How many bytes it has heard, all of them right. */
    public long heard() {
        return heardInAll;
    }

    /** Both ends of each of its connections must be in a state that TCP lets them stay in for ever. */
    public void atTheEnd() {
        for (Tcp end : ends) {
            // Linux drops a closed socket whose peer has vanished after a minute (net.ipv4.tcp_fin_timeout).
            boolean isOrphan = end.isClosed() && end.state() == TcpState.FIN_WAIT_2 && end.peer.isHungUp();
            if (!end.state().isFinal() && !isOrphan) {
                throw new AssertionError(end + " is left in " + end.state() + ", its peer in " + end.peer.state());
            }
        }
    }

    // ---- turns

    private void wake() {
        if (!done && !inTurn) {
            world.scheduler.wake(actor);
        }
    }

    private void turn() {
        inTurn = true;
        try {
            lookAtStates();
            step();
        } catch (IOException e) {
            lost(e);
        } finally {
            inTurn = false;
        }
    }

    /** Whatever server and network do, no end goes where TCP has no way to. */
    private void lookAtStates() {
        if (tcp == null || tcp.peer == null) {
            return;
        }
        if (ends.isEmpty() || ends.get(ends.size() - 1) != tcp) {
            ends.add(tcp.peer);
            ends.add(tcp);
            lastState = TcpState.SYN_SENT;
            lastPeerState = TcpState.SYN_RECEIVED;
        }
        lastState = next(tcp, lastState);
        lastPeerState = next(tcp.peer, lastPeerState);
    }

    private static TcpState next(Tcp end, TcpState before) {
        TcpState now = end.state();
        if (!before.mayBecome(now)) {
            throw new AssertionError(end + " was in " + before + " and is in " + now);
        }
        return now;
    }

    private void step() throws IOException {
        if (steps == 0 && !world.happenings.mayHappen("rough client", number)) {
            actionsLeft = 0;
        }
        steps++;
        if (actionsLeft <= 0 && !(tcp != null && endedOutput && !pause.isScheduled())) {
            hangUp(random.nextBoolean());
            done = true;
            world.timeline.cancel(pause);
            return;
        }
        if (tcp == null) {
            connectUnlessPausing();
            return;
        }
        if (!tcp.isConnected() && !tcp.finishConnect()) {
            return;
        }
        if (!readAll()) {
            return;
        }
        writeAll();
        if (pause.isScheduled()) {
            return;
        }
        if (--actionsLeft >= 0) {
            if (world.happenings.mayHappen("step", steps, " of rough client " + number)) {
                script.accept(this);
            }
        } else if (endedOutput) {
            hangUp(true);
        }
        if (tcp != null) {
            writeAll();
        }
        rest();
    }

    private void connectUnlessPausing() throws IOException {
        if (pause.isScheduled()) {
            return;
        }
        actionsLeft--;
        accepted = 0;
        written = 0;
        heard = 0;
        wordsHeard = 0;
        reads = true;
        endedOutput = false;
        tcp = new Tcp(world.network, host);
        tcp.owner(this::wake);
        world.network.connect(tcp, server);
    }

    private void rest() {
        world.timeline.in(sleeps ? SLEEP_NANOS : 1 + random.nextLong(LONGEST_PAUSE_NANOS), pause);
        sleeps = false;
    }

    private void writeAll() throws IOException {
        while (written < accepted) {
            int n = tcp.write(ByteBuffer.wrap(sent, written, accepted - written));
            if (n <= 0) {
                break;
            }
            written += n;
        }
    }

    /** Returns false if the connection is no more. */
    private boolean readAll() throws IOException {
        if (!reads) {
            return true;
        }
        int n;
        while ((n = tcp.read(in.clear())) > 0) {
            hear(in.flip());
        }
        if (n == 0) {
            return true;
        }
        if (!tcp.cutByFault && !mayEndNow() && !(endedOutput && heard == accepted)) {
            throw new AssertionError(actor + " was hung up on with " + missing());
        }
        hangUp(false);
        rest();
        return false;
    }

    private void hear(ByteBuffer bytes) {
        heardInAll += bytes.remaining();
        if (fates.isRefused(ends())) {
            wordsHeard = fates.hearWords(bytes, wordsHeard);
            return;
        }
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            if (heard == written || b != sent[heard]) {
                throw new AssertionError(actor + " heard '" + Text.of(bytes.position(bytes.position() - 1))
                        + "' where '" + Text.of(ByteBuffer.wrap(sent, heard, written - heard)) + "' must come");
            }
            heard++;
        }
    }

    private void lost(IOException e) {
        boolean neverOpen = tcp != null && !tcp.isConnected();
        if (tcp != null && !tcp.cutByFault && !neverOpen && !mayEndNow()) {
            throw new AssertionError(actor + " lost its connection with " + missing(), e);
        }
        hangUp(true);
        rest();
    }

    private Ends ends() {
        return new Ends(tcp.local, tcp.remote);
    }

    private boolean mayEndNow() {
        return mayEnd.getAsBoolean() || fates.isRefused(ends()) || fates.isEvicted(ends());
    }

    private String missing() {
        return accepted - heard + " of " + accepted + " bytes unanswered";
    }
}
