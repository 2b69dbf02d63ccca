// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/**
 * Why an {@link Acceptor} lets nobody in at the moment.
 *
 * @param why in words
 * @param sinceNanos the time of the loop's clock since which it has let nobody in for that
 * @param accepted how many it had let in before
 */
record Closure(String why, long sinceNanos, long accepted) {

    /** One that goes on with {@code last}, which may be null, if that was for the same and nobody was let in since. */
    static Closure after(Closure last, String why, long nowNanos, long accepted) {
        boolean goesOn = last != null && last.accepted == accepted && last.why.equals(why);
        return new Closure(why, goesOn ? last.sinceNanos : nowNanos, accepted);
    }
}
