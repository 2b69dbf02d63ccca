// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.time.Duration;

/**
 * What became of the connections of a server, or of a connector, that was drained.
 *
 * @param held connections held when draining began, those that were then taken out of the backlog included
 * @param forced those of them that had not ended when the window was over, and were cut
 * @param unanswered requests of the forced ones that were delivered and whose replies had not left
 * @param unsentBytes bytes of the forced ones that were accepted for sending and that sockets had not taken
 * @param took time from the beginning until the last connection had ended
 */
public record DrainReport(int held, int forced, long unanswered, long unsentBytes, Duration took) {
    static final DrainReport NOTHING = new DrainReport(0, 0, 0, 0, Duration.ZERO);

    /** How many ended in order, for whatever reason, before the window was over. */
    public int ended() {
        return held - forced;
    }

    /** Of two Readers that were drained at the same time. */
    DrainReport with(DrainReport other) {
        return new DrainReport(
                held + other.held,
                forced + other.forced,
                unanswered + other.unanswered,
                unsentBytes + other.unsentBytes,
                took.compareTo(other.took) > 0 ? took : other.took);
    }
}
