// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Steps a loop on the test's own thread, or runs it on one where threads are the point. */
class LoopTest {
    private long now = 1_000;
    private final Selector selector = open();
    private final Loop loop = new Loop("test", selector, () -> now, new SharedBytes(1 << 20));
    private final List<String> log = new ArrayList<>();

    private static Selector open() {
        try {
            return Selector.open();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void closeSelector() throws IOException {
        selector.close();
    }

    private Work note(String what) {
        return new Work() {
            @Override
            public void run() {
                log.add(what);
            }

            @Override
            public void failed(Throwable cause) {
                log.add(what + " failed");
            }
        };
    }

    private Work failing(Throwable failure) {
        return new Work() {
            @Override
            public void run() throws Exception {
                if (failure instanceof Error e) {
                    throw e;
                }
                throw (Exception) failure;
            }

            @Override
            public void failed(Throwable cause) {
                log.add(cause.getClass().getSimpleName());
            }
        };
    }

    @Test
    void runsWhatWasPutOffThenMailThenDueTimers() throws IOException {
        loop.claim();
        loop.timers().arm(new Timer(note("timer")), now);
        loop.post(note("mail"));
        loop.later(note("later"));
        now += 2 * TimerWheel.TICK_NANOS;
        assertEquals(3, loop.runOnce());
        assertEquals(List.of("later", "mail", "timer"), log);
    }

    /** A hundred thousand connections may have been opened within a tick, all with the same deadline. */
    @Test
    void manyTimersOfOneTickAreSpreadOverPassesWithMailInBetween() throws IOException {
        int number = 100_000;
        loop.claim();
        int[] fired = new int[1];
        Work count = new Work() {
            @Override
            public void run() {
                fired[0]++;
            }

            @Override
            public void failed(Throwable cause) {
                log.add("failed");
            }
        };
        for (int i = 0; i < number; i++) {
            loop.timers().arm(new Timer(count), now + 30_000_000_000L);
        }
        now += 40_000_000_000L;
        int passes = 0;
        while (loop.timers().armed() > 0) {
            int before = fired[0];
            loop.post(note("mail"));
            loop.runOnce();
            passes++;
            assertTrue(fired[0] - before <= Loop.TIMERS_PER_PASS, fired[0] - before + " in one pass");
            assertEquals(passes, log.size(), "mails served");
            assertEquals(fired[0] < number ? 0 : Long.MAX_VALUE, loop.nanosUntilWork());
        }
        assertEquals(number, fired[0]);
        assertEquals((number + Loop.TIMERS_PER_PASS - 1) / Loop.TIMERS_PER_PASS, passes);
    }

    @Test
    void whatIsPutOffDuringAPassRunsInTheNext() throws IOException {
        loop.claim();
        loop.later(new Work() {
            @Override
            public void run() {
                loop.later(note("second"));
            }

            @Override
            public void failed(Throwable cause) {}
        });
        loop.runOnce();
        assertTrue(log.isEmpty());
        loop.runOnce();
        assertEquals(List.of("second"), log);
    }

    @Test
    void afterCallbacksRunsOnlyAfterSomethingRan() throws IOException {
        loop.afterCallbacks(() -> log.add("after"));
        loop.claim();
        loop.post(note("mail"));
        loop.runOnce();
        assertEquals(List.of("mail", "after"), log);
    }

    @Test
    void errorsOfEveryKindEndNothingButTheirWork() throws IOException {
        loop.claim();
        loop.post(failing(new IOException()));
        loop.post(failing(new OutOfMemoryError()));
        loop.post(failing(new StackOverflowError()));
        loop.post(failing(new AssertionError()));
        loop.post(note("mail"));
        loop.runOnce();
        assertEquals(List.of("IOException", "OutOfMemoryError", "StackOverflowError", "AssertionError", "mail"), log);
    }

    @Test
    void aFailureWhileHandlingAFailureEndsNothing() throws IOException {
        loop.claim();
        loop.post(new Work() {
            @Override
            public void run() {
                throw new IllegalStateException();
            }

            @Override
            public void failed(Throwable cause) {
                throw new IllegalStateException();
            }
        });
        loop.post(note("mail"));
        loop.runOnce();
        assertEquals(List.of("mail"), log);
    }

    @Test
    void anInterruptFlagLeftByACallbackIsCleared() throws IOException {
        loop.claim();
        loop.post(new Work() {
            @Override
            public void run() {
                Thread.currentThread().interrupt();
            }

            @Override
            public void failed(Throwable cause) {}
        });
        loop.runOnce();
        assertFalse(Thread.interrupted());
    }

    @Test
    void interestIsWrittenOnceAtTheEndOfThePass() throws IOException {
        loop.claim();
        Pipe pipe = Pipe.open();
        try {
            pipe.source().configureBlocking(false);
            KeyTarget target = new KeyTarget() {
                @Override
                public boolean ready(int readyOps) {
                    loop.interest(this, 0);
                    loop.interest(this, SelectionKey.OP_READ);
                    loop.interest(this, 0);
                    log.add("ready");
                    return true;
                }

                @Override
                public void spins(int readyOps) {}

                @Override
                public void failed(Throwable cause) {}
            };
            loop.register(pipe.source(), SelectionKey.OP_READ, target);
            pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            loop.runOnce();
            SelectionKey key = pipe.source().keyFor(selector);
            assertNotNull(key);
            assertEquals(0, key.interestOps());
            assertEquals(List.of("ready"), log);
        } finally {
            pipe.source().close();
            pipe.sink().close();
        }
    }

    @Test
    void noMailIsLostHoweverManyThreadsSend() throws Exception {
        int senders = 4;
        int each = 20_000;
        AtomicInteger received = new AtomicInteger();
        Thread thread = new Thread(loop);
        thread.start();
        CountDownLatch all = new CountDownLatch(senders * each);
        Work work = new Work() {
            @Override
            public void run() {
                received.incrementAndGet();
                all.countDown();
            }

            @Override
            public void failed(Throwable cause) {}
        };
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            Thread sender = new Thread(() -> {
                for (int j = 0; j < each; j++) {
                    loop.post(work);
                }
            });
            threads.add(sender);
            sender.start();
        }
        assertTrue(all.await(20, TimeUnit.SECONDS), () -> "received only " + received);
        for (Thread sender : threads) {
            sender.join();
        }
        loop.stop();
        thread.join();
        assertFalse(loop.post(work), "mail to a loop that has ended is refused");
    }

    @Test
    void mailThatALoopDidNotGetToBeforeItsEndFails() throws InterruptedException {
        loop.atEnd(() -> assertFalse(loop.post(note("too late"))));
        loop.post(note("late"));
        loop.stop();
        Thread thread = new Thread(loop);
        thread.start();
        thread.join();
        assertEquals(List.of("late failed"), log);
    }

    @Test
    void aLoopWhoseSelectorFailsLetsGoOfEverythingAndEnds() throws Exception {
        loop.atEnd(() -> log.add("let go"));
        Thread thread = new Thread(loop);
        thread.start();
        selector.close();
        thread.join();
        assertEquals(List.of("let go"), log);
        assertFalse(loop.post(note("mail")));
    }
}
