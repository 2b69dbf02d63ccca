// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import java.time.Duration;

/**
 * How long something may take.
 *
 * @param connect to a backend, unless its upstream says otherwise
 * @param hello from a client's acceptance to its whole ClientHello, where a route asks for it, or PROXY header
 * @param idle since a byte has moved either way
 * @param writeStall while a side doesn't read
 */
record DeadlinesConfig(Duration connect, Duration hello, Duration idle, Duration writeStall) {
    static final DeadlinesConfig DEFAULTS = new DeadlinesConfig(
            Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofSeconds(60));
}
