// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.files;

import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The files that were asked for last, kept open: whoever asks for one again costs one look at it instead of a search
 * for it. That look shows whether it is still the same file, of the same length, last changed at the same time; if not,
 * it is searched for anew. Any thread.
 */
final class OpenFiles {
    private final int most;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong uses = new AtomicLong();

    private static final class Entry {
        final OpenFile file;
        volatile long lastUse;

        Entry(OpenFile file, long lastUse) {
            this.file = file;
            this.lastUse = lastUse;
        }
    }

    /** Keeps up to {@code most} files open. */
    OpenFiles(int most) {
        this.most = most;
    }

    /** The file of that name, which the caller has to release; or null if there is none or it has changed. */
    OpenFile find(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            return null;
        }
        if (entry.file.isAsItWas() && entry.file.retain()) {
            entry.lastUse = uses.incrementAndGet();
            return entry.file;
        }
        remove(name, entry);
        return null;
    }

    /** Keeps a file for later; it stays the caller's as well. */
    void keep(String name, OpenFile file) {
        if (!file.canBeTold() || !file.retain()) {
            return;
        }
        Entry before = entries.put(name, new Entry(file, uses.incrementAndGet()));
        if (before != null) {
            before.file.release();
        }
        while (entries.size() > most) {
            entries.entrySet().stream()
                    .min(Comparator.comparingLong(entry -> entry.getValue().lastUse))
                    .ifPresent(oldest -> remove(oldest.getKey(), oldest.getValue()));
        }
    }

    private void remove(String name, Entry entry) {
        if (entries.remove(name, entry)) {
            entry.file.release();
        }
    }
}
