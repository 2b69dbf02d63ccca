// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Deadlines;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.examples.kv.KvProtocol;
import dev.sluice.examples.kv.Store;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A store that Redis' clients can use: strings that may expire, and channels to publish on. Try it with {@code redis-cli},
 * {@code redis-benchmark}, or {@code nc 127.0.0.1 6379} and {@code SET k v}. It answers as Redis 7.0 does, error texts
 * included; it has one database, keeps nothing on disk, and forgets nothing to make room: when it is full it says so.
 *
 * <p>The one-thread topology suits it best, as commands run one at a time anyway; with others they take turns.
 */
public final class Kv {
    private static final long SWEEP_EVERY_MILLIS = 100;
    private static final long DEFAULT_MAX_BYTES = 128 << 20;

    /** Redis' clients keep connections in store, and subscribers wait for as long as nobody publishes. */
    private static final Deadlines PATIENT =
            Deadlines.defaults().withFirstByte(Deadlines.LONGEST).withIdle(Deadlines.LONGEST);

    private Kv() {}

    /** A server of a store, still to be started. */
    public static Server.Builder server(Endpoint endpoint, Store store) {
        return Server.builder()
                .listen(endpoint, new KvProtocol(store))
                .topology(Topology.singleThread())
                .deadlines(PATIENT);
    }

    /**
     * A store with the machine's clock and a secret of its own, whose expired keys are swept away every tenth of a second
     * for as long as the process lives.
     *
     * @param maxBytes most bytes that keys, values and subscriptions take; 1,024 to half of the heap
     * @throws IllegalArgumentException if {@code maxBytes} is out of range
     */
    public static Store store(long maxBytes) {
        long most = Runtime.getRuntime().maxMemory() / 2;
        if (maxBytes < 1024 || maxBytes > most) {
            throw new IllegalArgumentException("max-memory: " + maxBytes + " is not within 1024 to " + most
                    + ", half of the heap; raise that with -Xmx");
        }
        Store store = new Store(maxBytes, System::currentTimeMillis, new SecureRandom().nextLong());
        ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "kv-sweeper");
            thread.setDaemon(true);
            return thread;
        });
        sweeper.scheduleWithFixedDelay(store::sweep, SWEEP_EVERY_MILLIS, SWEEP_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        return store;
    }

    /** Listens on the port that is the first argument, or on 6379. */
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 6379;
        Server server = server(Endpoint.tcp("127.0.0.1", port), store(DEFAULT_MAX_BYTES))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // SIGTERM and SIGINT: what is owed is sent
        System.out.println("listening on " + server.listeners().get(0));
    }
}
