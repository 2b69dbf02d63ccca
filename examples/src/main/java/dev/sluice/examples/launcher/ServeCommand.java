// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs one of the example servers. It returns once the server listens; the server's threads keep the process alive. */
@Command
public final class ServeCommand implements Callable<Integer> {
    private final Function<Endpoint, Server.Builder> example;

    @Mixin
    private final ServerOptions options;

    /** A command for one example. */
    public ServeCommand(int defaultPort, Function<Endpoint, Server.Builder> example) {
        this.example = example;
        this.options = new ServerOptions(defaultPort);
    }

    /** The same with TLS. */
    public ServeCommand withTls() {
        options.requireTls();
        return this;
    }

    /** The same with TLS that begins where the protocol says so. */
    public ServeCommand withStartTls() {
        options.requireStartTls();
        return this;
    }

    @Override
    public Integer call() throws IOException {
        Server server = options.start(example);
        System.out.println("listening on " + server.listeners().get(0));
        return 0;
    }
}
