// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptRateTest {
    private static final long SECOND = 1_000_000_000;

    private static int takeAll(AcceptRate rate, long now) {
        int taken = 0;
        while (rate.tryTake(now)) {
            taken++;
        }
        return taken;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -12345, Long.MAX_VALUE - SECOND, Long.MIN_VALUE})
    void aBurstAndThenSoManyASecondWhereverTheClockBegan(long start) {
        AcceptRate rate = new AcceptRate(4, 10, start);
        assertEquals(10, takeAll(rate, start));
        assertEquals(SECOND / 4, rate.nanosUntilNext(start));
        assertEquals(0, takeAll(rate, start + SECOND / 4 - 1));
        assertEquals(1, takeAll(rate, start + SECOND / 4));
        assertEquals(3, takeAll(rate, start + SECOND));
        assertEquals(10, takeAll(rate, start + 1000 * SECOND), "no more than the burst, however long nobody came");
    }

    @Test
    void aTokenThatIsGivenBackCanBeTakenAgain() {
        AcceptRate rate = new AcceptRate(1, 1, 0);
        assertTrue(rate.tryTake(0));
        assertFalse(rate.tryTake(SECOND - 1));
        rate.giveBack();
        assertEquals(0, rate.nanosUntilNext(SECOND - 1));
        assertTrue(rate.tryTake(SECOND - 1));
        assertFalse(rate.tryTake(SECOND));
    }

    @Test
    void givingBackNeverMakesMoreThanTheBurst() {
        AcceptRate rate = new AcceptRate(100, 3, 0);
        for (int i = 0; i < 50; i++) {
            assertTrue(rate.tryTake(i));
            rate.giveBack();
        }
        assertEquals(3, takeAll(rate, 50));
    }

    @Test
    void severalThreadsNeverTakeMoreThanThereIs() throws InterruptedException {
        AcceptRate rate = new AcceptRate(50, 1000, 0);
        AtomicInteger taken = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            threads.add(new Thread(() -> {
                for (int i = 0; i < 1000; i++) {
                    if (rate.tryTake(0)) {
                        if (i % 3 == 0) {
                            rate.giveBack();
                        } else {
                            taken.incrementAndGet();
                        }
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1000, taken.get() + takeAll(rate, 0));
    }
}
