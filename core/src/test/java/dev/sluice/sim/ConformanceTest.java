// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.spi.SelectorProvider;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The simulated channels and selectors do what the JDK's do on Linux: each case is run over the loopback and over the
 * simulated network, and what it notes must be the same.
 */
class ConformanceTest {
    private static final int FLOOR = 120;

    static Map<String, Lab.Body> cases() {
        Map<String, Lab.Body> cases = new LinkedHashMap<>();
        for (Cases group : List.of(
                new ConnectCases(),
                new ListenCases(),
                new TransferCases(),
                new ClosingCases(),
                new SelectCases(),
                new KeyCases(),
                new OptionCases())) {
            group.addTo((name, body) ->
                    assertEquals(null, cases.put(group.getClass().getSimpleName() + ": " + name, body), name));
        }
        return cases;
    }

    /** Some of the cases. */
    interface Cases {
        void addTo(Adder to);
    }

    /** Takes one case. */
    interface Adder {
        void add(String name, Lab.Body body);
    }

    @TestFactory
    Stream<DynamicTest> theSimulationDoesWhatTheJdkDoes() {
        return cases().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> compare(entry.getValue())));
    }

    @Test
    void thereAreEnoughCases() {
        assertTrue(cases().size() >= FLOOR, () -> cases().size() + " cases");
    }

    private static void compare(Lab.Body body) throws Exception {
        assertEquals(transcript(SelectorProvider.provider(), body), transcript(TestNetwork.provider(), body));
    }

    private static String transcript(SelectorProvider provider, Lab.Body body) throws Exception {
        Lab lab = new Lab(provider);
        try (lab) {
            body.run(lab);
        }
        return String.join("\n", lab.transcript);
    }
}
