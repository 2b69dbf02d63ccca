// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.WhenFull;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process that really has no descriptor left: tries are counted here, and timed by {@link Descriptors}. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DescriptorsTest {
    private static final int DESCRIPTORS = 128;
    private static final int CLIENTS = 300;

    @BeforeAll
    static void needsPrlimit() {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "there is no prlimit here");
    }

    @Test
    void thoseWhoAreHeldAreServedAndTheOthersComeOnceThereIsRoom() throws IOException, InterruptedException {
        try (ScarceProcess server = new ScarceProcess(WhenFull.WAIT, DESCRIPTORS);
                Knockers knockers = new Knockers(server.port())) {
            knockers.knock(CLIENTS);
            awaitFull(server, knockers, 1);
            long start = System.nanoTime();
            long before = server.counts().withoutDescriptor();
            awaitFull(server, knockers, before + 20);
            double seconds = (System.nanoTime() - start) / 1e9;
            double tries = server.counts().withoutDescriptor() - before;
            assertTrue(tries <= 20 * seconds + 1, tries + " tries in " + seconds + " s"); // slow machines make fewer

            int answers = knockers.answers();
            int held = knockers.ask();
            assertTrue(held > 20 && held < DESCRIPTORS, held + " are held");
            while (knockers.answers() < answers + held) {
                knockers.step(1000);
            }
            knockers.hangUp(10);
            while (knockers.answers() < answers + held + 10) {
                knockers.step(1000);
            }
            assertEquals(0, knockers.lost());
        }
    }

    @Test
    void whoComesIsToldThatThereIsNoRoom() throws IOException, InterruptedException {
        try (ScarceProcess server = new ScarceProcess(WhenFull.REFUSE, DESCRIPTORS);
                Knockers knockers = new Knockers(server.port())) {
            knockers.knock(CLIENTS);
            while (knockers.refused() < 10) {
                knockers.step(1000);
            }
            int answers = knockers.answers();
            int held = knockers.ask();
            while (knockers.answers() < answers + held) {
                knockers.step(1000);
            }
            assertEquals(0, knockers.lost());
        }
    }

    @Test
    void whoIsIdleMakesRoom() throws IOException, InterruptedException {
        try (ScarceProcess server = new ScarceProcess(WhenFull.EVICT_IDLEST, DESCRIPTORS);
                Knockers knockers = new Knockers(server.port())) {
            knockers.knock(CLIENTS);
            while (knockers.answers() < DESCRIPTORS + 10) {
                knockers.step(1000);
            }
            assertTrue(server.counts().evicted() > 0);
        }
    }

    private static void awaitFull(ScarceProcess server, Knockers knockers, long errors)
            throws IOException, InterruptedException {
        while (server.counts().withoutDescriptor() < errors) {
            knockers.step(50);
        }
    }
}
