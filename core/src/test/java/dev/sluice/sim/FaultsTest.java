// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {
    @Test
    void theTextOfFaultsGivesTheSameFaults() {
        assertEquals(Faults.mixed(), Faults.parse(Faults.mixed().toString()));
        assertEquals(Faults.none(), Faults.parse(""));
        assertEquals(
                "shortRead=0.2,reset=0.01",
                Faults.parse(" reset = 0.01 , shortRead=0.2").toString());
    }

    @Test
    void mixedHasSomeOfEverything() {
        for (Fault fault : Fault.values()) {
            assertTrue(Faults.mixed().probability(fault) > 0, fault.toString());
        }
    }

    @Test
    void anUnknownNameIsRefusedInOneLineThatListsTheNames() {
        Exception e =
                assertThrows(IllegalArgumentException.class, () -> Faults.none().with("shrotRead", 0.1));
        assertTrue(e.getMessage().startsWith("fault 'shrotRead' is unknown, must be one of shortRead, shortWrite, "));
        assertFalse(e.getMessage().contains("\n"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.0000001, Double.NaN, Double.POSITIVE_INFINITY})
    void aProbabilityOutOfRangeIsRefused(double probability) {
        Exception e =
                assertThrows(IllegalArgumentException.class, () -> Faults.none().with(Fault.RESET, probability));
        assertEquals("probability of reset: " + probability + " is not within 0 to 1", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "reset=", "reset=x", "reset=0.1,", "=0.1", "reset=2"})
    void aTextThatIsNoListOfProbabilitiesIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Faults.parse(text));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        Simulation.Builder builder = Simulation.seed(1);
        assertThrows(IllegalArgumentException.class, () -> builder.bufferBytes(0));
        assertThrows(IllegalArgumentException.class, () -> builder.keepEvents(-1));
        assertThrows(IllegalArgumentException.class, () -> builder.latency(Duration.ZERO, Duration.ofMillis(1)));
        assertThrows(IllegalArgumentException.class, () -> builder.latency(Duration.ofMillis(2), Duration.ofMillis(1)));
        Simulation sim = builder.build();
        assertThrows(IllegalArgumentException.class, () -> sim.force(Fault.RESET, 0));
        assertThrows(IllegalArgumentException.class, () -> sim.descriptors(-1));
        assertThrows(IllegalArgumentException.class, () -> sim.run(Duration.ofMillis(-1)));
        Exception e = assertThrows(IllegalArgumentException.class, () -> sim.client("localhost"));
        assertEquals("host 'localhost' must be an IP address", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> sim.client("10.0.0.777"));
    }
}
