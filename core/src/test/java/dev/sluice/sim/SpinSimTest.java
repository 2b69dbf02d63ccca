// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Environment;
import dev.sluice.loop.Loop;
import dev.sluice.loop.SharedBytes;
import dev.sluice.loop.Work;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Loops whose selectors spin, in virtual time. */
class SpinSimTest {
    private final Simulation sim = Simulation.seed(1).build();
    private final Environment environment = sim.environment();
    private int mails;

    private Loop start() throws IOException {
        Loop loop = new Loop(
                "test",
                environment.selectorProvider().openSelector(),
                environment.nanoClock(),
                new SharedBytes(1 << 20));
        environment.threadFactory().newThread(loop).start();
        sim.run(Duration.ofMillis(1));
        return loop;
    }

    private final class Mail implements Work {
        @Override
        public void run() {
            mails++;
        }

        @Override
        public void failed(Throwable cause) {}
    }

    @Test
    void aSelectorThatSpinsIsReplacedAndTheLoopSleepsAgain() throws IOException {
        Loop loop = start();
        sim.force(Fault.SELECTOR_SPINS, 1);
        sim.after(Duration.ofSeconds(1), () -> loop.post(new Mail()));
        sim.run(Duration.ofHours(1));
        assertEquals(1, loop.selectorsReplaced());
        assertEquals(1, mails);
        assertTrue(sim.turns() < 1000, () -> sim.turns() + " turns");
    }

    @Test
    void ifAllSelectorsSpinTheLoopIsThereAndTakesFewPasses() throws IOException {
        Loop loop = start();
        sim.force(Fault.SELECTOR_SPINS, 100_000); // one at each step of the clock
        for (int second = 1; second <= 10; second++) {
            sim.after(Duration.ofSeconds(second), () -> loop.post(new Mail()));
        }
        sim.run(Duration.ofMillis(10_100));
        assertEquals(10, mails);
        assertEquals(4, loop.selectorsReplaced(), "after 0, 1, 3 and 7 seconds");
        assertTrue(sim.turns() < 40_000, () -> sim.turns() + " turns");
    }
}
