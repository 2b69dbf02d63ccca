// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaseTest {
    private final SharedBytes shared = new SharedBytes(1 << 20); // so a chunk is 1 KiB
    private final Lease lease = new Lease(shared);

    @Test
    void takesByTheChunkAndKeepsUpToTwo() {
        assertTrue(lease.take(100));
        assertEquals(1024, shared.used());
        assertTrue(lease.take(5000));
        lease.giveBack(100);
        assertEquals(5000, lease.taken());
        lease.giveBack(5000);
        assertEquals(0, lease.taken());
        assertEquals(1024, shared.used());
        assertTrue(lease.take(1024));
        assertEquals(1024, shared.used());
    }

    @Test
    void theLastBytesAreGivenToWhoAsksForThemAndNotOneMore() {
        assertTrue(lease.take((1 << 20) - 1000));
        assertTrue(lease.take(999));
        assertFalse(lease.take(2));
        assertTrue(lease.take(1));
        assertEquals(1 << 20, shared.used());
        assertFalse(lease.take(1));
        lease.giveBack(1);
        assertTrue(lease.take(1));
    }

    @Test
    void buffersLeaveASixteenthToWhatIsOnItsWay() {
        int forBuffers = (1 << 20) / 16 * 15;
        assertFalse(lease.takeForBuffer(forBuffers + 1));
        assertTrue(lease.takeForBuffer(forBuffers));
        assertFalse(lease.takeForBuffer(1));
        assertTrue(lease.take((1 << 20) / 16));
    }

    @Test
    void aLoopWithMoreThanItsShareLeavesAnEighthToTheOthers() {
        Lease other = new Lease(shared);
        assertTrue(lease.takeForBuffer((1 << 20) / 2 + 1024));
        int most = (1 << 20) / 8 * 7;
        assertFalse(lease.takeForBuffer(most - shared.used() + 1));
        assertTrue(lease.takeForBuffer(most - shared.used()));
        assertFalse(lease.takeForBuffer(1));
        assertTrue(other.takeForBuffer(1));
        other.giveBack(1);
        other.close(); // now the other's share is this one's too
        assertTrue(lease.takeForBuffer(1));
    }

    @Test
    void afterItsEndNothingIsKept() {
        assertTrue(lease.take(100));
        lease.close();
        assertEquals(100, shared.used());
        assertTrue(lease.take(10));
        assertEquals(110, shared.used());
        lease.giveBack(110);
        assertEquals(0, shared.used());
    }

    @Test
    void threadsTogetherNeverHaveMoreThanTheLimit() throws InterruptedException {
        SharedBytes few = new SharedBytes(20_000);
        List<Lease> leases = List.of(new Lease(few), new Lease(few));
        AtomicLong taken = new AtomicLong();
        AtomicLong most = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            SplittableRandom random = new SplittableRandom(i);
            Lease its = leases.get(i % 2);
            threads.add(new Thread(() -> takeAndGiveBack(its, random, taken, most)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(most.get() <= 20_000 && most.get() > 0, "up to " + most); // how much more depends on who runs when
        assertEquals(0, leases.get(0).taken() + leases.get(1).taken());
        leases.forEach(Lease::close);
        assertEquals(0, few.used());
    }

    private static void takeAndGiveBack(Lease lease, SplittableRandom random, AtomicLong taken, AtomicLong most) {
        for (int i = 0; i < 50_000; i++) {
            int bytes = 1 + random.nextInt(9000);
            boolean got = i % 3 == 0 ? lease.take(bytes) : lease.takeForBuffer(bytes);
            if (got) {
                most.accumulateAndGet(taken.addAndGet(bytes), Math::max);
                taken.addAndGet(-bytes);
                lease.giveBack(bytes);
            }
        }
    }
}
