// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/**
 * What a {@link ConnectionPool} has and has done. The figures are read one after the other while others go on counting.
 *
 * @param connections how many it has now, those that are being made included
 * @param idle how many of them nobody uses
 * @param waiting how many wait for one
 * @param made how many connects it has begun
 * @param reused how many times an idle one was taken
 * @param stale how many ended while they were idle, or were sent something
 * @param expired how many were closed since they were idle for too long, or too old
 * @param queueFull how many were told {@link NoConnection.Reason#QUEUE_FULL}
 * @param waitedTooLong how many were told {@link NoConnection.Reason#WAITED_TOO_LONG}
 */
public record PoolStatus(
        int connections,
        int idle,
        int waiting,
        long made,
        long reused,
        long stale,
        long expired,
        long queueFull,
        long waitedTooLong) {}
