// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.prelude.Hellos;
import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What a relay makes of a stream: all of it as it comes, or a hello that is seen and left where it is. */
class RelayFramerTest {

    /** The framer of a relay, with the bytes in it as its frames. */
    private static Framer<ByteBuffer> raw(int maxFrameBytes) {
        Framer<Arrival> framer =
                new RelayProtocol(request -> null, false, dev.sluice.TcpOptions.defaults()).newFramer(maxFrameBytes);
        return new Framer<>() {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                Arrival arrival = framer.next(in);
                return arrival == null ? null : arrival.bytes;
            }

            @Override
            public ByteBuffer end(ByteBuffer in) throws FrameException {
                Arrival arrival = framer.end(in);
                return arrival == null ? null : arrival.bytes;
            }

            @Override
            public boolean atBoundary() {
                return framer.atBoundary();
            }

            @Override
            public Yields yields() {
                return framer.yields();
            }

            @Override
            public ByteBuffer detach(ByteBuffer read) {
                return framer.detach(new Arrival().of(read)).bytes;
            }
        };
    }

    @Test
    void keepsTheContractOfFramersWhereThereIsNoHello() {
        FramerContract.of(RelayFramerTest::raw)
                .accepts("")
                .accepts("any bytes", "any bytes")
                .accepts("\0\r\n\377", "\0\r\n\377")
                .check();
    }

    @Test
    void whereThereIsNoHelloNoLimitOfFramesHolds() throws FrameException {
        ByteBuffer in = ByteBuffer.wrap(new byte[10_000]);
        assertEquals(10_000, raw(1).next(in).remaining());
    }

    private static RelayFramer looking() {
        RelayFramer framer = new RelayFramer(65536);
        framer.looksForHello(true);
        return framer;
    }

    /** It is seen when it is whole, at each split, and every byte of it is there still; then all is taken as it comes. */
    @Test
    void leavesAHelloWhereItIs() throws FrameException {
        byte[] hello = Hellos.browsers("example.org");
        for (int cut = 1; cut < hello.length; cut++) {
            RelayFramer framer = looking();
            ByteBuffer in = ByteBuffer.wrap(hello, 0, cut);
            assertNull(framer.next(in));
            assertEquals(cut, in.remaining());
            assertTrue(!framer.atBoundary());
            in = ByteBuffer.wrap(hello);
            assertEquals("example.org", framer.next(in).hello.serverName());
            assertEquals(hello.length, in.remaining());
            assertTrue(framer.atBoundary());
            framer.looksForHello(false);
            assertEquals(hello.length, framer.next(in).bytes.remaining());
        }
    }

    @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
    void aChangedHelloIsSeenOrRefusedAndConsumesNothing(
            @ForAll Random random, @ForAll @IntRange(min = 1, max = 400) int recordBytes) throws FrameException {
        byte[] stream = Hellos.small("example.org");
        if (random.nextBoolean()) {
            stream = Hellos.inRecordsOf(recordBytes, random.nextBoolean() ? stream : Hellos.browsers("example.org"));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            stream[random.nextInt(Math.min(stream.length, random.nextBoolean() ? 60 : stream.length))] =
                    (byte) random.nextInt();
        }
        RelayFramer framer = looking();
        try {
            Arrival seen = null;
            for (int shown = 0; shown < stream.length && seen == null; ) {
                shown = Math.min(stream.length, shown + 1 + random.nextInt(random.nextBoolean() ? 5 : 2000));
                ByteBuffer in = ByteBuffer.wrap(stream, 0, shown);
                seen = framer.next(in);
                assertEquals(0, in.position());
            }
            if (seen == null) {
                FrameException cut = assertThrows(FrameException.class, () -> framer.end(ByteBuffer.allocate(1)));
                assertEquals(FrameException.Kind.TRUNCATED, cut.kind());
            } else {
                assertTrue(seen.hello.bytes() <= stream.length);
            }
        } catch (FrameException e) {
            assertTrue(e.code() > 0, () -> "no alert for " + e.getMessage());
        }
    }
}
