// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** Live objects and their bytes, by whose classes they are of. */
record Heap(long library, long simulation, long rest, long objects) {

    /** Counts what is alive, after a full collection. */
    static Heap live() throws JMException {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        long library = 0;
        long simulation = 0;
        long rest = 0;
        long objects = 0;
        for (String line : histogram.split("\n")) {
            String[] words = line.strip().split("\\s+");
            if (!words[0].matches("\\d+:")) {
                continue;
            }
            long bytes = Long.parseLong(words[2]);
            objects += Long.parseLong(words[1]);
            String type = words[3].replaceFirst("^\\[+L", "");
            if (type.startsWith("dev.sluice.sim.")) {
                simulation += bytes;
            } else if (type.startsWith("dev.sluice.") && !type.startsWith("dev.sluice.jmh.")) {
                library += bytes;
            } else {
                rest += bytes;
            }
        }
        return new Heap(library, simulation, rest, objects);
    }

    Heap minus(Heap before) {
        return new Heap(
                library - before.library, simulation - before.simulation, rest - before.rest, objects - before.objects);
    }

    long all() {
        return library + simulation + rest;
    }

    /** How long collections have stopped this JVM so far. */
    static long collectingMillis() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum();
    }
}
