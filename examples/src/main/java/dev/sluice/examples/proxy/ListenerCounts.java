// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.http.HttpAccessLogFile;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** What is counted for a listener, whatever servers it has one after the other, and the log. Any thread. */
public final class ListenerCounts {
    /** Of the whole proxy; null in it for none. */
    public final AtomicReference<HttpAccessLogFile> log;
    /** Relays or requests that are going on. */
    public final AtomicLong active = new AtomicLong();
    /** Those that had nowhere to go. */
    public final LongAdder unrouted = new LongAdder();

    private ListenerFigures past = ListenerFigures.NONE; // of servers that have ended

    ListenerCounts(AtomicReference<HttpAccessLogFile> log) {
        this.log = log;
    }

    synchronized void ended(ListenerFigures figures) {
        past = past.plus(figures.past());
    }

    synchronized ListenerFigures past() {
        return past;
    }
}
