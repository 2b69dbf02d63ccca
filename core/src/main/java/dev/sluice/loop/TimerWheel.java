// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

/**
 * Deadlines on several wheels, each 32 times coarser than the one before: arming and disarming are a few pointer writes,
 * however many are armed, and nothing is looked at again before its time. Coarse on purpose: a deadline within five
 * seconds fires at the end of its tick of ten milliseconds, a longer one late by at most a fifteenth of its length, and
 * none fires early. Deadlines more than five years ahead fire after five years. Loop thread only.
 *
 * <p>A timer stays in the slot that it was put into. The wheel of a slot is chosen by the time that is left when the timer
 * is armed, and nothing is moved to a finer wheel later, as in the timer wheel of the Linux kernel since 4.8
 * ({@code kernel/time/timer.c}).
 */
public final class TimerWheel {
    static final long TICK_NANOS = 10_000_000;
    private static final int LEVELS = 6;
    private static final int LEVEL_BITS = 5; // a slot of a level lasts 1 << LEVEL_BITS slots of the one below
    private static final int SLOT_BITS = 9;
    private static final int SLOTS = 1 << SLOT_BITS; // of each level
    private static final int REACH = SLOTS - 1; // in slots: rounding up to a slot's end adds one
    private static final long NEVER = Long.MAX_VALUE;

    private final Timed[] heads = new Timed[LEVELS * SLOTS]; // of circular lists, each made when it is needed first
    private final long[] used =
            new long[heads.length / Long.SIZE]; // a bit for each slot; those of empty ones may be set
    private final Timed due = new Head(); // taken out of their slots, and not fired yet
    private final long startNanos;
    private long currentTick; // slots that end at or before it are empty
    private long tickEndNanos; // when the current tick ends
    private long nextTick = NEVER; // no slot with something in it ends before
    private int armed;

    /** The head of a list. */
    private static final class Head extends Timed {
        Head() {
            previous = this;
            next = this;
        }

        @Override
        public void timeHasCome() {
            throw new AssertionError("the head of a list is in it");
        }

        @Override
        public void failed(Throwable cause) {
            throw new AssertionError(cause);
        }
    }

    TimerWheel(long nowNanos) {
        startNanos = nowNanos;
        tickEndNanos = nowNanos + TICK_NANOS;
    }

    /** Arms the timer for {@code deadlineNanos} of the loop's clock; one that is armed is moved. */
    public void arm(Timed timer, long deadlineNanos) {
        disarm(timer);
        put(timer, slotOf(tickToFireAt(deadlineNanos)));
    }

    /** Sees to it that the timer fires for {@code deadlineNanos} or before: one that is armed for earlier stays armed so. */
    public void armBy(Timed timer, long deadlineNanos) {
        int slot = slotOf(tickToFireAt(deadlineNanos));
        if (!timer.isArmed()) {
            put(timer, slot);
        } else if (endOf(slot) < endOf(timer.slot)) { // not so where it is due already, at worst: then it fires twice
            disarm(timer);
            put(timer, slot);
        }
    }

    private void put(Timed timer, int slot) {
        Timed head = heads[slot];
        if (head == null) {
            head = new Head();
            heads[slot] = head;
        }
        timer.slot = (short) slot;
        timer.previous = head.previous;
        timer.next = head;
        head.previous.next = timer;
        head.previous = timer;
        used[slot / Long.SIZE] |= 1L << slot;
        nextTick = Math.min(nextTick, endOf(slot));
        armed++;
    }

    /** Takes the timer off; nothing happens if it isn't armed. */
    public void disarm(Timed timer) {
        if (!timer.isArmed()) {
            return;
        }
        timer.previous.next = timer.next;
        timer.next.previous = timer.previous;
        timer.previous = null;
        timer.next = null;
        armed--;
    }

    /** How many timers are armed. */
    public int armed() {
        return armed;
    }

    /** Tells the time at the beginning of a pass, so that what is armed in it goes to the finest wheel there is for it. */
    void passBegins(long nowNanos) {
        if (nowNanos - tickEndNanos >= 0) {
            advance(tickAt(nowNanos));
        }
    }

    /** Whether something is due, as far as was known at the beginning of the pass. */
    boolean hasDue() {
        return due.next != due;
    }

    /**
     * Takes one timer that is due off the wheel, or returns null. What a fired timer arms is at least one tick away, so
     * calling this until it returns null ends.
     */
    Timed nextDue(long nowNanos) {
        passBegins(nowNanos);
        Timed timer = due.next;
        if (timer == due) {
            return null;
        }
        disarm(timer);
        return timer;
    }

    /** Nanoseconds until something may be due; {@code Long.MAX_VALUE} if nothing is armed. */
    long nanosUntilDue(long nowNanos) {
        if (armed == 0) {
            return Long.MAX_VALUE;
        }
        return hasDue() ? 0 : Math.max(0, startNanos + nextTick * TICK_NANOS - nowNanos);
    }

    // ---- time

    private void advance(long tick) {
        long before = currentTick;
        currentTick = tick;
        tickEndNanos = startNanos + (tick + 1) * TICK_NANOS;
        if (tick < nextTick) {
            return;
        }
        for (int level = 0; level < LEVELS; level++) {
            gather(level, before >> LEVEL_BITS * level, tick >> LEVEL_BITS * level);
        }
        nextTick = NEVER;
        for (int level = 0; level < LEVELS; level++) {
            nextTick = Math.min(nextTick, firstEnd(level));
        }
    }

    // After a jump of the clock by more than a turn, one turn visits every slot.
    private void gather(int level, long before, long last) {
        for (long turn = Math.max(before, last - SLOTS) + 1; turn <= last; turn++) {
            int slot = level << SLOT_BITS | (int) turn & SLOTS - 1;
            if ((used[slot / Long.SIZE] & 1L << slot) != 0) {
                used[slot / Long.SIZE] &= ~(1L << slot);
                moveToDue(heads[slot]);
            }
        }
    }

    /** All at once: there may be a hundred thousand in it. */
    private void moveToDue(Timed head) {
        if (head.next == head) {
            return;
        }
        head.next.previous = due.previous;
        due.previous.next = head.next;
        head.previous.next = due;
        due.previous = head.previous;
        head.previous = head;
        head.next = head;
    }

    /** When the first slot of a level ends that something is in. */
    private long firstEnd(int level) {
        int first = (int) (currentTick >> LEVEL_BITS * level) + 1;
        for (int i = 0; i < SLOTS; i++) {
            int index = first + i & SLOTS - 1;
            int slot = level << SLOT_BITS | index;
            long bits = used[slot / Long.SIZE] >>> slot;
            if (bits == 0) {
                i += Long.SIZE - 1 - slot % Long.SIZE; // to the last slot of these
            } else if ((bits & 1) != 0) {
                if (heads[slot].next != heads[slot]) {
                    return endOf(slot);
                }
                used[slot / Long.SIZE] &= ~(1L << slot); // all in it were disarmed
            }
        }
        return NEVER;
    }

    private long tickToFireAt(long deadlineNanos) {
        return Math.max(currentTick, tickAt(deadlineNanos)) + 1;
    }

    private long tickAt(long nanos) {
        return Math.floorDiv(nanos - startNanos, TICK_NANOS);
    }

    // ---- slots

    /** The finest slot that ends at that tick or after it, and that is not more than a turn away. */
    private int slotOf(long tick) {
        int level = 0;
        while (level < LEVELS - 1 && tick - currentTick > (long) REACH << LEVEL_BITS * level) {
            level++;
        }
        int shift = LEVEL_BITS * level;
        long turn = (tick + (1L << shift) - 1) >> shift;
        turn = Math.min(turn, (currentTick >> shift) + SLOTS);
        return level << SLOT_BITS | (int) turn & SLOTS - 1;
    }

    /** The tick at which a slot ends next. */
    private long endOf(int slot) {
        int shift = LEVEL_BITS * (slot >> SLOT_BITS);
        long current = currentTick >> shift;
        long ahead = (slot - current - 1 & SLOTS - 1) + 1;
        return current + ahead << shift;
    }
}
