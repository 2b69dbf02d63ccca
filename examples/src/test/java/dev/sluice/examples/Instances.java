// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.ObjectName;

/** How many objects of each class are on the heap behind a full collection: of those that a server's settings are made of. */
public final class Instances {
    private final Map<String, Long> numbers = new TreeMap<>();

    private Instances() {}

    /** Collects and counts. */
    public static Instances now() {
        Instances instances = new Instances();
        for (String line : histogram().split("\n")) {
            String[] words =
                    line.trim().split("\\s+"); // a number and a colon, instances, bytes, the class and its module
            if (words.length >= 4 && words[0].endsWith(":") && isCounted(words[3])) {
                instances.numbers.merge(words[3], Long.parseLong(words[1]), Long::sum);
            }
        }
        return instances;
    }

    private static String histogram() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isCounted(String name) {
        if (name.equals("dev.sluice.loop.TimerWheel$Head")) {
            return false; // a wheel has so many places, and makes each when it needs it first
        }
        return name.startsWith("dev.sluice.")
                || name.startsWith("javax.net.ssl.")
                || name.startsWith("sun.security.ssl.")
                || name.startsWith("sun.nio.ch.")
                || name.equals("java.nio.DirectByteBuffer")
                || name.equals("java.lang.Thread");
    }

    /** The classes of which there are now more than {@code most} more, each with how many; empty if there are none. */
    public Map<String, Long> moreSince(Instances before, long most) {
        Map<String, Long> more = new TreeMap<>();
        numbers.forEach((name, number) -> {
            long added = number - before.numbers.getOrDefault(name, 0L);
            if (added > most) {
                more.put(name, added);
            }
        });
        return more;
    }
}
