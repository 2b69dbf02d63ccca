// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.util.concurrent.atomic.AtomicInteger;

/** How many bodies are being compressed in parts, each of which holds a quarter of a megabyte outside the heap. Any thread. */
final class GzipPermits {
    /** Unless a protocol is told otherwise. */
    static final int MOST = 256;

    private final int most;
    private final AtomicInteger taken = new AtomicInteger();

    GzipPermits(int most) {
        this.most = most;
    }

    boolean take() {
        if (taken.incrementAndGet() <= most) {
            return true;
        }
        taken.decrementAndGet();
        return false;
    }

    void giveBack() {
        taken.decrementAndGet();
    }

    int taken() {
        return Math.min(most, taken.get());
    }
}
