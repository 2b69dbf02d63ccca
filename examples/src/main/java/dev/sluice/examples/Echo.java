// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.frame.RawFramer;
import java.io.IOException;

/** Sends every byte back as it comes. Try it with {@code nc 127.0.0.1 7000}. */
public final class Echo {
    private Echo() {}

    /** A server that echoes bytes, still to be started. */
    public static Server.Builder server(Endpoint endpoint) {
        return Server.builder().listen(endpoint, Protocol.of(RawFramer::new, (bytes, reply) -> reply.send(bytes)));
    }

    /** Listens on the port that is the first argument, or on 7000. */
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 7000;
        Server server = server(Endpoint.tcp("127.0.0.1", port)).start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // SIGTERM and SIGINT: what is owed is sent
        System.out.println("listening on " + server.listeners().get(0));
    }
}
