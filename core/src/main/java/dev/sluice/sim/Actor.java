// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

/** Somebody who gets turns: a loop, a worker's task, a client. */
final class Actor {
    private final String name;
    private final Runnable turn;
    int index = -1; // among those that can run

    Actor(String name, Runnable turn) {
        this.name = name;
        this.turn = turn;
    }

    void takeTurn() {
        turn.run();
    }

    @Override
    public String toString() {
        return name;
    }
}
