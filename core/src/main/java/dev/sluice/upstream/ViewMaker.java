// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.util.Arrays;

/** Makes a {@link View} of what is known of the members at a time. The lock of {@link Members}. */
final class ViewMaker {
    private final Roster roster;
    private final int panicPercent;
    private final long slowStartNanos;
    private final long now;

    private final int[] parts;
    private final boolean[] onTrial;
    private final BackendState[] states;
    private boolean timed;
    private long validUntil;

    ViewMaker(Roster roster, int panicPercent, long slowStartNanos, long now) {
        this.roster = roster;
        this.panicPercent = panicPercent;
        this.slowStartNanos = slowStartNanos;
        this.now = now;
        this.validUntil = now + Long.MAX_VALUE / 2;
        this.parts = new int[roster.size()];
        this.onTrial = new boolean[roster.size()];
        this.states = new BackendState[roster.size()];
    }

    View make() {
        int up = 0;
        for (int i = 0; i < parts.length; i++) {
            look(i);
            up += states[i] == BackendState.UP || states[i] == BackendState.STARTING ? 1 : 0;
        }
        boolean panic = up * 100 < parts.length * panicPercent;
        if (panic) {
            Arrays.fill(parts, View.FULL);
            Arrays.fill(onTrial, false);
        }
        return new View(roster, parts, onTrial, panic, timed, validUntil);
    }

    /** After {@link #make}: what is thought of one. */
    BackendState state(int i) {
        return states[i];
    }

    private void look(int i) {
        Member member = roster.members[i];
        member.health.passed(now);
        states[i] = member.health.state();
        switch (states[i]) {
            case UP -> {
                parts[i] = member.parts(now, slowStartNanos);
                if (member.starting) {
                    states[i] = BackendState.STARTING;
                    changesAt(member.nextStep(parts[i], slowStartNanos));
                }
            }
            case PROBATION -> {
                parts[i] = View.FULL;
                onTrial[i] = true;
                timed = true;
            }
            case EJECTED -> changesAt(member.health.ejectedUntil());
            default -> {}
        }
    }

    private void changesAt(long time) {
        timed = true;
        if (time - validUntil < 0) {
            validUntil = time;
        }
    }
}
