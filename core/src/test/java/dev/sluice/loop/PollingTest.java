// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Replaces the JDK's own selectors, as if they had spun. */
class PollingTest {
    private static final long SECOND = 1_000_000_000;

    private final Selectors provider = new Selectors();
    private final Polling polling = new Polling("test", provider.openSelector(), provider);
    private final List<Long> pauses = new ArrayList<>();
    private long now = Long.MAX_VALUE - 3 * SECOND; // a clock may start anywhere

    @AfterEach
    void close() {
        polling.close();
        provider.opened.forEach(selector -> assertFalse(selector.isOpen()));
    }

    private void spin(int times) {
        for (int i = 0; i < times; i++) {
            polling.returnedEarly(now);
        }
    }

    private void spinOver() {
        spin(Polling.MOST_EARLY_RETURNS);
    }

    @Test
    void earlyReturnsThatAreNotInARowAreForgiven() {
        for (int i = 0; i < 10; i++) {
            spin(Polling.MOST_EARLY_RETURNS - 1);
            polling.returnedInTime();
        }
        assertEquals(0, polling.replaced());
        assertEquals(1, provider.opened.size());
    }

    @Test
    void channelsMoveWithTheInterestThatTheyHaveNow() throws IOException {
        Pipe pipe = Pipe.open();
        Pipe quiet = Pipe.open();
        try {
            Target target = register(pipe, SelectionKey.OP_READ);
            Target other = register(quiet, SelectionKey.OP_READ);
            target.desire(0);
            target.desire(SelectionKey.OP_READ);
            other.desire(0);
            pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            quiet.sink().write(ByteBuffer.wrap(new byte[1]));
            spinOver();
            assertEquals(1, polling.replaced());
            AbstractSelector fresh = provider.opened.get(1);
            assertSame(target, pipe.source().keyFor(fresh).attachment());
            assertEquals(0, quiet.source().keyFor(fresh).interestOps());
            List<Object> ready = new ArrayList<>();
            assertEquals(1, polling.select(key -> ready.add(key.attachment()), Long.MAX_VALUE));
            assertEquals(List.of(target), ready);
            other.desire(SelectionKey.OP_READ);
            other.settleInterest();
            assertEquals(2, polling.selectNow(key -> {}), "interest is written to the new key");
        } finally {
            close(pipe);
            close(quiet);
        }
    }

    @Test
    void aKeyThatWasCancelledStaysBehind() throws IOException {
        Pipe pipe = Pipe.open();
        try {
            register(pipe, SelectionKey.OP_READ).deregister();
            spinOver();
            assertEquals(0, provider.opened.get(1).keys().size());
            assertFalse(pipe.source().isRegistered());
        } finally {
            close(pipe);
        }
    }

    @Test
    void selectorsThatSpinAsWellAreReplacedEverMoreSeldomAndTheLoopPausesInBetween() throws IOException {
        polling.pauseWith(pauses::add);
        spinOver();
        spinOver();
        assertEquals(1, polling.replaced(), "a second must pass");
        polling.wakeup();
        polling.select(key -> {}, Long.MAX_VALUE);
        assertEquals(List.of(1_000_000L), pauses);
        long[] gaps = {1, 2, 4, 8, 16, 32, 60, 60};
        for (int i = 0; i < gaps.length; i++) {
            now += gaps[i] * SECOND - 1;
            spinOver();
            assertEquals(1 + i, polling.replaced(), "too early");
            now += 1;
            spinOver();
            assertEquals(2 + i, polling.replaced());
        }
    }

    @Test
    void afterALongTimeWithoutSpinningTheGapIsShortAgain() {
        spinOver();
        now += SECOND;
        spinOver();
        now += 100 * SECOND;
        spinOver();
        now += SECOND;
        spinOver();
        assertEquals(4, polling.replaced());
    }

    @Test
    void aLoopThatIsServedAgainPausesNoMore() throws IOException {
        polling.pauseWith(pauses::add);
        spinOver();
        spinOver();
        polling.returnedInTime();
        polling.wakeup();
        polling.select(key -> {}, Long.MAX_VALUE);
        assertTrue(pauses.isEmpty());
    }

    @Test
    void withoutASelectorToReplaceItTheOldOneStaysInUse() throws IOException {
        polling.pauseWith(pauses::add);
        Pipe pipe = Pipe.open();
        try {
            Target target = register(pipe, SelectionKey.OP_READ);
            provider.fails = true;
            spinOver();
            assertEquals(0, polling.replaced());
            pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            List<Object> ready = new ArrayList<>();
            polling.select(key -> ready.add(key.attachment()), Long.MAX_VALUE);
            assertEquals(List.of(target), ready);
            assertEquals(1, pauses.size());
            provider.fails = false;
            now += SECOND;
            spinOver();
            assertEquals(1, polling.replaced());
        } finally {
            close(pipe);
        }
    }

    @Test
    void noWakeUpIsLostOverTheChange() throws Exception {
        int mails = 20_000;
        Mailbox mailbox = new Mailbox(polling);
        CountDownLatch all = new CountDownLatch(mails);
        Thread loop = new Thread(() -> takeAll(mailbox, all));
        loop.start();
        CountDownLatch turn = new CountDownLatch(0);
        for (int i = 0; i < mails; i++) {
            turn.await();
            turn = new CountDownLatch(i % 3 == 0 ? 1 : 0); // at times the loop goes to sleep before the next
            mailbox.put(new Mail(turn, all));
        }
        assertTrue(all.await(20, TimeUnit.SECONDS), () -> all.getCount() + " mails did not arrive");
        loop.join();
        assertTrue(polling.replaced() > 0);
    }

    private void takeAll(Mailbox mailbox, CountDownLatch all) {
        try {
            for (int pass = 0; all.getCount() > 0; pass++) {
                if (mailbox.isEmpty()) {
                    polling.select(key -> {}, Long.MAX_VALUE);
                }
                if (pass % 20 == 0) {
                    now += 1000 * SECOND;
                    spinOver();
                }
                mailbox.lowerFlag();
                for (Work work = mailbox.take(); work != null; work = mailbox.take()) {
                    work.run();
                }
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private record Mail(CountDownLatch turn, CountDownLatch all) implements Work {
        @Override
        public void run() {
            turn.countDown();
            all.countDown();
        }

        @Override
        public void failed(Throwable cause) {}
    }

    private Target register(Pipe pipe, int ops) throws IOException {
        pipe.source().configureBlocking(false);
        Target target = new Target();
        target.registered(polling.register(pipe.source(), ops, target), ops);
        assertNotNull(pipe.source().keyFor(provider.opened.get(0)));
        return target;
    }

    private void close(Pipe pipe) throws IOException {
        pipe.source().close();
        pipe.sink().close();
        polling.selectNow(key -> {});
    }

    private static final class Target extends KeyTarget {
        @Override
        public boolean ready(int readyOps) {
            return true;
        }

        @Override
        public void spins(int readyOps) {}

        @Override
        public void failed(Throwable cause) {}
    }

    /** The JDK's, each noted. */
    private static final class Selectors extends MachineProvider {
        final List<AbstractSelector> opened = new ArrayList<>();
        boolean fails;

        @Override
        public AbstractSelector openSelector() {
            if (fails) {
                throw new IllegalStateException("deliberate");
            }
            try {
                AbstractSelector selector = super.openSelector();
                opened.add(selector);
                return selector;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
