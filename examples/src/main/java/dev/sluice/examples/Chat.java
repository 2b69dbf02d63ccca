// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.AfterGoodbye;
import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Deadlines;
import dev.sluice.DuplexProtocol;
import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Everything said goes to all. Try it with several {@code nc 127.0.0.1 7003}. Who reads more slowly than the others talk is
 * left out of some lines, or is dropped; what waits for anybody is bounded either way.
 */
public final class Chat implements DuplexProtocol<ByteBuffer> {
    /** What becomes of a member who doesn't read fast enough. */
    public enum SlowReader {
        /** Lines are left out for them, and they are told how many once there is room again. */
        SKIP,
        /** They are disconnected. */
        DROP
    }

    /** More than this waiting for a member makes them slow. */
    private static final int SLOW_BYTES = 64 * 1024;

    private static final int LINE_BYTES = 4096;

    /** Who only listens may do so for as long as they like. */
    private static final Deadlines FOR_LISTENERS =
            Deadlines.defaults().withFirstByte(Deadlines.LONGEST).withIdle(Deadlines.LONGEST);

    private record Member(Connection connection, AtomicInteger leftOut) {}

    private final SlowReader slowReader;
    private final Map<Long, Member> members = new ConcurrentSkipListMap<>(); // Readers come and go at the same time

    private Chat(SlowReader slowReader) {
        this.slowReader = slowReader;
    }

    /** A server of one room, still to be started. */
    public static Server.Builder server(Endpoint endpoint, SlowReader slowReader) {
        return Server.builder().listen(endpoint, new Chat(slowReader)).deadlines(FOR_LISTENERS);
    }

    @Override
    public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
        return new LineFramer(Math.min(maxFrameBytes, LINE_BYTES));
    }

    @Override
    public void opened(Connection connection) {
        members.put(connection.id(), new Member(connection, new AtomicInteger()));
        tellAll("* " + name(connection) + " has come, " + members.size() + " are here");
    }

    @Override
    public void received(ByteBuffer line, Connection connection) {
        tellAll(name(connection) + ": " + printable(line));
    }

    @Override
    public void closed(Connection connection, CloseReason reason) {
        members.remove(connection.id());
        tellAll("* " + name(connection) + " has gone");
    }

    @Override
    public AfterGoodbye draining(Connection connection) {
        connection.send(bytes("* the server is going down"));
        return AfterGoodbye.END_WHEN_IDLE;
    }

    private void tellAll(String text) {
        ByteBuffer line = bytes(text);
        members.values().forEach(member -> tell(member, line));
    }

    private void tell(Member member, ByteBuffer line) {
        Connection connection = member.connection();
        if (connection.unsentBytes() <= SLOW_BYTES) {
            int leftOut = member.leftOut().getAndSet(0);
            if (leftOut > 0) {
                connection.send(bytes("* " + leftOut + " lines were left out"));
            }
            connection.send(line);
        } else if (slowReader == SlowReader.SKIP) {
            member.leftOut().incrementAndGet();
        } else {
            connection.abort();
        }
    }

    private static String name(Connection connection) {
        return "guest-" + connection.id();
    }

    // What one terminal sends must not steer another: control characters become question marks.
    private static String printable(ByteBuffer line) {
        return StandardCharsets.UTF_8.decode(line).toString().replaceAll("\\p{Cntrl}", "?");
    }

    private static ByteBuffer bytes(String text) {
        return StandardCharsets.UTF_8.encode(text + "\n");
    }

    /** Listens on the port that is the first argument, or on 7003. */
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 7003;
        Server server = server(Endpoint.tcp("127.0.0.1", port), SlowReader.SKIP).start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // SIGTERM and SIGINT: what is owed is sent
        System.out.println("listening on " + server.listeners().get(0));
    }
}
