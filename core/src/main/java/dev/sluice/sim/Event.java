// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

/** Something that happens at a point of virtual time. Events of the same time happen in the order of their ties. */
final class Event {
    final Runnable action;
    long time;
    long tie;
    int index = -1; // in the queue's heap

    Event(Runnable action) {
        this.action = action;
    }

    boolean isScheduled() {
        return index >= 0;
    }

    boolean isBefore(Event other) {
        return time != other.time ? time < other.time : tie < other.tie;
    }
}
