// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.SplittableRandom;

/** One of {@link RandomClients}: an actor on a socket of the simulated kernel. */
final class RandomClient {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int MOST_BURSTS = 50;
    private static final long NEVER_READS_NANOS = 60_000_000_000L;

    /** What it is about to do with its connection. */
    private enum Mood {
        /** Ask, await, ask again. */
        TALKS,
        /** Await what it has asked, and the end: it has ended its own stream. */
        AWAITS_END,
        /** Send, never read, and hang up. */
        NEVER_READS
    }

    private final RandomClients all;
    private final World world;
    private final int number;
    private final InetAddress host;
    private final SplittableRandom requests;
    private final Chance chance;
    private final String ofMe;
    private final Actor actor;
    private final Event patience = new Event(this::lostPatience);
    private final Event pause = new Event(this::goOn);
    private final ArrayDeque<byte[]> expected = new ArrayDeque<>();
    private ByteBuffer out = NOTHING;
    private int expectedOffset;
    private Tcp tcp;
    private Mood mood = Mood.TALKS;
    private boolean connected;
    private boolean inTurn;
    private boolean endsOutput;
    private boolean hangsUp;
    private long asked;
    private long lastProgress;
    private int burstsLeft;
    private boolean done;

    /** What it does is drawn from {@code random}, which is its own: who is left out changes nothing for the others. */
    RandomClient(RandomClients all, int number, InetAddress host, SplittableRandom random) {
        this.all = all;
        this.world = all.world;
        this.requests = random.split();
        this.chance = new Chance(random);
        this.number = number;
        this.host = host;
        this.ofMe = " of random client " + number;
        this.actor = new Actor(toString(), this::turn);
    }

    boolean isDone() {
        return done;
    }

    void wake() {
        if (!done && !inTurn) {
            world.scheduler.wake(actor);
        }
    }

    private void goOn() {
        if (mood == Mood.NEVER_READS) {
            tcp.close(true);
            dropConnection();
        }
        wake();
    }

    private void turn() {
        inTurn = true;
        try {
            if (tcp == null) {
                if (!pause.isScheduled() || !all.mayAsk(asked)) {
                    connect();
                }
            } else if (connected || tcp.finishConnect()) {
                opened();
                talk();
            }
        } catch (IOException e) {
            lost(e);
        } finally {
            inTurn = false;
        }
    }

    private void connect() throws IOException {
        if (!all.mayAsk(asked) || asked == 0 && !world.happenings.mayHappen("random client", number)) {
            done = true;
            world.timeline.cancel(pause);
            return;
        }
        tcp = new Tcp(world.network, host);
        tcp.owner(this::wake);
        world.network.connect(tcp, all.server);
    }

    private void opened() {
        if (connected) {
            return;
        }
        connected = true;
        all.connections++;
        burstsLeft = 1 + chance.below(MOST_BURSTS);
        if (world.dice.hits(Fault.NEVER_READS)) {
            mood = Mood.NEVER_READS;
            world.timeline.in(chance.between(1, NEVER_READS_NANOS), pause);
        }
    }

    // ---- talking

    private void talk() throws IOException {
        if (mood != Mood.NEVER_READS && !readAll()) {
            return;
        }
        if (!send()) {
            return;
        }
        if (out.hasRemaining() || pause.isScheduled() && mood == Mood.TALKS) {
            if (mood == Mood.TALKS && pause.isScheduled() && !all.mayAsk(asked)) {
                world.timeline.cancel(pause);
                hangUp();
            }
            return;
        }
        if (mood == Mood.NEVER_READS) {
            if (all.mayAsk(asked)) {
                ask();
                send();
            }
        } else if (mood == Mood.TALKS && expected.isEmpty()) {
            if (burstsLeft-- > 0 && all.mayAsk(asked)) {
                ask();
                if (send()) {
                    think(); // if nothing has to come
                }
            } else {
                hangUp();
            }
        }
    }

    private void ask() {
        int burst = 1 + chance.below(all.mostAtOnce());
        ByteBuffer[] wire = new ByteBuffer[burst];
        int bytes = 0;
        int n = 0;
        for (int i = 0; i < burst && all.mayAsk(asked) && !endsOutput && !hangsUp; i++) {
            Conversation.Exchange exchange = all.conversation.next(requests);
            asked++;
            if (!world.happenings.mayHappen("request", asked, ofMe)) {
                continue;
            }
            wire[n] = ByteBuffer.wrap(exchange.request());
            bytes += wire[n++].remaining();
            all.requests++;
            if (mood == Mood.TALKS) {
                expected.add(exchange.reply());
                hangsUp = world.dice.hits(Fault.FIN);
                endsOutput = !hangsUp && world.dice.hits(Fault.HALF_CLOSE);
            }
        }
        out = ByteBuffer.allocate(bytes);
        for (int i = 0; i < n; i++) {
            out.put(wire[i]);
        }
        out.flip();
        lastProgress = world.timeline.now();
        world.timeline.in(all.patienceNanos(), patience);
    }

    /** Returns false if the connection is no more. */
    private boolean send() throws IOException {
        while (out.hasRemaining() && tcp.write(out) > 0) {
            lastProgress = world.timeline.now();
        }
        if (!out.hasRemaining() && hangsUp) {
            hangUp();
            return false;
        }
        if (!out.hasRemaining() && endsOutput && mood == Mood.TALKS) {
            mood = Mood.AWAITS_END;
            tcp.shutdownOutput();
        }
        return true;
    }

    /** Returns false if the connection is no more. */
    private boolean readAll() throws IOException {
        int n;
        while ((n = tcp.read(all.in.clear())) > 0) {
            hear(all.in.flip());
        }
        if (n < 0) {
            ended();
            return false;
        }
        return true;
    }

    private void hear(ByteBuffer bytes) {
        lastProgress = world.timeline.now();
        while (bytes.hasRemaining()) {
            byte[] reply = expected.peek();
            if (reply == null) {
                throw new AssertionError(this + " heard '" + Text.of(bytes) + "' and had asked nothing");
            }
            if (expectedOffset < reply.length) {
                byte b = bytes.get();
                if (b != reply[expectedOffset]) {
                    throw new AssertionError(this + " heard '" + Text.of(bytes.position(bytes.position() - 1))
                            + "' where the reply '" + Text.of(ByteBuffer.wrap(reply)) + "' must go on at "
                            + expectedOffset);
                }
                expectedOffset++;
            }
            skipWhole();
        }
        think();
    }

    /** With all replies there it thinks for a while, and goes on. */
    private void think() {
        skipWhole();
        if (expected.isEmpty() && mood == Mood.TALKS) {
            world.timeline.cancel(patience);
            world.timeline.in(Math.max(1, all.thinkingNanos(chance)), pause);
        }
    }

    private void skipWhole() {
        while (!expected.isEmpty() && expectedOffset == expected.peek().length) {
            expected.poll();
            expectedOffset = 0;
            all.replies++;
        }
    }

    // ---- ends

    private void ended() {
        skipWhole();
        if (!expected.isEmpty() && !tcp.cutByFault) {
            throw new AssertionError(this + " was hung up on with " + expected.size() + " replies outstanding");
        }
        hangUp();
    }

    private void hangUp() {
        tcp.close(mood == Mood.NEVER_READS);
        dropConnection();
        rest();
    }

    private void lost(IOException e) {
        boolean timedOut = e instanceof ConnectException && e.getMessage().contains("timed out");
        if (!tcp.cutByFault && !timedOut && mood != Mood.NEVER_READS) {
            throw new AssertionError(
                    this + (connected ? " lost its connection with " : " could not connect, with ") + expected.size()
                            + " replies outstanding: " + e.getMessage(),
                    e);
        }
        all.cuts++;
        tcp.close(true);
        dropConnection();
        rest();
    }

    private void dropConnection() {
        tcp = null;
        connected = false;
        mood = Mood.TALKS;
        endsOutput = false;
        hangsUp = false;
        expected.clear();
        expectedOffset = 0;
        out = NOTHING;
        world.timeline.cancel(patience);
        world.timeline.cancel(pause);
    }

    private void rest() {
        world.timeline.in(Math.max(1, all.thinkingNanos(chance)), pause);
        if (!all.mayAsk(asked)) {
            world.scheduler.wake(actor);
        }
    }

    private void lostPatience() {
        long left = lastProgress + all.patienceNanos() - world.timeline.now();
        if (left > 0) {
            world.timeline.in(left, patience);
        } else if (mood != Mood.NEVER_READS) {
            throw new AssertionError(
                    this + " awaits " + (expected.isEmpty() ? "the end" : expected.size() + " replies") + " in vain");
        }
    }

    @Override
    public String toString() {
        return "random client " + number + " on " + host.getHostAddress();
    }
}
