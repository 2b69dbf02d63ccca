// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.function.Consumer;

/**
 * What a server holds at most. Every limit is finite; what happens when one is reached is said with it. How long
 * something may take is in {@link Deadlines}. A value of this class never changes: the {@code with} methods return
 * changed copies.
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
 * </table>
 */
public final class Limits {
    private static final Limits DEFAULTS = new Limits();

    // Written before a copy is given away, and never after that.
    private int connections = 100_000;
    private int acceptsPerPass = 64;
    private int frameBytes = 1 << 20;
    private int repliesInFlight = 128;
    private int highMark = 64 << 10;
    private int lowMark = 32 << 10;
    private int outboundBytes = 4 << 20;

    private Limits() {}

    /** The defaults of the table above. */
    public static Limits defaults() {
        return DEFAULTS;
    }

    /** Connections held at the same time, per server. */
    public int connections() {
        return connections;
    }

    /** Connections accepted by one loop in one pass. */
    public int acceptsPerPass() {
        return acceptsPerPass;
    }

    /** Bytes of one frame on the wire, header and delimiter included. */
    public int frameBytes() {
        return frameBytes;
    }

    /** Requests of one connection that are not answered yet, or whose reply waits for an earlier one. */
    public int repliesInFlight() {
        return repliesInFlight;
    }

    /** Unsent bytes of one connection above which it is no longer read. */
    public int highMark() {
        return highMark;
    }

    /** Unsent bytes of one connection at or below which it is read again. */
    public int lowMark() {
        return lowMark;
    }

    /** Unsent bytes of one connection, those in reply slots and on their way from other threads included. */
    public int outboundBytes() {
        return outboundBytes;
    }

    /** The same with another number of {@link #connections}. */
    public Limits withConnections(int number) {
        return with(copy -> copy.connections = number);
    }

    /** The same with another number of {@link #acceptsPerPass}. */
    public Limits withAcceptsPerPass(int number) {
        return with(copy -> copy.acceptsPerPass = number);
    }

    /** The same with another number of {@link #frameBytes}. */
    public Limits withFrameBytes(int bytes) {
        return with(copy -> copy.frameBytes = bytes);
    }

    /** The same with another number of {@link #repliesInFlight}. */
    public Limits withRepliesInFlight(int number) {
        return with(copy -> copy.repliesInFlight = number);
    }

    /** The same with another {@link #highMark} and {@link #lowMark}, in bytes. */
    public Limits withMarks(int high, int low) {
        return with(copy -> {
            copy.highMark = high;
            copy.lowMark = low;
        });
    }

    /** The same with another number of {@link #outboundBytes}. */
    public Limits withOutboundBytes(int bytes) {
        return with(copy -> copy.outboundBytes = bytes);
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
    }

    private Limits with(Consumer<Limits> change) {
        Limits copy = new Limits();
        copy.connections = connections;
        copy.acceptsPerPass = acceptsPerPass;
        copy.frameBytes = frameBytes;
        copy.repliesInFlight = repliesInFlight;
        copy.highMark = highMark;
        copy.lowMark = lowMark;
        copy.outboundBytes = outboundBytes;
        change.accept(copy);
        return copy;
    }
}
