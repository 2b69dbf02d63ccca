// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Clients that hold a {@link Conversation} with a server over and over: each connects, asks a few requests at once, awaits
 * the replies, thinks, asks again, hangs up after a while and comes back. Every byte that they hear is compared with what
 * they must hear. A connection that the simulation itself has cut is no failure; anything else that ends one with replies
 * outstanding is.
 *
 * <pre>{@code
 * RandomClients clients = sim.randomClients(100, server.address(), Conversation.echoedLines(80)).requests(50);
 * sim.runClients(Duration.ofHours(1));
 * }</pre>
 *
 * Settings are for before the run. Confined to the simulation's thread.
 */
public final class RandomClients {
    final World world;
    final InetSocketAddress server;
    final Conversation conversation;
    final ByteBuffer in = ByteBuffer.allocate(4096); // one for all: only one has its turn
    private final List<RandomClient> clients = new ArrayList<>();
    private long requestsEach = Long.MAX_VALUE;
    private int mostAtOnce = 8;
    private long mostThinkingNanos = 1_000_000_000;
    private long patienceNanos = Duration.ofMinutes(15).toNanos();
    private boolean stopped;
    private int firstUndone; // who is done stays so, and this is asked after each turn
    long connections;
    long requests;
    long replies;
    long cuts;

    RandomClients(World world, int number, SocketAddress server, Conversation conversation) {
        if (number < 1) {
            throw new IllegalArgumentException("number of clients: " + number + " is not 1 or more");
        }
        this.world = world;
        this.server = World.target(server);
        this.conversation = conversation;
        SplittableRandom random = world.clients.split();
        for (int i = 0; i < number; i++) {
            clients.add(new RandomClient(this, world.randomClients++, host(i), random.split()));
        }
    }

    // Some thirty hosts, each with several clients.
    private static InetAddress host(int i) {
        return World.host("10.1.0." + (1 + i % 31));
    }

    /** How many requests each of them makes before it is done; by default they never are. */
    public RandomClients requests(long each) {
        if (each < 0) {
            throw new IllegalArgumentException("requests: " + each + " is not 0 or more");
        }
        requestsEach = each;
        return this;
    }

    /** How many requests one of them sends at most before it awaits the replies; by default 8. */
    public RandomClients pipelined(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("pipelined: " + most + " is not 1 or more");
        }
        mostAtOnce = most;
        return this;
    }

    /** How long one of them pauses at most; by default a second. */
    public RandomClients thinking(Duration most) {
        mostThinkingNanos = World.nanos("thinking", most);
        return this;
    }

    /** How long one of them goes on without a byte sent or heard before that is a failure; by default 15 minutes. */
    public RandomClients patience(Duration longest) {
        patienceNanos = World.nanos("patience", longest);
        return this;
    }

    /** From now on none asks anything more; each hangs up once it has its replies. */
    public void stop() {
        stopped = true;
        clients.forEach(RandomClient::wake);
    }

    /** Whether all have made their requests and hung up. */
    public boolean isDone() {
        while (firstUndone < clients.size() && clients.get(firstUndone).isDone()) {
            firstUndone++;
        }
        return firstUndone == clients.size();
    }

    /** How many connections were open, one after the other or at the same time. */
    public long connections() {
        return connections;
    }

    /** How many requests were sent, or begun to be sent. */
    public long requests() {
        return requests;
    }

    /** How many replies came back whole, and right. */
    public long replies() {
        return replies;
    }

    /** How many connections, or attempts at one, were cut by a fault. */
    public long cuts() {
        return cuts;
    }

    // ---- for each client

    boolean mayAsk(long asked) {
        return !stopped && asked < requestsEach;
    }

    int mostAtOnce() {
        return mostAtOnce;
    }

    long patienceNanos() {
        return patienceNanos;
    }

    long thinkingNanos(Chance chance) {
        return mostThinkingNanos == 0 ? 0 : chance.between(0, mostThinkingNanos);
    }

    void start() {
        clients.forEach(RandomClient::wake);
    }
}
