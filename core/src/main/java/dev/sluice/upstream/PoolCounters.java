// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What a pool counts, over all its Readers. Any thread. */
final class PoolCounters {
    final AtomicInteger idle = new AtomicInteger();
    final AtomicInteger waiting = new AtomicInteger();
    final AtomicLong made = new AtomicLong();
    final AtomicLong reused = new AtomicLong();
    final AtomicLong stale = new AtomicLong();
    final AtomicLong expired = new AtomicLong();
    final AtomicLong queueFull = new AtomicLong();
    final AtomicLong waitedTooLong = new AtomicLong();

    PoolStatus status(int connections) {
        return new PoolStatus(
                connections,
                idle.get(),
                waiting.get(),
                made.get(),
                reused.get(),
                stale.get(),
                expired.get(),
                queueFull.get(),
                waitedTooLong.get());
    }
}
