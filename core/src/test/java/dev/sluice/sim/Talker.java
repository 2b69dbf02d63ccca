// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;
import javax.net.ssl.SSLEngine;

/**
 * One end of a connection, on either side, that says a stream of which each byte is known by its place, and gives what it
 * hears to a listener. When, in what pieces, and how it ends is drawn: it may end its stream and read on, stop reading for
 * a while, fall asleep, hang up or reset. Afterwards it tells what became of it.
 */
public final class Talker {
    private static final long LONGEST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_SLEEP_NANOS = 30_000_000_000L;
    private static final int PIECE = 4096;

    private final World world;
    private final Tcp tcp;
    private final SplittableRandom random;
    private final Manners manners;
    private final Actor actor;
    private final Event pause = new Event(this::wake);
    private final ByteBuffer in = ByteBuffer.allocate(PIECE);
    private final ByteBuffer out = ByteBuffer.allocate(PIECE).limit(0);
    private Layer layer;
    private Speech speech;
    private int stepsLeft;
    private boolean finishing;
    private boolean reads = true;
    private boolean inTurn;
    private boolean done;
    private long wanted; // bytes to say
    private long filled; // that were put into out
    private long said;
    private long heard;
    private boolean ended; // its stream, in order
    private boolean heardEnd;
    private boolean reset;
    private IOException lost;

    /** What it says, and who listens for it. */
    public interface Speech {
        /** The byte at that place of its stream. */
        byte at(long offset);

        /** The next bytes of the other's stream have come. */
        void hear(ByteBuffer bytes);
    }

    /**
     * What it is like.
     *
     * @param steps how many steps it takes at most before it finishes in order, some after a nap
     * @param pieces most bytes that are added in a step
     * @param leastBytes what it has to say at least before it ends in order
     * @param unruly one in so many steps hangs up or resets; 0: none
     * @param sleepy one in so many steps stops reading or falls asleep; 0: none
     * @param silent whether it says nothing of its own accord, until told to finish
     * @param deaf whether it doesn't read until told to finish
     */
    public record Manners(
            int steps, int pieces, int leastBytes, int unruly, int sleepy, boolean silent, boolean deaf) {}

    private Talker(Simulation sim, Tcp tcp, String name, SplittableRandom random, Manners manners) {
        this.world = sim.world;
        this.tcp = tcp;
        this.random = random;
        this.manners = manners;
        this.layer = Layer.plain(tcp);
        this.stepsLeft = manners.steps;
        this.reads = !manners.deaf;
        this.actor = new Actor(name, this::turn);
    }

    /** Begins to connect from a host. */
    public static Talker connect(
            Simulation sim,
            String name,
            String host,
            SocketAddress server,
            SplittableRandom random,
            Manners manners,
            Speech speech)
            throws IOException {
        Talker talker = new Talker(sim, new Tcp(sim.world.network, World.host(host)), name, random, manners);
        talker.speech = speech;
        talker.tcp.owner(talker::wake);
        sim.world.network.connect(talker.tcp, World.target(server));
        return talker;
    }

    /** Takes over an accepted end. */
    static Talker of(Simulation sim, Tcp tcp, String name, SplittableRandom random, Manners manners) {
        Talker talker = new Talker(sim, tcp, name, random, manners);
        tcp.owner(talker::wake);
        return talker;
    }

    void begin(Speech newSpeech) {
        speech = newSpeech;
        wake();
    }

    /**
     * Speaks TLS, where it hasn't begun to talk. Bytes are those inside of it, and its end is that of TLS.
     *
     * @param saidInClear what it says before; neither drawn nor counted
     * @param hearsLineInClear whether it hears a line before
     */
    public void secure(SSLEngine engine, byte[] saidInClear, boolean hearsLineInClear) {
        layer = new TlsLayer(tcp, engine, saidInClear, hearsLineInClear);
    }

    // ---- from outside

    /** No more whims: it reads, says the rest, ends its stream and hears the other's end. */
    public void finish() {
        if (!done && stepsLeft > 0) {
            world.timeline.cancel(pause);
        }
        stepsLeft = 0;
        wake();
    }

    /** Resets the connection. */
    public void hangUp() {
        hangUp(true);
    }

    // ---- what became of it

    /** Its own address. */
    public InetSocketAddress local() {
        return tcp.local;
    }

    /** The address that it is connected to. */
    public InetSocketAddress remote() {
        return tcp.remote;
    }

    /** Bytes that its socket has taken. */
    public long said() {
        return said;
    }

    /** Bytes that it has heard. */
    public long heard() {
        return heard;
    }

    /** Whether it has ended its stream in order, behind {@link #said} bytes. */
    public boolean ended() {
        return ended;
    }

    /** Whether it has heard the orderly end of the other's stream. */
    public boolean heardEnd() {
        return heardEnd;
    }

    /** Whether it has reset the connection, or hung up on what it should have read. */
    public boolean hasReset() {
        return reset;
    }

    /** Whether a fault of the network has cut it. */
    public boolean wasCut() {
        return tcp.cutByFault;
    }

    /** What it lost the connection for, or null. */
    public IOException lost() {
        return lost;
    }

    /** Whether it has let go of its socket. */
    public boolean isDone() {
        return done;
    }

    @Override
    public String toString() {
        return actor + " (said " + said + (ended ? " and ended" : "") + ", heard " + heard
                + (heardEnd ? " and the end" : "") + (reset ? ", has reset" : "")
                + (tcp.cutByFault ? ", cut by the network" : "") + (lost != null ? ", lost: " + lost.getMessage() : "")
                + (done ? "" : ", not done") + ")";
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
            step();
        } catch (IOException e) {
            lost = e;
            hangUp(true);
        } finally {
            inTurn = false;
        }
    }

    private void step() throws IOException {
        if (done || !tcp.isConnected() && !tcp.finishConnect()) {
            return;
        }
        layer.goOn();
        if (finishing || stepsLeft <= 0 && !pause.isScheduled()) {
            goTowardsTheEnd();
        }
        if (reads) {
            readAll();
        }
        writeAll();
        if (ended && heardEnd && layer.isFlushed()) {
            hangUp(false);
            return;
        }
        if (!pause.isScheduled() && !done && stepsLeft > 0) {
            stepsLeft--;
            whim();
            if (!done) {
                writeAll();
            }
        }
    }

    private void goTowardsTheEnd() throws IOException {
        if (!finishing && manners.sleepy > 0 && random.nextBoolean()) {
            world.timeline.in(random.nextLong(LONGEST_SLEEP_NANOS), pause);
        }
        finishing = true;
        reads = !pause.isScheduled();
        wanted = Math.max(wanted, manners.leastBytes);
        if (!ended && said == wanted) {
            endOutput();
        }
    }

    private void whim() throws IOException {
        long rest = 1 + random.nextLong(LONGEST_PAUSE_NANOS);
        int draw = random.nextInt(20);
        if (manners.unruly > 0 && random.nextInt(manners.unruly) == 0) {
            hangUp(random.nextInt(4) > 0);
            return;
        } else if (manners.sleepy > 0 && random.nextInt(manners.sleepy) == 0) {
            reads = !reads && !manners.deaf;
            rest = random.nextBoolean() ? rest : random.nextLong(LONGEST_SLEEP_NANOS);
        } else if ((draw == 0 || heardEnd && draw < 5) && !ended && said == wanted && said >= manners.leastBytes) {
            endOutput();
        } else if (draw < 15 && !ended && !manners.silent) {
            wanted += 1 + random.nextInt(random.nextInt(4) == 0 ? manners.pieces : Math.min(100, manners.pieces));
        }
        world.timeline.in(rest, pause);
    }

    private void endOutput() throws IOException {
        ended = true;
        layer.end();
        if (heardEnd && layer.isFlushed()) {
            hangUp(false);
        }
    }

    private void readAll() throws IOException {
        int n = 0;
        while (!heardEnd && (n = layer.read(in.clear())) > 0) {
            heard += n;
            speech.hear(in.flip());
        }
        heardEnd |= n < 0;
    }

    private void writeAll() throws IOException {
        while (said < wanted && !ended && !done) {
            if (!out.hasRemaining()) {
                fill();
            }
            int n = layer.write(out);
            if (n <= 0) {
                return;
            }
            said += n;
        }
        if (!done && finishing && !ended) {
            endOutput();
        }
    }

    private void fill() {
        out.clear();
        while (out.hasRemaining() && filled < wanted) {
            out.put(speech.at(filled++));
        }
        out.flip();
    }

    private void hangUp(boolean abort) {
        if (done) {
            return;
        }
        done = true;
        world.timeline.cancel(pause);
        boolean whole = tcp.isConnected() && !tcp.isHungUp() && !abort && !layer.hasInput();
        whole &= layer.endsWithSocket();
        reset |= lost == null && tcp.isConnected() && !(whole && heardEnd);
        ended |= whole;
        tcp.close(abort);
    }

    /** For how long nobody sleeps longer. */
    public static Duration longestSleep() {
        return Duration.ofNanos(LONGEST_SLEEP_NANOS);
    }
}
