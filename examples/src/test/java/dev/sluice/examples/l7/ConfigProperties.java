// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.proxy.ConfigError;
import dev.sluice.examples.proxy.ConfigException;
import dev.sluice.examples.proxy.ListenerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever a file says, it is read or its errors are told. */
final class ConfigProperties {
    private static final List<String> SCRAPS = List.of(
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            "=",
            "\"",
            "'",
            "\"\"\"",
            "\\",
            "\\u",
            "#",
            "\n",
            "\r\n",
            ",",
            ".",
            "0",
            "-1",
            "1e9",
            "99999999999999999999",
            "nan",
            "true",
            "\0",
            "\ufeff",
            "\ud83d",
            "\u00e9",
            "1979-05-27",
            "[upstream.web]",
            "[[route]]",
            "to = \"web\"",
            "\"\"",
            "backends = []",
            "*.");

    /** Letters changed, cut and put in, lines moved and doubled. */
    @Property(tries = 1000)
    void aChangedFileIsReadOrItsErrorsAreTold(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int changes)
            throws IOException {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(Files.readString(ConfigFileTest.example()));
        for (int i = 0; i < changes; i++) {
            change(text, random);
        }
        assertReadOrTold(text.toString());
    }

    @Property(tries = 500)
    void anyTextIsReadOrItsErrorsAreTold(@ForAll String text) {
        assertReadOrTold(text);
    }

    /** A cut behind any line leaves a file that is still TOML or nearly so. */
    @Property(tries = 300)
    void aFileThatEndsAnywhereIsReadOrItsErrorsAreTold(@ForAll @IntRange(max = 10_000) int length) throws IOException {
        String text = Files.readString(ConfigFileTest.example());
        assertReadOrTold(text.substring(0, Math.min(length, text.length())));
    }

    private static void change(StringBuilder text, Random random) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(5)) {
            case 0 -> text.deleteCharAt(at);
            case 1 -> text.setCharAt(at, (char) random.nextInt(128));
            case 2 -> text.insert(at, SCRAPS.get(random.nextInt(SCRAPS.size())));
            case 3 -> {
                int from = text.lastIndexOf("\n", at) + 1;
                int to = Math.max(from, text.indexOf("\n", at) + 1);
                String line = text.substring(from, to);
                if (random.nextBoolean()) {
                    text.delete(from, to);
                }
                text.insert(text.lastIndexOf("\n", random.nextInt(text.length())) + 1, line);
            }
            default -> {
                int to = Math.min(text.length() - 1, at + random.nextInt(40));
                text.delete(at, to);
            }
        }
    }

    private static void assertReadOrTold(String text) {
        try {
            L7Config config = ConfigFile.parse(text);
            assertFalse(config.listeners().isEmpty());
            assertEquals(config, ConfigFile.parse(ConfigText.of(config)));
            for (ListenerConfig listener : config.listeners()) {
                List<RouteConfig> routes = config.routes().stream()
                        .filter(route -> route.isFor(listener.name()))
                        .toList();
                Routing<RouteConfig> routing = Routing.of(routes, route -> path -> route);
                for (RouteConfig route : routes) {
                    String host = route.hosts().isEmpty()
                            ? "nobody"
                            : route.hosts().get(0).toString().replace("*.", "x.");
                    assertTrue(RoutingTest.find(routing, host, route.paths().get(0)) != null, route::toString);
                }
            }
        } catch (ConfigException e) {
            assertFalse(e.errors().isEmpty());
            long lines = text.chars().filter(c -> c == '\n').count() + 1;
            for (ConfigError error : e.errors()) {
                assertTrue(error.line() >= 1 && error.line() <= lines && error.column() >= 1, error::toString);
                assertTrue(error.toString().lines().count() == 1, error::toString);
            }
        }
    }
}
