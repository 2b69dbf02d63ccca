// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Server;
import dev.sluice.examples.Kv;
import dev.sluice.examples.kv.Store;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the store. It returns once the server listens; the server's threads keep the process alive. */
@Command(description = "Stores strings for the clients of Redis.")
public final class KvCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 6379;

    @Mixin
    private final ServerOptions options = new ServerOptions(DEFAULT_PORT, TopologyName.SINGLE);

    @Option(
            names = "--max-memory",
            paramLabel = "BYTES",
            description = "Most bytes of keys, values and subscriptions, 1024 to half of the heap;"
                    + " what would take more is refused (default: ${DEFAULT-VALUE}).")
    private long maxMemory = 128 << 20;

    @Override
    public Integer call() throws IOException {
        Store store = Kv.store(maxMemory);
        Server server = options.start(endpoint -> Kv.server(endpoint, store));
        System.out.println("listening on " + server.listeners().get(0));
        return 0;
    }
}
