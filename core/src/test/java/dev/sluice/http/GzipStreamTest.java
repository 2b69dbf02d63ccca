// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When the memory of what compresses a stream is given back. */
class GzipStreamTest {
    private final GzipPermits permits = new GzipPermits(1);
    private final GzipStream stream = GzipStream.begin(permits, new Endings());
    private final AtomicInteger came = new AtomicInteger();

    private static ByteBuffer random(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private void put(int size) {
        stream.put(random(size), true, piece -> came.addAndGet(piece.remaining()));
    }

    @Test
    void thereAreNoMoreThanMayBe() {
        assertNull(GzipStream.begin(permits, new Endings()));
        stream.drop();
        assertTrue(GzipStream.begin(permits, new Endings()) != null);
    }

    @Test
    void withTheEnd() {
        put(100);
        assertEquals(1, permits.taken());
        stream.finish(piece -> came.addAndGet(piece.remaining()));
        assertEquals(0, permits.taken());
        int all = came.get();
        put(100);
        stream.finish(piece -> came.addAndGet(piece.remaining()));
        stream.drop();
        assertEquals(all, came.get());
        assertEquals(0, permits.taken());
    }

    @Test
    void whenTheConnectionEndsBetweenTwoPartsAndOnlyOnce() {
        put(100);
        stream.connectionEnded();
        stream.connectionEnded();
        assertEquals(0, permits.taken());
        int before = came.get();
        put(100);
        assertEquals(before, came.get());
    }

    @Test
    void whenTheConnectionEndsInTheMiddleOfAPartByWhoWritesIt() {
        stream.put(random(1_000_000), true, piece -> {
            came.addAndGet(piece.remaining());
            stream.connectionEnded(); // from another thread, as a rule
            assertEquals(1, permits.taken());
        });
        assertEquals(0, permits.taken());
        assertTrue(came.get() < 100_000, "the rest was left out, not " + came);
    }

    @Test
    void whenNothingWasWritten() {
        stream.drop();
        assertEquals(0, permits.taken());
    }
}
