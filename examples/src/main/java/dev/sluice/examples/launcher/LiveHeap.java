// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;

/** What this process holds on its heap. */
public final class LiveHeap {
    private LiveHeap() {}

    /**
     * Collects, and returns the bytes that were left over, read as of the collection's end: what is in use a moment later
     * counts whole allocation buffers of threads, of up to a megabyte.
     */
    public static long bytes() {
        System.gc();
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                .sum();
    }
}
