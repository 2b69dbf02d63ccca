// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** A line every few seconds that tells what is being done. */
final class Progress implements AutoCloseable {
    private static final int SECONDS = 4;

    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });
    private volatile String what;
    private volatile IntSupplier count; // or null

    Progress() {
        ticker.scheduleAtFixedRate(this::tell, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    /** Something to do that may fail. */
    interface Step {
        void take() throws Exception;
    }

    /** Takes the step, and tells of it meanwhile. */
    void during(int connections, String phase, IntSupplier done, Step step) throws Exception {
        what = String.format("%,d connections: %s", connections, phase);
        count = done;
        step.take();
        count = null; // it holds what was measured, which is to be collected
    }

    private void tell() {
        Runtime runtime = Runtime.getRuntime();
        IntSupplier done = count;
        System.err.printf(
                "%s%s, heap %,d MB%n",
                what,
                done == null ? "" : String.format(", %,d done", done.getAsInt()),
                runtime.totalMemory() - runtime.freeMemory() >> 20);
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
