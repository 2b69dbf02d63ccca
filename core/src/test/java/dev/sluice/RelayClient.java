// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.prelude.ClientHello;
import dev.sluice.prelude.Hellos;
import dev.sluice.relay.RelayReport;
import dev.sluice.sim.Talker;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A client of {@link RelayRun}: a PROXY header and a ClientHello where they are needed, four bytes that say who it is, and
 * then bytes that are its own at each place.
 */
final class RelayClient implements Talker.Speech {
    private static final int ALERT = 21;
    private static final int ALERT_BYTES = 7;
    static final int NAME_BYTES = 4;

    final int id;
    final InetSocketAddress source; // in its PROXY header
    final boolean garbage; // instead of a hello
    private final RelayRun run;
    private final byte[] header;
    final byte[] inClear; // a header before TLS, which is none of the bytes that it counts
    private final byte[] hello;
    Talker talker;
    List<SocketAddress> upstream; // the addresses of the backend's side; null if there was none
    RelayBackend backend; // whom it has heard
    RelayBackend heardBy;
    RelayReport report;
    Throwable failure; // why a backend could not be connected to
    boolean mayBeRefused;
    private boolean refused;
    private int heard;
    private int name;

    RelayClient(RelayRun run, int id, SplittableRandom random) {
        this.run = run;
        this.id = id;
        this.source = new InetSocketAddress("10.9.0." + (1 + id), 1000 + id);
        this.garbage = run.given.hello() && random.nextInt(10) == 0;
        byte[] wanted = run.given.proxyIn() ? header("10.9.0." + (1 + id), 1000 + id) : new byte[0];
        this.header = run.given.tlsIn() ? new byte[0] : wanted;
        this.inClear = run.given.tlsIn() ? wanted : new byte[0];
        this.hello = run.given.hello() ? hello(random) : new byte[0];
    }

    private static byte[] header(String host, int port) {
        return RelayRun.bytes("PROXY TCP4 " + host + " 10.0.0.1 " + port + " 7000\r\n");
    }

    private byte[] hello(SplittableRandom random) {
        if (garbage) {
            return RelayRun.bytes("GET / HTTP/1.1\r\n\r\n");
        }
        String host = "c" + id + ".example";
        byte[] whole = random.nextBoolean() ? Hellos.browsers(host) : Hellos.small(host);
        return random.nextBoolean() ? whole : Hellos.inRecordsOf(1 + random.nextInt(300), whole);
    }

    /** What it must say at least, or it would end in the middle of its prelude. */
    int leastBytes() {
        return header.length + hello.length + NAME_BYTES;
    }

    /** How many bytes it has said that go to the backend. */
    long bodyBytes() {
        return Math.max(0, talker.said() - header.length);
    }

    /** What the backend is sent in front of that. */
    byte[] opening() {
        SocketAddress seen = run.given.proxyIn() ? source : talker.local();
        InetSocketAddress inet = (InetSocketAddress) seen;
        return header(inet.getAddress().getHostAddress(), inet.getPort());
    }

    int helloBytes() {
        return hello.length;
    }

    void routed(ClientHello seen) {
        boolean right = seen == null ? !run.given.hello() : ("c" + id + ".example").equals(seen.serverName());
        if (!right || garbage) {
            throw new AssertionError(talker + " was routed by " + seen);
        }
    }

    // ---- what it says and hears

    @Override
    public byte at(long offset) {
        return offset < header.length ? header[(int) offset] : body(offset - header.length);
    }

    /** What goes to the backend, at that place. */
    byte body(long offset) {
        return offset < hello.length ? hello[(int) offset] : RelayBackend.named(id, 0x51, offset - hello.length);
    }

    @Override
    public void hear(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            if (heard == 0 && b == ALERT && run.given.hello()) {
                refused = true;
            }
            if (refused) {
                if (heard >= ALERT_BYTES) {
                    throw new AssertionError(talker + " heard more than an alert");
                }
            } else if (heard < NAME_BYTES) {
                name = name << 8 | b & 0xFF;
                if (heard == NAME_BYTES - 1) {
                    backend = run.backend(name);
                }
            } else {
                backend.mustHaveSaid(b, heard);
            }
            heard++;
        }
    }
}
