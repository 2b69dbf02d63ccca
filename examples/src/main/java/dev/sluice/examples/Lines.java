// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import java.io.IOException;

/**
 * Sends each line back once it is complete. A line ends with LF or CR LF, and comes back with LF. Try it with
 * {@code nc 127.0.0.1 7001}.
 */
public final class Lines {
    private Lines() {}

    /** A server that echoes lines, still to be started. */
    public static Server.Builder server(Endpoint endpoint) {
        return Server.builder()
                .listen(endpoint, Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF)));
    }

    /** Listens on the port that is the first argument, or on 7001. */
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 7001;
        Server server = server(Endpoint.tcp("127.0.0.1", port)).start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // SIGTERM and SIGINT: what is owed is sent
        System.out.println("listening on " + server.listeners().get(0));
    }
}
