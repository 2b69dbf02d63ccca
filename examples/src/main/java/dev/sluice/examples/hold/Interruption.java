// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGINT or SIGTERM, told to the thread that works instead of ending the process under it. While this is open the process
 * waits for it to be closed, at most ten seconds, and then ends with the status that was set.
 */
final class Interruption implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    private final CountDownLatch came = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::run, "interruption");
    private volatile int status = 1;

    Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    boolean has() {
        return came.getCount() == 0;
    }

    /** Waits until it comes, at most so long. */
    void await(long time, TimeUnit unit) throws InterruptedException {
        came.await(time, unit);
    }

    /** Sets the status of a process that was interrupted, and returns it. */
    int status(int value) {
        status = value;
        return value;
    }

    @Override
    public void close() {
        ended.countDown();
        if (!has()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // It came just now, and finds that all is done.
            }
        }
    }

    // After a signal the JVM would exit with 128 and the signal's number, whatever its hooks did.
    private void run() {
        came.countDown();
        try {
            ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }
}
