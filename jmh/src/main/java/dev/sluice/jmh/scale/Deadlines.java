// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import dev.sluice.Environment;
import dev.sluice.loop.Loop;
import dev.sluice.loop.SharedBytes;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import dev.sluice.sim.Simulation;
import java.io.IOException;
import java.time.Duration;

/**
 * A loop's timers by themselves, with deadlines of a minute, as connections would have that may be idle so long: one for
 * each, spread evenly over five seconds. The loop is kept awake meanwhile, once a millisecond.
 */
public final class Deadlines implements Trial {
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final long SPREAD_NANOS = 5_120_000_000L;

    private final Simulation sim = Simulation.seed(1).keepEvents(0).build();
    private final Loop loop;
    private final Timer[] timers;
    private volatile int fired;

    /** Makes {@code number} timers. */
    public Deadlines(int number) throws IOException {
        Environment environment = sim.environment();
        loop = new Loop(
                "deadlines",
                environment.selectorProvider().openSelector(),
                environment.nanoClock(),
                new SharedBytes(1 << 20));
        loop.claim();
        Work fire = new Fire();
        timers = new Timer[number];
        for (int i = 0; i < number; i++) {
            timers[i] = new Timer(fire);
        }
    }

    private final class Fire implements Work {
        @Override
        public void run() {
            fired++;
        }

        @Override
        public void failed(Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    private static final class Nothing implements Work {
        @Override
        public void run() {
            // it is only to wake the loop
        }

        @Override
        public void failed(Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    @Override
    public void run(Phase phase, int number) throws IOException {
        switch (phase) {
            case ARM -> arm();
            case FIRE -> fire();
            default -> throw new IllegalArgumentException(phase + " is none of a loop's timers");
        }
    }

    private void arm() {
        long first = loop.now() + MINUTE_NANOS;
        for (int i = 0; i < timers.length; i++) {
            loop.timers().arm(timers[i], first + SPREAD_NANOS * i / timers.length);
        }
    }

    private void fire() throws IOException {
        Nothing nothing = new Nothing();
        while (fired < timers.length) {
            sim.run(Duration.ofMillis(1));
            loop.post(nothing);
            loop.runOnce();
        }
    }

    @Override
    public void end() {
        loop.stop();
        loop.run();
    }

    @Override
    public int done() {
        return fired;
    }
}
