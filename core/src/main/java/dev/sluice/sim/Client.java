// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * A client that follows a script: each method adds a step, and the steps are taken one after the other while the
 * simulation runs.
 *
 * <pre>{@code
 * sim.client("10.0.1.7").connect("10.0.0.1", 7000).send("hello\n").expect("hello\n").close();
 * }</pre>
 *
 * It reads whatever comes as soon as it comes, unless told otherwise, and compares it when it gets to an {@code expect}.
 * A step that can't be taken within the {@linkplain #within limit} fails the simulation, and so does a connection that
 * ends before what is expected has come; but if the simulation itself has cut the connection, by a {@link Fault}, the
 * rest of the script is dropped and {@link #wasCut} is true. Confined to the simulation's thread.
 */
public final class Client {
    private final World world;
    private final InetAddress host;
    private final Actor actor;
    private final Event limit = new Event(this::tooLate);
    private final Event pause = new Event(this::wake);
    private final ArrayDeque<Step> steps = new ArrayDeque<>();
    private byte[] received = new byte[256];
    private int receivedBytes;
    private long limitNanos = Duration.ofMinutes(10).toNanos();
    private int compared;
    private Tcp tcp;
    private boolean connected;
    private boolean reading = true;
    private boolean inTurn;
    private boolean stepBegun;
    private boolean ended;
    private boolean cut;
    private IOException failure;

    Client(World world, String host) {
        this.world = world;
        this.host = World.host(host);
        this.actor = new Actor("client " + host, this::turn);
    }

    /** One thing to do. */
    private record Step(String name, Attempt attempt) {
        interface Attempt {
            /** Returns whether it is done; false to be asked again when something has changed. */
            boolean make() throws IOException;
        }
    }

    // ---- the script

    /** Connects, from this client's host. */
    public Client connect(SocketAddress server) {
        InetSocketAddress to = World.target(server);
        return then("connect", () -> connectTo(to));
    }

    /** Connects, from this client's host. */
    public Client connect(String serverHost, int port) {
        return connect(new InetSocketAddress(World.host(serverHost), port));
    }

    /** Sends one byte for each character, which must be at most U+00FF. */
    public Client send(String text) {
        return send(Text.bytes(text));
    }

    /** Sends; the next step is taken when the socket has taken it all. */
    public Client send(byte[] bytes) {
        ByteBuffer out = ByteBuffer.wrap(bytes.clone());
        return then("send '" + Text.of(bytes) + "'", () -> sendSome(out));
    }

    /** Awaits exactly this, one byte for each character, behind what was expected before. */
    public Client expect(String text) {
        return expect(Text.bytes(text));
    }

    /** Awaits exactly this, behind what was expected before. */
    public Client expect(byte[] bytes) {
        byte[] expected = bytes.clone();
        return then("expect '" + Text.of(expected) + "'", () -> hasCome(expected));
    }

    /** Awaits the end of the server's stream, with nothing in front of it that was not expected. */
    public Client expectEnd() {
        return then("expect the end", this::hasEnded);
    }

    /** Awaits a reset; what came before doesn't matter. */
    public Client expectReset() {
        return then("expect a reset", this::wasReset);
    }

    /** Does nothing for so long. */
    public Client pause(Duration time) {
        long nanos = World.nanos("pause", time);
        boolean[] begun = {false};
        return then("pause", () -> {
            if (!begun[0]) {
                begun[0] = true;
                world.timeline.in(nanos, pause);
                world.timeline.cancel(limit);
            }
            return !pause.isScheduled();
        });
    }

    /** Reads no more, so that the socket's buffers fill up. */
    public Client stopReading() {
        return then("stop reading", () -> {
            reading = false;
            return true;
        });
    }

    /** Reads again. */
    public Client resumeReading() {
        return then("resume reading", () -> {
            reading = true;
            return tcp == null || readAll();
        });
    }

    /** Ends its own stream, and reads on. */
    public Client endOutput() {
        return then("end output", () -> {
            tcp().shutdownOutput();
            return true;
        });
    }

    /** Closes the socket. The kernel resets the server if anything was left unread. */
    public Client close() {
        return then("close", () -> hangUp(false));
    }

    /** Closes the socket with a reset. */
    public Client reset() {
        return then("reset", () -> hangUp(true));
    }

    /** Does something of the test's own. */
    public Client run(Runnable action) {
        return then("run", () -> {
            action.run();
            return true;
        });
    }

    /** How long each of the steps may take that are added from now on; 10 minutes unless set. */
    public Client within(Duration time) {
        long nanos = World.nanos("within", time);
        return then("within", () -> {
            limitNanos = nanos;
            return true;
        });
    }

    private Client then(String name, Step.Attempt attempt) {
        steps.add(new Step(name, attempt));
        wake();
        return this;
    }

    // ---- what has come of it

    /** Whether all steps were taken, or dropped because the connection was cut. */
    public boolean isDone() {
        return steps.isEmpty();
    }

    /** Whether a fault cut the connection before the script was through. */
    public boolean wasCut() {
        return cut;
    }

    /** All bytes that have come, compared or not. */
    public byte[] received() {
        return Arrays.copyOf(received, receivedBytes);
    }

    // ---- taking the steps

    void wake() {
        if (!inTurn) {
            world.scheduler.wake(actor);
        }
    }

    private void turn() {
        inTurn = true;
        try {
            if (connected && reading && failure == null && !ended) {
                readAll();
            }
            takeSteps();
        } finally {
            inTurn = false;
        }
    }

    private void takeSteps() {
        while (!steps.isEmpty() && !cut) {
            Step step = steps.peek();
            if (!stepBegun) {
                stepBegun = true;
                world.timeline.in(limitNanos, limit);
            }
            try {
                if (!step.attempt.make()) {
                    return;
                }
            } catch (IOException e) {
                lost(step, e);
                return;
            }
            stepBegun = false;
            world.timeline.cancel(limit);
            steps.poll();
        }
    }

    private boolean connectTo(InetSocketAddress to) throws IOException {
        if (connected) {
            throw new IOException("it is connected already; close() or reset() first");
        }
        if (tcp == null) {
            tcp = new Tcp(world.network, host);
            tcp.owner(this::wake);
            connected = false;
            ended = false;
            failure = null;
            world.network.connect(tcp, to);
        }
        connected = tcp.finishConnect();
        return connected;
    }

    private Tcp tcp() throws IOException {
        if (tcp == null) {
            throw new IOException("not connected");
        }
        return tcp;
    }

    private boolean sendSome(ByteBuffer out) throws IOException {
        while (out.hasRemaining() && tcp().write(out) > 0) {
            // until the socket takes no more
        }
        return !out.hasRemaining();
    }

    private boolean hasCome(byte[] expected) throws IOException {
        int n = Math.min(receivedBytes - compared, expected.length);
        if (Arrays.mismatch(received, compared, compared + n, expected, 0, n) >= 0) {
            throw new AssertionError(this + " expected '" + Text.of(expected) + "' and got '" + rest() + "'");
        }
        if (n < expected.length) {
            throwIfOver();
            return false;
        }
        compared += n;
        return true;
    }

    private void throwIfOver() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (ended) {
            throw new IOException("the server has ended its stream");
        }
    }

    private boolean hasEnded() throws IOException {
        if (receivedBytes > compared) {
            throw new AssertionError(this + " expected the end and got '" + rest() + "'");
        }
        if (failure != null) {
            throw failure;
        }
        return ended;
    }

    private boolean wasReset() throws IOException {
        if (ended) {
            throwIfOver();
        }
        return failure != null;
    }

    private boolean hangUp(boolean abort) throws IOException {
        tcp().close(abort);
        tcp = null;
        connected = false;
        return true;
    }

    private boolean readAll() {
        try {
            int n;
            while ((n = tcp.read(world.chunk.clear())) > 0) {
                hear(world.chunk.flip());
            }
            ended |= n < 0;
        } catch (IOException e) {
            failure = e;
        }
        return true;
    }

    private void hear(ByteBuffer in) {
        int n = in.remaining();
        if (received.length - receivedBytes < n) {
            received = Arrays.copyOf(received, Math.max(2 * received.length, receivedBytes + n));
        }
        in.get(received, receivedBytes, n);
        receivedBytes += n;
    }

    private String rest() {
        return Text.of(Arrays.copyOfRange(received, compared, receivedBytes));
    }

    private void lost(Step step, IOException e) {
        world.timeline.cancel(limit);
        if (tcp == null || !tcp.cutByFault) {
            throw new AssertionError(
                    this + " could not " + step.name + ", '" + rest() + "' had come: " + e.getMessage(), e);
        }
        cut = true;
        steps.clear();
        tcp.close(true);
        tcp = null;
        connected = false;
    }

    private void tooLate() {
        throw new AssertionError(this + " could not " + steps.peek().name + " within " + Duration.ofNanos(limitNanos)
                + "; '" + rest() + "' had come");
    }

    @Override
    public String toString() {
        return actor.toString();
    }
}
