// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
    private final BufferPool pool = new BufferPool(new Lease(new SharedBytes(1L << 30)));

    @Test
    void lendsTheNextPowerOfTwo() {
        for (int bytes : new int[] {0, 1, 255, 256, 257, 1000, 65_536, 65_537, 1 << 20}) {
            ByteBuffer buffer = pool.lend(bytes);
            assertTrue(buffer.remaining() >= bytes);
            assertEquals(Math.max(256, Integer.highestOneBit(Math.max(1, 2 * bytes - 1))), buffer.capacity());
        }
    }

    @Test
    void lendsTheSameBufferAgainCleared() {
        ByteBuffer buffer = pool.lend(1000);
        buffer.position(17).limit(18);
        pool.giveBack(buffer);
        assertSame(buffer, pool.lend(600));
        assertEquals(1024, buffer.remaining());
    }

    @Test
    void doesNotKeepLargeBuffers() {
        ByteBuffer buffer = pool.lend(1 << 20);
        pool.giveBack(buffer);
        assertNotSame(buffer, pool.lend(1 << 20));
    }

    @Test
    void keepsABoundedNumber() {
        List<ByteBuffer> lent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            lent.add(pool.lend(65_536));
        }
        lent.forEach(pool::giveBack);
        int again = 0;
        for (int i = 0; i < 100; i++) {
            ByteBuffer buffer = pool.lend(65_536);
            again += lent.stream().anyMatch(before -> before == buffer) ? 1 : 0;
        }
        assertEquals(4, again);
        assertEquals(100, pool.lent());
    }

    @Test
    void chargesTheWholeCapacityOfWhatIsLentAndNothingOfWhatIsKept() {
        Lease lease = pool.lease();
        ByteBuffer buffer = pool.lend(1000);
        ByteBuffer large = pool.lend(100_000);
        assertEquals(1024 + 131_072, lease.taken());
        pool.giveBack(buffer);
        pool.giveBack(large);
        assertEquals(0, lease.taken());
        pool.lend(1000);
        assertEquals(1024, lease.taken());
    }

    @Test
    void lendsNothingBeyondItsLease() {
        BufferPool poor = new BufferPool(new Lease(new SharedBytes(16 << 10)));
        ByteBuffer buffer = poor.lend(8192);
        assertNull(poor.lend(8192));
        assertNull(poor.hold(4097));
        assertEquals(1, poor.lent());
        HeldBytes held = poor.hold(4096);
        assertTrue(held.append(ByteBuffer.allocate(4000)));
        ByteBuffer more = ByteBuffer.allocate(100);
        assertFalse(held.append(more));
        assertNull(held.room(100));
        assertEquals(100, more.remaining());
        assertEquals(4000, held.size());
        poor.giveBack(buffer);
        assertTrue(held.append(more));
        held.release();
        assertEquals(0, poor.lent());
        assertEquals(0, poor.lease().taken());
    }

    @Test
    void aBufferGivenBackTwiceIsFoundOut() {
        ByteBuffer buffer = pool.lend(100);
        pool.lend(100);
        pool.giveBack(buffer);
        assertThrows(AssertionError.class, () -> pool.giveBack(buffer));
    }
}
