// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.lang.management.ManagementFactory;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;

/** What is on the heap after a full collection, by class: to the byte, as the JVM itself counts it. */
final class LiveObjects {
    /** What a collector puts into gaps, and nobody holds; that of older JVMs has no name of its own. */
    private static final String FILLER = "jdk.internal.vm.Filler";

    private final Map<String, Long> bytes = new TreeMap<>();

    private LiveObjects() {}

    static LiveObjects now() throws JMException {
        String text = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        LiveObjects objects = new LiveObjects();
        for (String line : text.split("\n")) {
            String[] words =
                    line.trim().split("\\s+"); // a number and a colon, instances, bytes, the class and its module
            if (words.length >= 4 && words[0].endsWith(":") && !words[3].contains(FILLER)) {
                objects.bytes.merge(words[3], Long.parseLong(words[2]), Long::sum);
            }
        }
        return objects;
    }

    /** Bytes that are there now and were not before. */
    long since(LiveObjects before) {
        return total() - before.total();
    }

    /** Whether it was taken when there were about as many classes. */
    boolean isLike(LiveObjects other) {
        return Math.abs(bytes.size() - other.bytes.size()) < 50;
    }

    private long total() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The classes of which there are more, for people; each with the bytes for one of so many. */
    String perOne(LiveObjects before, int number) {
        return bytes.entrySet().stream()
                .map(of -> Map.entry(of.getKey(), of.getValue() - before.bytes.getOrDefault(of.getKey(), 0L)))
                .filter(of -> Math.abs(of.getValue()) >= number * 4L)
                .sorted(Comparator.comparing(of -> -of.getValue()))
                .map(of -> of.getValue() / (double) number + " " + of.getKey())
                .collect(Collectors.joining("\n"));
    }
}
