// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.http.HttpAccessLog;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds an access log to what must be true of it in the simulation: when all is over, each request that was handled has exactly one
 * line. The bodies of whole replies are as long as the targets that they answer, whose replies all have status 200.
 */
final class LoggedRequests implements HttpAccessLog.Sink {
    private static final Pattern LINE = Pattern.compile(
            "10\\.\\S+ - - \\[\\S+ [+-]\\d{4}\\] \"(?:-|POST (/\\S+) HTTP/1\\.1)\" (\\d{3}|-) (\\d+|-)\n");

    private final Set<String> handled = new HashSet<>();
    private final Map<String, String> lines = new HashMap<>(); // by target: status and bytes

    /** A handler was given that. */
    void handled(String target) {
        assertTrue(handled.add(target), () -> target + " was handled twice");
    }

    @Override
    public void line(ByteBuffer line) {
        Matcher parts = LINE.matcher(TestServer.text(line));
        assertTrue(parts.matches(), () -> "no line: " + TestServer.text(line));
        String said = parts.group(2) + " " + parts.group(3);
        if (parts.group(1) == null) {
            assertEquals("408", parts.group(2)); // it did not come in time
            return;
        }
        String before = lines.put(parts.group(1), said);
        assertTrue(before == null, () -> parts.group(1) + " has a second line: " + before + ", " + said);
    }

    /** All connections have ended. */
    void check() {
        Set<String> without = new TreeSet<>(handled);
        without.removeAll(lines.keySet());
        assertEquals(Set.of(), without, "requests without a line");
        assertEquals(handled.size(), lines.size(), "lines of requests that nobody handled");
        lines.forEach((target, said) -> {
            String[] parts = said.split(" ");
            int bytes = parts[1].equals("-") ? 0 : Integer.parseInt(parts[1]);
            boolean right = parts[0].equals("200") && bytes <= target.length() || parts[0].equals("-") && bytes == 0;
            assertTrue(right || parts[0].equals("408"), () -> target + ": " + said);
        });
    }

    /** Whether the line of that says that all of the reply was given. */
    boolean isWhole(String target) {
        return ("200 " + target.length()).equals(lines.get(target));
    }

    long whole() {
        return lines.keySet().stream().filter(this::isWhole).count();
    }

    void clear() {
        handled.clear();
        lines.clear();
    }
}
