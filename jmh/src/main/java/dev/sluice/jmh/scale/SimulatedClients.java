// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.SplittableRandom;

/** Clients that are a simulated channel each and nothing else, so that the heap holds a million. */
final class SimulatedClients {
    /** How many have something under way at the same time. */
    static final int AT_ONCE = 64;

    private static final int CLIENTS_PER_HOST = 20_000; // a host has some 28,000 ports to connect from
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Simulation sim;
    private final SocketAddress server;
    private final SocketChannel[] channels;
    private final SplittableRandom random = new SplittableRandom(1);
    private final SocketChannel[] asked = new SocketChannel[AT_ONCE];
    private final ByteBuffer one = ByteBuffer.allocate(1);
    private SelectorProvider host;
    private int connected;

    SimulatedClients(Simulation sim, SocketAddress server, int most) {
        this.sim = sim;
        this.server = server;
        this.channels = new SocketChannel[most];
    }

    int connected() {
        return connected;
    }

    void connect(int number) throws IOException {
        for (int i = 0; i < number; i++) {
            if (connected % CLIENTS_PER_HOST == 0) {
                int n = connected / CLIENTS_PER_HOST;
                host = sim.environment("10.1." + n / 250 + "." + (1 + n % 250)).selectorProvider();
            }
            SocketChannel channel = host.openSocketChannel();
            channel.configureBlocking(false);
            channel.connect(server);
            channels[connected++] = channel;
        }
    }

    /** Checks that the last {@code number} are connected. */
    void checkConnected(int number) throws IOException {
        for (int i = connected - number; i < connected; i++) {
            if (!channels[i].finishConnect()) {
                throw new IllegalStateException("client " + i + " is not connected");
            }
        }
    }

    /** Sends a byte on {@code number} connections drawn at random, at most {@link #AT_ONCE}, and awaits it back on each. */
    void ask(int number) throws IOException {
        int share = connected / number;
        for (int i = 0; i < number; i++) {
            asked[i] = channels[i * share + random.nextInt(share)]; // none twice
            asked[i].write(one.clear());
        }
        for (int i = 0; i < number; i++) {
            SocketChannel client = asked[i];
            sim.runUntil("the echo has come", () -> hears(client), LIMIT);
        }
    }

    private boolean hears(SocketChannel client) {
        try {
            return client.read(one.clear()) == 1;
        } catch (IOException e) {
            throw new IllegalStateException("a client lost its connection", e);
        }
    }

    void close() throws IOException {
        for (int i = 0; i < connected; i++) {
            channels[i].close();
            channels[i] = null;
        }
        sim.run(Duration.ofSeconds(1));
        if (sim.openSockets() != 0) {
            throw new IllegalStateException(sim.openSockets() + " sockets are still open");
        }
    }
}
