// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import dev.sluice.AcceptError;
import dev.sluice.Acceptor;
import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.Reply;
import dev.sluice.RequestProtocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import dev.sluice.WhenFull;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import dev.sluice.frame.Output;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The process that {@link Descriptors} measures: it echoes lines, and refuses with the word {@code full}. It says
 * {@code listening PORT}, answers each line with its counts, and ends with its input.
 */
public final class ScarceServer {
    private ScarceServer() {}

    /** Argument: the outcome for those for whom there is no descriptor. */
    public static void main(String[] args) throws Exception {
        Server server = Server.builder()
                .topology(Topology.acceptorAndReaders(1))
                .limits(Limits.defaults().withWhenFull(WhenFull.valueOf(args[0])))
                .listen(Endpoint.tcp("127.0.0.1", 0), new Echo())
                .start();
        System.out.println("listening " + server.port());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            Acceptor acceptor = server.acceptors().get(0);
            System.out.println(server.connections()
                    + " " + acceptor.errors(AcceptError.DESCRIPTORS_OF_PROCESS)
                    + " " + acceptor.refused(CloseReason.Cause.DESCRIPTORS)
                    + " " + server.closed().get(CloseReason.Kind.EVICTED));
        }
        server.close();
    }

    private static final class Echo implements RequestProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void handle(ByteBuffer line, Reply reply) {
            reply.send(line, LineEncoder.LF);
        }

        @Override
        public void refuse(Connection connection, CloseReason reason, Output out) {
            out.put(ByteBuffer.wrap("full\n".getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
