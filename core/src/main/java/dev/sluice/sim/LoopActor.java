// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import dev.sluice.loop.Loop;
import java.io.IOException;

/**
 * A loop of the server under test, stepped pass by pass. It is the thread's own loop during its turns only, so that the
 * loops enter each other through their mailboxes, as on threads.
 */
final class LoopActor {
    private static final long MILLI = 1_000_000;

    private final Scheduler scheduler;
    private final Network network;
    private final Loop loop;
    private final Actor actor;
    private final Event timeout = new Event(this::rouse);
    private final Event lateWakeUp;
    private final Event pauseEnd = new Event(this::endPause);
    private SimSelector selector;
    private boolean asleep;
    private boolean forNothing;
    private boolean hasPaused;

    LoopActor(Scheduler scheduler, Network network, Loop loop) {
        this.scheduler = scheduler;
        this.network = network;
        this.loop = loop;
        this.actor = new Actor("loop " + loop.name(), this::turn);
        this.lateWakeUp = new Event(() -> scheduler.wake(actor));
        loop.pauseWith(this::pause);
    }

    void start() {
        scheduler.add(this);
        scheduler.wake(actor);
    }

    private void turn() {
        asleep = false;
        network.timeline.cancel(timeout);
        scheduler.current(this);
        try {
            if (loop.isStopping()) {
                end();
                return;
            }
            loop.claim();
            int served = loop.runOnce();
            if (served > 0) {
                network.log.begin("pass ").append(loop.name()).append(' ').append(served);
                network.log.end();
            }
            scheduler.wake(actor);
        } catch (Asleep e) {
            network.log.begin("sleep ").append(loop.name());
            network.log.end();
        } catch (IOException e) {
            throw new AssertionError(actor + " failed", e);
        } finally {
            scheduler.current(null);
            loop.release();
        }
    }

    private void end() {
        network.log.begin("end ").append(loop.name());
        network.log.end();
        scheduler.remove(this);
        network.timeline.cancel(pauseEnd);
        loop.run();
    }

    // ---- sleeping

    /** Called from its select. Doesn't return. */
    void sleep(SimSelector in, long deadline) {
        if (forNothing) {
            forNothing = false;
            return;
        }
        if (in.isSpinning()) {
            return;
        }
        long work = loop.nanosUntilWork();
        if (work == 0) {
            throw new AssertionError(actor + " goes to sleep though it has work");
        }
        if (work < Long.MAX_VALUE && deadline - network.timeline.now() > work + MILLI) {
            throw new AssertionError(actor + " goes to sleep past its next timer");
        }
        selector = in;
        in.sleeper(this::rouse);
        asleep = true;
        if (deadline < Long.MAX_VALUE) {
            network.timeline.at(deadline, timeout);
        }
        throw Asleep.INSTANCE;
    }

    private void rouse() {
        if (!asleep || actor.index >= 0 || lateWakeUp.isScheduled()) {
            return;
        }
        if (network.dice.hits(Fault.LATE_WAKEUP)) {
            network.timeline.in(network.dice.chance().between(1, 50 * MILLI), lateWakeUp);
        } else {
            scheduler.wake(actor);
        }
    }

    /** The select returns though there is nothing. */
    void wakeForNothing() {
        if (asleep && actor.index < 0) {
            forNothing = true;
            scheduler.wake(actor);
        }
    }

    /** Its selector doesn't wait any more, until the loop has another. */
    void spin() {
        if (selector != null) {
            selector.spin();
            rouse();
        }
    }

    /** Called by the loop instead of parking its thread. Returns once the time has passed, and not at all before. */
    private void pause(long nanos) {
        if (hasPaused) {
            hasPaused = false;
            return;
        }
        if (!pauseEnd.isScheduled()) {
            network.timeline.in(nanos, pauseEnd);
        }
        throw Asleep.INSTANCE;
    }

    private void endPause() {
        hasPaused = true;
        scheduler.wake(actor);
    }

    /** A loop that sleeps in its select must be woken by whoever gives it work. */
    void checkSleep() {
        if (asleep && loop.hasMail() && !selector.wouldReturn()) {
            throw new AssertionError(actor + " sleeps though it has mail: nobody woke it");
        }
    }
}
