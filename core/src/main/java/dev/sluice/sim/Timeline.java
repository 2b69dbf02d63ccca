// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.Arrays;

/** What is still to happen, the earliest first, and the virtual time. A heap from which any event can be taken back. */
final class Timeline {
    private Event[] heap = new Event[64];
    private int size;
    private long sequence;
    private long now;

    /** Virtual time in nanoseconds since the beginning. */
    long now() {
        return now;
    }

    /** The time of the earliest event; {@code Long.MAX_VALUE} if nothing is to happen. */
    long next() {
        return size == 0 ? Long.MAX_VALUE : heap[0].time;
    }

    boolean hasDue() {
        return size > 0 && heap[0].time <= now;
    }

    void advanceTo(long time) {
        now = Math.max(now, time);
    }

    /** Schedules an event, or moves it. */
    void at(long time, Event event) {
        cancel(event);
        event.time = Math.max(now, time);
        event.tie = sequence++;
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        place(event, size++);
        up(event.index);
    }

    void in(long nanos, Event event) {
        at(now + nanos < 0 ? Long.MAX_VALUE : now + nanos, event);
    }

    void in(long nanos, Runnable action) {
        in(nanos, new Event(action));
    }

    void cancel(Event event) {
        int i = event.index;
        if (i < 0) {
            return;
        }
        event.index = -1;
        Event last = heap[--size];
        heap[size] = null;
        if (last != event) {
            place(last, i);
            up(i);
            down(last.index);
        }
    }

    /** Takes the earliest event off, which must be due. */
    Event takeDue() {
        Event event = heap[0];
        cancel(event);
        return event;
    }

    private void place(Event event, int i) {
        heap[i] = event;
        event.index = i;
    }

    private void up(int i) {
        Event event = heap[i];
        while (i > 0 && event.isBefore(heap[(i - 1) / 2])) {
            place(heap[(i - 1) / 2], i);
            i = (i - 1) / 2;
        }
        place(event, i);
    }

    private void down(int i) {
        Event event = heap[i];
        for (int child = 2 * i + 1; child < size; child = 2 * i + 1) {
            if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
                child++;
            }
            if (!heap[child].isBefore(event)) {
                break;
            }
            place(heap[child], i);
            i = child;
        }
        place(event, i);
    }
}
