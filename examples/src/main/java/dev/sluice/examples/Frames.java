// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.frame.Encoder;
import dev.sluice.frame.LengthField;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sends each frame back once it is complete. A frame is its length, four bytes with the most significant one first, and
 * as many bytes as that says: {@code 00 00 00 02 'h' 'i'}.
 */
public final class Frames {
    private static final LengthField LENGTH = LengthField.bytes(4);
    private static final Encoder<ByteBuffer> ENCODER = LENGTH.encoder();

    private Frames() {}

    /** A server that echoes frames, still to be started. */
    public static Server.Builder server(Endpoint endpoint) {
        return Server.builder()
                .listen(endpoint, Protocol.of(LENGTH.framing(), (frame, reply) -> reply.send(frame, ENCODER)));
    }

    /** Listens on the port that is the first argument, or on 7002. */
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 7002;
        Server server = server(Endpoint.tcp("127.0.0.1", port)).start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // SIGTERM and SIGINT: what is owed is sent
        System.out.println("listening on " + server.listeners().get(0));
    }
}
