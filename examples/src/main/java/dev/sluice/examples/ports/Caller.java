// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.ports;

import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.DuplexProtocol;
import dev.sluice.TcpOptions;
import dev.sluice.frame.Framer;
import dev.sluice.frame.RawFramer;
import dev.sluice.outbound.PortsExhausted;
import dev.sluice.outbound.SourceAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/** Opens connections one after the other, until there are as many as wanted, or one is refused. For one thread. */
final class Caller implements AutoCloseable {
    private static final DuplexProtocol<ByteBuffer> SILENCE = new DuplexProtocol<>() {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new RawFramer(maxFrameBytes);
        }

        @Override
        public void received(ByteBuffer part, Connection connection) {}
    };

    private static final TcpOptions RESETS = TcpOptions.defaults().withResetOnClose(true);

    private final String from;
    private final InetSocketAddress local; // null unless it is bound to an address, with a port of the kernel's choice
    private final SourceAddresses sources; // null if the port is the kernel's choice
    private final Connector connector;
    private final List<Connection> held = new ArrayList<>();
    private String refusal = "";

    private Caller(String from, InetSocketAddress local, SourceAddresses sources, Connector connector) {
        this.from = from;
        this.local = local;
        this.sources = sources;
        this.connector = connector;
    }

    /** From an address and port of the kernel's choice. What it holds at the end is reset: nothing stays in TIME_WAIT. */
    static Caller unbound() throws IOException {
        return new Caller("(not bound)", null, null, builder().options(RESETS).start());
    }

    /** From that address and a port of the kernel's choice. */
    static Caller boundTo(String host) throws IOException {
        return new Caller(
                host + ":0",
                new InetSocketAddress(host, 0),
                null,
                builder().options(RESETS).start());
    }

    /** From these. */
    static Caller of(SourceAddresses sources) throws IOException {
        return new Caller(
                text(sources),
                null,
                sources,
                builder().options(RESETS).sources(sources).start());
    }

    /** From these, and ends connections in order. */
    static Caller inOrder(SourceAddresses sources) throws IOException {
        return new Caller(
                text(sources), null, sources, builder().sources(sources).start());
    }

    private static String text(SourceAddresses sources) {
        return sources.ranges().get(0).toString();
    }

    private static Connector.Builder builder() {
        return Connector.builder(SILENCE).deadlines(Backend.PATIENT);
    }

    /** Connects at most so many times. Returns how many connections came of it; {@link #refusal} says why not more. */
    int open(InetSocketAddress to, int most) throws InterruptedException {
        refusal = "";
        for (int i = 0; i < most; i++) {
            try {
                held.add(connector.connect(local, to, null).get());
            } catch (ExecutionException e) {
                refusal = words(e.getCause());
                return i;
            }
        }
        return most;
    }

    private static String words(Throwable failure) {
        if (failure instanceof PortsExhausted exhausted) {
            SourceAddresses.Usage usage = exhausted.usage();
            return String.format(
                    Locale.ROOT,
                    "PortsExhausted: %,d in use, %,d in quarantine, %,d refused by the system",
                    usage.held(),
                    usage.quarantined(),
                    usage.refused());
        }
        return failure.getCause() == null
                ? failure.getMessage()
                : failure.getCause().getMessage();
    }

    /** Where its connections come from. */
    String from() {
        return from;
    }

    /** Why the last one was refused, or nothing. */
    String refusal() {
        return refusal;
    }

    /** Ends all from here first; they went to there. */
    void closeAll(InetSocketAddress to) {
        held.forEach(Connection::close);
        awaitEnd(to);
    }

    /** Has all ended by the other end first. */
    void haveAllClosed(InetSocketAddress to) {
        for (Connection connection : held) {
            connection.send(ByteBuffer.wrap("bye\n".getBytes(StandardCharsets.US_ASCII)));
        }
        awaitEnd(to);
    }

    private void awaitEnd(InetSocketAddress to) {
        while (sources.usage(to).held() > 0) {
            LockSupport.parkNanos(1_000_000);
        }
        held.clear();
    }

    @Override
    public void close() {
        connector.close();
    }
}
