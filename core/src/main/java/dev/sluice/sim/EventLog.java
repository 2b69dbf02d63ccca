// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The lines that tell what happened. The last ones are kept for the report of a failure; all of them go into a
 * fingerprint, by which two runs are compared.
 */
final class EventLog {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final Timeline timeline;
    private final int keep;
    private final Consumer<String> sink; // may be null
    private final ArrayDeque<String> last = new ArrayDeque<>();
    private final StringBuilder line = new StringBuilder(160);
    private long lines;
    private long fingerprint = FNV_OFFSET;

    EventLog(Timeline timeline, int keep, Consumer<String> sink) {
        this.timeline = timeline;
        this.keep = keep;
        this.sink = sink;
    }

    /** Begins a line; {@link #end} ends it. */
    StringBuilder begin(String what) {
        line.setLength(0);
        return line.append(timeline.now() / 1000).append(' ').append(what);
    }

    void end() {
        lines++;
        long hash = fingerprint;
        for (int i = 0, n = line.length(); i < n; i++) {
            hash = (hash ^ line.charAt(i)) * FNV_PRIME;
        }
        fingerprint = (hash ^ '\n') * FNV_PRIME;
        if (keep > 0) {
            if (last.size() == keep) {
                last.pollFirst();
            }
            last.addLast(line.toString());
        }
        if (sink != null) {
            sink.accept(line.toString());
        }
    }

    void add(String what) {
        begin(what);
        end();
    }

    long lines() {
        return lines;
    }

    long fingerprint() {
        return fingerprint;
    }

    List<String> last() {
        return new ArrayList<>(last);
    }
}
