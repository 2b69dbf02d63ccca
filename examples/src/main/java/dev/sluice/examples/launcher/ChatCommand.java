// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Server;
import dev.sluice.examples.Chat;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the chat. It returns once the server listens; the server's threads keep the process alive. */
@Command(description = "Sends everything that is said to all.")
public final class ChatCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 7003;

    @Mixin
    private final ServerOptions options = new ServerOptions(DEFAULT_PORT);

    @Option(
            names = "--slow",
            paramLabel = "POLICY",
            description = "What becomes of who reads too slowly: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Chat.SlowReader slow = Chat.SlowReader.SKIP;

    @Override
    public Integer call() throws IOException {
        Server server = options.start(endpoint -> Chat.server(endpoint, slow));
        System.out.println("listening on " + server.listeners().get(0));
        return 0;
    }
}
