// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Deadlines;
import dev.sluice.Limits;
import dev.sluice.http.HttpLimits;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/limits.md has each limit and deadline, and docs/http.md each of HTTP's, with its default. */
class LimitsPageTest {

    static Stream<Method> limits() {
        return Stream.of(Limits.class, Deadlines.class, HttpLimits.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && method.getParameterCount() == 0);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void thePageHasItWithItsDefault(Method limit) throws Exception {
        Object defaults = limit.getDeclaringClass().getMethod("defaults").invoke(null);
        String value = text(limit.invoke(defaults), limit.getName());
        String row = "| `" + limit.getName() + "` | " + value;
        String file = limit.getDeclaringClass() == HttpLimits.class ? "docs/http.md" : "docs/limits.md";
        List<String> page = Files.readAllLines(Project.ROOT.resolve(file));
        assertTrue(
                page.stream().anyMatch(line -> line.startsWith(row + " |") || line.startsWith(row + ": off |")),
                () -> file + " has no row that begins with " + row);
    }

    private static String text(Object value, String name) {
        if (value instanceof Duration time) {
            if (time.toSeconds() == 0) {
                return time.toMillis() + " ms";
            }
            return time.toHours() > 0 ? time.toHours() + " h" : time.toSeconds() + " s";
        }
        if (value instanceof Number any) {
            int number = any.intValue();
            boolean bytes = name.endsWith("Bytes") || name.endsWith("Mark");
            return bytes ? bytes(number) : String.format(Locale.ROOT, "%,d", number);
        }
        return "`" + value + "`";
    }

    private static String bytes(int number) {
        return number >= 1 << 20 ? (number >> 20) + " MiB" : (number >> 10) + " KiB";
    }
}
