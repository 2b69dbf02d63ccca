// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Gives turns, one at a time, to whoever can run, in an order drawn from the seed. What the network has to deliver is one
 * of them. Only when nobody can run does time pass, up to the next event.
 */
final class Scheduler {
    private static final int TURNS_AT_ONCE = 200_000;
    private static final int TURNS_AT_ONCE_PER_SOCKET = 100;

    private final Timeline timeline;
    private final Chance chance;
    private final Dice dice;
    private final IntSupplier openSockets;
    private final List<Actor> runnable = new ArrayList<>();
    private final List<LoopActor> loops = new ArrayList<>();
    private final List<Invariant> invariants = new ArrayList<>();
    private Thread thread = Thread.currentThread();
    private volatile IllegalStateException wokenByAnother; // whoever did it may keep the exception to itself
    private LoopActor current;
    private boolean running;
    private long turns;
    private int turnsAtOnce;
    private int mostTurnsAtOnce = TURNS_AT_ONCE;

    Scheduler(Timeline timeline, Chance chance, Dice dice, IntSupplier openSockets) {
        this.timeline = timeline;
        this.chance = chance;
        this.dice = dice;
        this.openSockets = openSockets;
    }

    // ---- who runs

    /** From now on it can run, until it has had its turn. */
    void wake(Actor actor) {
        if (Thread.currentThread() != thread) {
            IllegalStateException refused = new IllegalStateException("the simulation runs on one thread, and " + actor
                    + " was woken by another: " + Thread.currentThread().getName());
            wokenByAnother = refused;
            throw refused;
        }
        if (actor.index < 0) {
            actor.index = runnable.size();
            runnable.add(actor);
        }
    }

    void add(LoopActor loop) {
        loops.add(loop);
    }

    void remove(LoopActor loop) {
        loops.remove(loop);
    }

    void add(Invariant invariant) {
        invariants.add(invariant);
    }

    int loops() {
        return loops.size();
    }

    /** The loop whose turn it is, or null. */
    LoopActor current() {
        return current;
    }

    void current(LoopActor loop) {
        current = loop;
    }

    boolean isRunning() {
        return running;
    }

    long turns() {
        return turns;
    }

    // ---- running

    /** Calls {@code body}, in which turns are given on this thread. */
    void run(Runnable body) {
        if (running) {
            throw new IllegalStateException("the simulation is running already; only whoever made it can run it");
        }
        thread = Thread.currentThread();
        running = true;
        try {
            body.run();
        } finally {
            running = false;
        }
    }

    /** Gives one turn. Returns false if nothing can happen until after {@code until}. */
    boolean step(long until) {
        if (runnable.isEmpty() && !timeline.hasDue() && !advance(until)) {
            return false;
        }
        if (wokenByAnother != null) {
            throw new AssertionError(wokenByAnother.getMessage(), wokenByAnother);
        }
        turns++;
        if (++turnsAtOnce > mostTurnsAtOnce) {
            checkSpinning();
        }
        int n = runnable.size();
        int i = chance.below(timeline.hasDue() ? n + 1 : n);
        if (i == n) {
            timeline.takeDue().action.run();
        } else {
            take(i).takeTurn();
        }
        check();
        return true;
    }

    // Many sockets have much to do at one instant, so they are counted before anybody is accused.
    private void checkSpinning() {
        mostTurnsAtOnce = TURNS_AT_ONCE + TURNS_AT_ONCE_PER_SOCKET * openSockets.getAsInt();
        if (turnsAtOnce > mostTurnsAtOnce) {
            throw new AssertionError(
                    turnsAtOnce + " turns were taken while no time passed: somebody spins, of " + runnable);
        }
    }

    private Actor take(int i) {
        Actor actor = runnable.get(i);
        Actor last = runnable.remove(runnable.size() - 1);
        if (last != actor) {
            runnable.set(i, last);
            last.index = i;
        }
        actor.index = -1;
        return actor;
    }

    private boolean advance(long until) {
        long next = timeline.next();
        if (next > until) {
            return false;
        }
        if (dice.hits(Fault.CLOCK_JUMP)) {
            next += dice.chance().between(1, 10_000_000_000L);
        }
        if (next > timeline.now()) {
            turnsAtOnce = 0;
        }
        timeline.advanceTo(next);
        if (!loops.isEmpty() && dice.hits(Fault.SPURIOUS_WAKEUP)) {
            loops.get(dice.chance().below(loops.size())).wakeForNothing();
        }
        if (!loops.isEmpty() && dice.hits(Fault.SELECTOR_SPINS)) {
            loops.get(dice.chance().below(loops.size())).spin();
        }
        return true;
    }

    private void check() {
        for (int i = 0; i < loops.size(); i++) {
            loops.get(i).checkSleep();
        }
        for (int i = 0; i < invariants.size(); i++) {
            invariants.get(i).check();
        }
    }

    /** What a select does that finds nothing: a loop sleeps; whoever made the simulation lets it run on. */
    void sleep(SimSelector selector, long deadline) {
        if (current != null) {
            current.sleep(selector, deadline);
        } else if (running) {
            throw new IllegalStateException("only loops may wait in a select while the simulation runs");
        } else {
            run(() -> runUntilReady(selector, deadline));
        }
    }

    private void runUntilReady(SimSelector selector, long deadline) {
        while (!selector.wouldReturn()) {
            if (!step(deadline)) {
                if (deadline == Long.MAX_VALUE) {
                    throw new IllegalStateException("the select would wait for ever: nothing is under way");
                }
                timeline.advanceTo(deadline);
                return;
            }
        }
    }
}
