// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

/**
 * What can be armed on a {@link TimerWheel}, once at a time and again and again. It is a class, and holds its own links,
 * so that what exists in great numbers needs no timer beside it. Loop thread only.
 */
public abstract class Timed {
    Timed previous;
    Timed next; // null while it is not armed
    short slot; // its place on the wheel, kept for as long as it is armed

    /** Whether it is on a wheel. */
    public final boolean isArmed() {
        return next != null;
    }

    /** It was armed, and the time has come; it is armed no more. */
    public abstract void timeHasCome() throws Exception;

    /** {@link #timeHasCome} threw. */
    public abstract void failed(Throwable cause);
}
