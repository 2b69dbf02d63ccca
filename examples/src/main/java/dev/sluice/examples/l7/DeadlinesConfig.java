// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import java.time.Duration;

/**
 * How long something may take.
 *
 * @param connect to a backend
 * @param handshake of TLS
 * @param request from a client's acceptance to its first byte, and from there to its whole head
 * @param idle between two requests of a client
 * @param writeStall while a side doesn't read
 */
record DeadlinesConfig(Duration connect, Duration handshake, Duration request, Duration idle, Duration writeStall) {
    static final DeadlinesConfig DEFAULTS = new DeadlinesConfig(
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofSeconds(60));
}
