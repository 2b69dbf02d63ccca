// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for a condition, with a deadline. */
public final class Await {
    private static final long DEADLINE_NANOS = 30_000_000_000L;
    private static final long LOOK_EVERY_NANOS = 2_000_000;

    private Await() {}

    /** Waits until the condition holds; after 30 seconds fails with the message. */
    public static void await(BooleanSupplier condition, Supplier<String> message) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within 30 s: " + message.get());
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }
}
