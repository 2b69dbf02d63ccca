// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

/**
 * Leaves a loop's pass at the point where its thread would sleep. The pass has done nothing yet then, so that it begins
 * anew once there is something to do. There is one of these, without a stack.
 */
final class Asleep extends Error {
    static final Asleep INSTANCE = new Asleep();
    private static final long serialVersionUID = 1L;

    private Asleep() {
        super("a loop sleeps", null, false, false);
    }
}
