// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.time.Duration;

/**
 * What a server holds at most. Every limit is finite; what happens when one is reached is said with it.
 *
 * <table>
 * <caption>Defaults and ranges</caption>
 * <tr><th>limit</th><th>default</th><th>range</th><th>when it is reached</th></tr>
 * <tr><td>connections</td><td>100,000</td><td>1 to 100,000,000</td>
 *     <td>accepting stops; new clients wait in the kernel's backlog until a connection ends</td></tr>
 * <tr><td>acceptsPerPass</td><td>64</td><td>1 to 65,536</td><td>the other channels of the loop get their turn</td></tr>
 * <tr><td>frameBytes</td><td>1 MiB</td><td>1 to 256 MiB</td>
 *     <td>the connection ends with {@link CloseReason.BadFrame}</td></tr>
 * <tr><td>repliesInFlight</td><td>128</td><td>1 to 1,000,000</td>
 *     <td>no further request of this connection is delivered until a reply has left</td></tr>
 * <tr><td>highMark, lowMark</td><td>64 KiB, 32 KiB</td><td>0 ≤ low &lt; high ≤ outboundBytes</td>
 *     <td>above high the connection isn't read, until its unsent bytes are at low or below</td></tr>
 * <tr><td>outboundBytes</td><td>4 MiB</td><td>1 KiB to 256 MiB</td>
 *     <td>the connection ends with {@link CloseReason.OutboundLimit}</td></tr>
 * <tr><td>linger</td><td>2 s</td><td>10 ms to 1 h</td>
 *     <td>a connection that is being ended, and makes no progress for so long, is cut</td></tr>
 * </table>
 *
 * @param connections connections held at the same time, per server
 * @param acceptsPerPass connections accepted by one loop in one pass
 * @param frameBytes bytes of one frame on the wire, header and delimiter included
 * @param repliesInFlight requests of one connection that are not answered yet, or whose reply waits for an earlier one
 * @param highMark unsent bytes of one connection above which it is no longer read
 * @param lowMark unsent bytes at or below which it is read again
 * @param outboundBytes unsent bytes of one connection, those in reply slots and on their way from other threads included
 * @param linger time without progress after which the ending of a connection is no longer waited for
 */
public record Limits(
        int connections,
        int acceptsPerPass,
        int frameBytes,
        int repliesInFlight,
        int highMark,
        int lowMark,
        int outboundBytes,
        Duration linger) {

    /** Checks that nothing is missing; ranges are checked when a server or connector starts. */
    public Limits {
        Check.present("limits.linger", linger);
    }

    private static final Limits DEFAULTS =
            new Limits(100_000, 64, 1 << 20, 128, 64 << 10, 32 << 10, 4 << 20, Duration.ofSeconds(2));

    /** The defaults of the table above. */
    public static Limits defaults() {
        return DEFAULTS;
    }

    /** The same with another number of connections. */
    public Limits withConnections(int number) {
        return new Limits(
                number, acceptsPerPass, frameBytes, repliesInFlight, highMark, lowMark, outboundBytes, linger);
    }

    /** The same with another number of accepts per pass. */
    public Limits withAcceptsPerPass(int number) {
        return new Limits(connections, number, frameBytes, repliesInFlight, highMark, lowMark, outboundBytes, linger);
    }

    /** The same with another length of frames. */
    public Limits withFrameBytes(int bytes) {
        return new Limits(
                connections, acceptsPerPass, bytes, repliesInFlight, highMark, lowMark, outboundBytes, linger);
    }

    /** The same with another number of replies in flight. */
    public Limits withRepliesInFlight(int number) {
        return new Limits(connections, acceptsPerPass, frameBytes, number, highMark, lowMark, outboundBytes, linger);
    }

    /** The same with other marks, in bytes. */
    public Limits withMarks(int high, int low) {
        return new Limits(connections, acceptsPerPass, frameBytes, repliesInFlight, high, low, outboundBytes, linger);
    }

    /** The same with another number of unsent bytes. */
    public Limits withOutboundBytes(int bytes) {
        return new Limits(connections, acceptsPerPass, frameBytes, repliesInFlight, highMark, lowMark, bytes, linger);
    }

    /** The same with another time to linger. */
    public Limits withLinger(Duration time) {
        return new Limits(
                connections, acceptsPerPass, frameBytes, repliesInFlight, highMark, lowMark, outboundBytes, time);
    }

    /** Throws an exception that names field, value and range of the first limit out of its range. */
    void check() {
        Check.range("limits.connections", connections, 1, 100_000_000);
        Check.range("limits.acceptsPerPass", acceptsPerPass, 1, 65_536);
        Check.range("limits.frameBytes", frameBytes, 1, 256 << 20);
        Check.range("limits.repliesInFlight", repliesInFlight, 1, 1_000_000);
        Check.range("limits.outboundBytes", outboundBytes, 1024, 256 << 20);
        if (highMark > outboundBytes) {
            throw new IllegalArgumentException("limits.highMark: " + highMark + " is above limits.outboundBytes of "
                    + outboundBytes + "; set lower ones withMarks");
        }
        Check.range("limits.highMark", highMark, 1, outboundBytes);
        Check.range("limits.lowMark", lowMark, 0, highMark - 1L);
        if (linger.compareTo(Duration.ofMillis(10)) < 0 || linger.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("limits.linger: " + linger + " is not within PT0.01S to PT1H");
        }
    }
}
