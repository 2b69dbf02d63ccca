// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

/** A deadline on a {@link TimerWheel}, armed at most once at a time and free to be armed again. Loop thread only. */
public final class Timer {
    final Work work;
    long tick;
    Timer previous;
    Timer next;

    /** Makes a timer, not armed, that runs {@code work}. */
    public Timer(Work work) {
        this.work = work;
    }

    /** Whether it is on the wheel. */
    public boolean isArmed() {
        return next != null;
    }
}
