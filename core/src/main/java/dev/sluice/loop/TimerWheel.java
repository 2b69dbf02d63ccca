// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

/**
 * A hashed wheel of deadlines: arming and disarming are a few pointer writes, however many are armed. Coarse on
 * purpose: a deadline fires at the end of its tick of ten milliseconds, never early. Loop thread only.
 */
public final class TimerWheel {
    static final long TICK_NANOS = 10_000_000;
    private static final int SLOTS = 512; // a power of two

    private final Timer[] slots = new Timer[SLOTS]; // heads of circular lists
    private final Timer due = emptyList(); // taken out of their slots, and not fired yet
    private final long startNanos;
    private long currentTick;
    private int armed;

    TimerWheel(long nowNanos) {
        startNanos = nowNanos;
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = emptyList();
        }
    }

    private static Timer emptyList() {
        Timer head = new Timer(null);
        head.previous = head;
        head.next = head;
        return head;
    }

    /** Arms the timer for {@code deadlineNanos} of the loop's clock; one that is armed is moved. */
    public void arm(Timer timer, long deadlineNanos) {
        disarm(timer);
        timer.tick = Math.max(currentTick, tickAt(deadlineNanos)) + 1;
        append(timer, head(timer.tick));
        armed++;
    }

    private static void append(Timer timer, Timer head) {
        timer.previous = head.previous;
        timer.next = head;
        head.previous.next = timer;
        head.previous = timer;
    }

    /** Takes the timer off; nothing happens if it isn't armed. */
    public void disarm(Timer timer) {
        if (timer.next == null) {
            return;
        }
        unlink(timer);
        timer.previous = null;
        timer.next = null;
        armed--;
    }

    private static void unlink(Timer timer) {
        timer.previous.next = timer.next;
        timer.next.previous = timer.previous;
    }

    /** How many timers are armed. */
    public int armed() {
        return armed;
    }

    /** Tells the time at the beginning of a pass: what passed while nothing was armed need not be walked through. */
    void passBegins(long nowNanos) {
        if (armed == 0) {
            currentTick = Math.max(currentTick, tickAt(nowNanos));
        }
    }

    /**
     * Takes one timer that is due off the wheel, or returns null. What a fired timer arms is at least one tick away, so
     * calling this until it returns null ends.
     */
    Timer nextDue(long nowNanos) {
        long last = tickAt(nowNanos);
        // After a jump of the clock by more than a turn, one turn visits every slot.
        for (long tick = Math.max(currentTick + 1, last - SLOTS + 1); tick <= last; tick++) {
            gather(head(tick), last);
        }
        currentTick = Math.max(currentTick, last);
        Timer timer = due.next;
        if (timer == due) {
            return null;
        }
        disarm(timer);
        return timer;
    }

    // A slot is looked through once a tick and not once a pass, for it may be full of timers that are due turns later.
    private void gather(Timer head, long last) {
        for (Timer timer = head.next, next; timer != head; timer = next) {
            next = timer.next;
            if (timer.tick <= last) {
                unlink(timer);
                append(timer, due);
            }
        }
    }

    /** Nanoseconds until something may be due; {@code Long.MAX_VALUE} if nothing is armed. */
    long nanosUntilDue(long nowNanos) {
        if (armed == 0) {
            return Long.MAX_VALUE;
        }
        if (due.next != due) {
            return 0;
        }
        // Nothing is armed for the current tick, so what is in its slot is due a turn later.
        for (long tick = currentTick + 1; tick <= currentTick + SLOTS; tick++) {
            Timer head = head(tick);
            if (head.next != head) {
                return Math.max(0, startNanos + tick * TICK_NANOS - nowNanos);
            }
        }
        throw new AssertionError("armed timers on no slot");
    }

    private Timer head(long tick) {
        return slots[(int) tick & (SLOTS - 1)];
    }

    private long tickAt(long nanos) {
        return Math.floorDiv(nanos - startNanos, TICK_NANOS);
    }
}
