// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import java.time.Duration;

/**
 * The connections to backends that are shared by clients.
 *
 * @param connections at the same time, for each listener
 * @param queue requests that wait for one, on each reading thread
 * @param longestWait for how long they do
 * @param idle after which one is closed
 * @param age of which one isn't used again
 */
record PoolConfig(int connections, int queue, Duration longestWait, Duration idle, Duration age) {
    static final PoolConfig DEFAULTS =
            new PoolConfig(1024, 1024, Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofHours(1));
}
