// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

/** What a select does that finds nothing ready and may wait. */
@FunctionalInterface
interface Waiting {
    /** Returns when something is ready, the selector was woken, or {@code deadlineNanos} of virtual time is reached. */
    void sleep(SimSelector selector, long deadlineNanos);
}
