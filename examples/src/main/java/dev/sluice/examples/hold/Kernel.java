// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the kernel says of its limits and of what it holds, where it says so at all: on Linux, below {@code /proc}. */
final class Kernel {
    private Kernel() {}

    /** Descriptors that this process may have open at once. */
    static OptionalLong descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? OptionalLong.of(unix.getMaxFileDescriptorCount())
                : OptionalLong.empty();
    }

    /** The first line of a file, with tabs and blanks as one blank, or "unknown". */
    static String line(String file) {
        try {
            return text(file).lines().findFirst().orElse("unknown").replaceAll("\\s+", " ");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Bytes that the kernel has in its own small objects, those of sockets among them. */
    static OptionalLong slabBytes() {
        return kilobytes("/proc/meminfo", "Slab");
    }

    /** Bytes of memory of a process, with its part of what it shares. */
    static OptionalLong processBytes(long pid) {
        return kilobytes("/proc/" + pid + "/smaps_rollup", "Pss");
    }

    /** TCP sockets of this network namespace that are open; those of Java are IPv6 ones that take IPv4 too. */
    static OptionalLong tcpSockets() {
        OptionalLong four = find("/proc/net/sockstat", "TCP: inuse (\\d+)");
        OptionalLong six = find("/proc/net/sockstat6", "TCP6: inuse (\\d+)");
        return four.isPresent() ? OptionalLong.of(four.getAsLong() + six.orElse(0)) : four;
    }

    /** Some of these files give all that they have to the first read, and so want a large one. */
    private static String text(String file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(Path.of(file))) {
            return reader.lines().collect(Collectors.joining("\n"));
        }
    }

    private static OptionalLong kilobytes(String file, String name) {
        OptionalLong number = find(file, "(?m)^" + name + ":\\s+(\\d+) kB");
        return number.isPresent() ? OptionalLong.of(1024 * number.getAsLong()) : number;
    }

    private static OptionalLong find(String file, String pattern) {
        try {
            Matcher matcher = Pattern.compile(pattern).matcher(text(file));
            return matcher.find() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
