// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.loop.Loop;
import dev.sluice.loop.SharedBytes;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A loop on a thread, the watch stepped by the test, and a clock that stands still. */
class WatchTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong(-5 * SECOND);
    private final LoggedLines log = new LoggedLines();
    private final List<Blocking> blockings = new ArrayList<>();
    private Loop loop;
    private Thread thread;
    private WatchedLoop watched;

    @BeforeEach
    void start() throws Exception {
        loop = new Loop("test-loop", Selector.open(), now::get, new SharedBytes(1 << 20));
        watched = new WatchedLoop(loop, null, SECOND, now::get, log.logger());
        thread = new Thread(loop);
        thread.start();
        Await.until("it waits", () -> loop.thread() == thread && loop.busySince() == 0);
    }

    @AfterEach
    void stop() throws Exception {
        blockings.forEach(blocking -> blocking.release.countDown());
        loop.stop();
        thread.join();
        assertEquals(0, loop.busySince());
    }

    /** Blocks the loop until it is released. */
    private static class Blocking implements Work {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch release = new CountDownLatch(1);

        @Override
        public void run() throws Exception {
            begun.countDown();
            release.await();
        }

        @Override
        public void failed(Throwable cause) {}
    }

    private Blocking block() throws InterruptedException {
        Blocking blocking = new Blocking();
        blockings.add(blocking);
        loop.post(blocking);
        blocking.begun.await();
        return blocking;
    }

    private void lookAfter(long nanos) {
        watched.look(now.addAndGet(nanos));
    }

    private void release(Blocking blocking) {
        blocking.release.countDown();
        Await.until("it waits again", () -> loop.busySince() == 0);
    }

    @Test
    void aBlockedLoopIsToldOfWithItsStackWhileItIsBlocked() throws Exception {
        Blocking blocking = block();
        lookAfter(SECOND - 1);
        assertTrue(log.lines.isEmpty());
        lookAfter(1);
        String said = log.lines.get(0);
        assertTrue(said.startsWith("warn test-loop: blocked for 1000 ms in mail\nstack of " + thread.getName()), said);
        assertTrue(said.contains("WatchTest$Blocking.run"), said);
        assertEquals(1, watched.blocked());
        release(blocking);
    }

    @Test
    void itIsToldOfAgainWhenItHasLastedTwiceAsLongAndWhenItIsOver() throws Exception {
        Blocking blocking = block();
        lookAfter(SECOND);
        lookAfter(SECOND - 1);
        assertEquals(1, log.lines.size());
        lookAfter(1);
        assertEquals(2, log.lines.size());
        lookAfter(SECOND);
        assertEquals(2, log.lines.size());
        release(blocking);
        lookAfter(SECOND);
        assertEquals("warn test-loop: goes on, after a pass of about 4000 ms", log.lines.get(2));
        assertEquals(1, watched.blocked());
        assertEquals(4 * SECOND, watched.blockedNanos());
        lookAfter(100 * SECOND);
        assertEquals(3, log.lines.size());
    }

    @Test
    void passesThatAreBlockedOneAfterTheOtherAreCountedAndToldOnceASecond() throws Exception {
        watched = new WatchedLoop(loop, null, SECOND / 4, now::get, log.logger());
        for (int i = 0; i < 5; i++) {
            Blocking blocking = block();
            lookAfter(SECOND / 4);
            release(blocking);
            lookAfter(0);
        }
        assertEquals(5, watched.blocked());
        assertEquals(
                2,
                log.lines.stream().filter(line -> line.contains("blocked for")).count());
    }

    @Test
    void aLoopThatWaitsIsNotBlockedHoweverLong() {
        lookAfter(1000 * SECOND);
        assertTrue(log.lines.isEmpty());
    }

    @Test
    void itIsSaidWhetherItIsMailOrATimer() throws Exception {
        Blocking blocking = new Blocking();
        blockings.add(blocking);
        Blocking arming = new Blocking() {
            @Override
            public void run() {
                loop.timers().arm(new Timer(blocking), loop.now());
                now.addAndGet(SECOND); // a tick is over
            }
        };
        loop.post(arming);
        blocking.begun.await();
        lookAfter(SECOND);
        assertTrue(log.lines.get(0).contains("in a timer"), log.lines::toString);
        release(blocking);
    }

    @Test
    void aServerTellsOfAHandlerThatBlocksAndItsWatchEndsWithIt() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Handler<ByteBuffer> handler = (line, reply) -> {
            entered.countDown();
            assertTrue(release.await(20, TimeUnit.SECONDS));
            reply.end();
        };
        try (TestServer test = new TestServer(handler, b -> b.name("watched").blockedAfter(Duration.ofMillis(1)));
                Client client = test.client()) {
            client.send("x\n");
            Reader reader = test.server.readers().get(0);
            assertTrue(entered.await(20, TimeUnit.SECONDS)); // on a busy machine a loop is found blocked before, too
            Await.until("it is found", () -> test.server.group().watch(0).blocked() > 0);
            BusyWith what = BusyWith.now(reader.loop, reader);
            assertTrue(what.what().startsWith("an event of connection 0 from 127.0.0.1:"), what.what());
            assertTrue(isAlive("watched-watch"));
            release.countDown();
            Await.until("it is over", () -> test.server.group().watch(0).blockedNanos() > 0);
        }
        assertFalse(isAlive("watched-watch"));
    }

    @Test
    void aServerTellsOfAClosedHookThatBlocks() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        TestServer.Recorder protocol = new TestServer.Recorder(TestServer::echo) {
            @Override
            public void closed(Connection connection, CloseReason reason) {
                begun.countDown();
                awaitRelease(release);
                super.closed(connection, reason);
            }
        };
        try (TestServer test = new TestServer(protocol, b -> b)) {
            test.client().close();
            begun.await();
            Reader reader = test.server.readers().get(0);
            BusyWith what = BusyWith.now(reader.loop, reader);
            release.countDown();
            assertTrue(what.what().startsWith("mail of connection 0"), what.what());
            test.reasons(1);
            Await.until("it serves nobody", () -> reader.current == null);
        }
    }

    private static void awaitRelease(CountDownLatch release) {
        try {
            assertTrue(release.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aServerThatIsNotToBeWatchedHasNoThreadForIt() throws Exception {
        try (TestServer test =
                        new TestServer(TestServer::echo, b -> b.name("lonely").blockedAfter(Duration.ZERO));
                Client client = test.client()) {
            assertEquals("x\n", client.send("x\n").read("x\n"));
            assertFalse(isAlive("lonely-watch"));
        }
    }

    private static boolean isAlive(String thread) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(t -> t.getName().equals(thread));
    }
}
