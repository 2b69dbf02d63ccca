// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import dev.sluice.Environment;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * The same connections without the library: accepted from the same simulated network, configured and registered with a
 * selector, and nothing more. What the server holds beyond this is the library's, whatever classes it is of.
 */
final class Bare {
    private final Simulation sim = Simulation.seed(1).keepEvents(0).build();
    private final SimulatedClients clients;
    private final Selector selector;
    private final ServerSocketChannel listener;
    private volatile int accepted;

    Bare(int connections) throws IOException {
        Environment environment = sim.environment();
        selector = environment.selectorProvider().openSelector();
        listener = environment.selectorProvider().openServerSocketChannel();
        listener.configureBlocking(false);
        listener.bind(new InetSocketAddress("10.0.0.1", 7000), 4096);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        clients = new SimulatedClients(sim, listener.getLocalAddress(), connections);
    }

    void accept(int number) throws IOException {
        while (accepted < number) {
            int batch = Math.min(SimulatedClients.AT_ONCE, number - accepted);
            clients.connect(batch);
            int goal = accepted + batch;
            while (accepted < goal) {
                sim.run(Duration.ofMillis(1));
                acceptAll();
            }
            clients.checkConnected(batch);
        }
    }

    private void acceptAll() throws IOException {
        selector.selectNow(key -> {});
        for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ);
            accepted++;
        }
    }

    /** How many are accepted, for progress. */
    int accepted() {
        return accepted;
    }
}
