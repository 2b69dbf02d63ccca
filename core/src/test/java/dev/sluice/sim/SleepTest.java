// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.Environment;
import dev.sluice.loop.Loop;
import dev.sluice.loop.SharedBytes;
import dev.sluice.loop.Timer;
import dev.sluice.loop.TimerWheel;
import dev.sluice.loop.Work;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Loops that sleep when they must not are found: here the selector is what is broken. */
class SleepTest {
    private final Simulation sim = Simulation.seed(1).build();
    private final Environment environment = sim.environment();

    @Test
    void aLoopThatNobodyWokeIsFound() throws IOException {
        Loop loop = start(new Broken(environment, false, true));
        sim.after(Duration.ofSeconds(1), () -> loop.post(new Nothing()));
        assertFails("loop test sleeps though it has mail");
    }

    @Test
    void aLoopThatSleepsWithWorkPutOffIsFound() throws IOException {
        Loop loop = start(new Broken(environment, true, false));
        loop.claim();
        loop.later(new Nothing());
        loop.release();
        assertFails("loop test goes to sleep though it has work");
    }

    @Test
    void aLoopThatSleepsPastItsTimerIsFound() throws IOException {
        Loop loop = start(new Broken(environment, true, false));
        loop.claim();
        TimerWheel timers = loop.timers();
        timers.arm(new Timer(new Nothing()), loop.now() + 1_000_000_000);
        loop.release();
        assertFails("loop test goes to sleep past its next timer");
    }

    @Test
    void aLoopWithASoundSelectorSleepsWell() throws IOException {
        Loop loop = start(new Broken(environment, false, false));
        sim.after(Duration.ofSeconds(1), () -> loop.post(new Nothing()));
        sim.run(Duration.ofMinutes(1));
        assertTrue(sim.turns() < 10, () -> sim.turns() + " turns");
    }

    private Loop start(Selector selector) {
        Loop loop = new Loop("test", selector, environment.nanoClock(), new SharedBytes(1 << 20));
        environment.threadFactory().newThread(loop).start();
        return loop;
    }

    private void assertFails(String message) {
        try {
            sim.run(Duration.ofMinutes(1));
        } catch (AssertionError e) {
            assertTrue(e.getMessage().startsWith(message), e.getMessage());
            return;
        }
        fail("nothing was found");
    }

    private record Nothing() implements Work {
        @Override
        public void run() {}

        @Override
        public void failed(Throwable cause) {}
    }

    /** A selector in front of a sound one that forgets time-outs, or doesn't wake. */
    private static final class Broken extends Selector {
        private final Selector sound;
        private final boolean forgetsTimeouts;
        private final boolean deaf;

        Broken(Environment environment, boolean forgetsTimeouts, boolean deaf) throws IOException {
            this.sound = environment.selectorProvider().openSelector();
            this.forgetsTimeouts = forgetsTimeouts;
            this.deaf = deaf;
        }

        @Override
        public int select(Consumer<SelectionKey> action) throws IOException {
            return sound.select(action);
        }

        @Override
        public int select(Consumer<SelectionKey> action, long timeout) throws IOException {
            return forgetsTimeouts ? sound.select(action) : sound.select(action, timeout);
        }

        @Override
        public int selectNow(Consumer<SelectionKey> action) throws IOException {
            return forgetsTimeouts ? sound.select(action) : sound.selectNow(action);
        }

        @Override
        public Selector wakeup() {
            if (!deaf) {
                sound.wakeup();
            }
            return this;
        }

        @Override
        public boolean isOpen() {
            return sound.isOpen();
        }

        @Override
        public SelectorProvider provider() {
            return sound.provider();
        }

        @Override
        public Set<SelectionKey> keys() {
            return sound.keys();
        }

        @Override
        public Set<SelectionKey> selectedKeys() {
            return sound.selectedKeys();
        }

        @Override
        public int selectNow() {
            throw new UnsupportedOperationException("not used by loops");
        }

        @Override
        public int select(long timeout) {
            throw new UnsupportedOperationException("not used by loops");
        }

        @Override
        public int select() {
            throw new UnsupportedOperationException("not used by loops");
        }

        @Override
        public void close() throws IOException {
            sound.close();
        }
    }
}
