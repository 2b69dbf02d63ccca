// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.examples.proxy.ListenerFigures;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** What is counted for a listener, whatever servers it has one after the other. Any thread. */
final class ListenerCounts {
    final AtomicReference<AccessLog> log; // of the whole proxy; null in it for none
    final AtomicLong relays = new AtomicLong();
    final LongAdder unrouted = new LongAdder();
    private ListenerFigures past = ListenerFigures.NONE; // of servers that have ended

    ListenerCounts(AtomicReference<AccessLog> log) {
        this.log = log;
    }

    synchronized void ended(ListenerFigures figures) {
        past = past.plus(figures.past());
    }

    synchronized ListenerFigures past() {
        return past;
    }
}
