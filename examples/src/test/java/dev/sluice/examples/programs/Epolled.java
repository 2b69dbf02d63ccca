// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A descriptor that a process has given to epoll, as the kernel shows it in {@code /proc/PID/fdinfo}.
 *
 * @param descriptor its number
 * @param events the mask, {@code epoll_ctl(2)}
 */
record Epolled(int descriptor, long events) {
    private static final long EXCLUSIVE = 1L << 28;
    private static final long EDGE_TRIGGERED = 1L << 31;
    private static final Pattern LINE = Pattern.compile("tfd:\\s+(\\d+) events:\\s+(\\p{XDigit}+) .*");

    boolean isEdgeTriggered() {
        return (events & EDGE_TRIGGERED) != 0;
    }

    boolean isExclusive() {
        return (events & EXCLUSIVE) != 0;
    }

    /** Those of a process that are sockets, and not pipes or the like. */
    static List<Epolled> socketsOf(long process) throws IOException {
        Path home = Path.of("/proc/" + process);
        List<Epolled> all = new ArrayList<>();
        for (Path descriptor : files(home.resolve("fdinfo"))) {
            for (String line : lines(descriptor)) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches() && link(home, matcher.group(1)).startsWith("socket:")) {
                    all.add(new Epolled(Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2), 16)));
                }
            }
        }
        return all;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            return List.of(); // closed by now
        }
    }

    private static String link(Path home, String descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(home.resolve("fd").resolve(descriptor))
                    .toString();
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
