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
 *     <td>whenFull: by default new clients wait in the kernel's backlog until a connection ends</td></tr>
 * <tr><td>connectionsPerSource</td><td>100,000,000: off</td><td>1 to 100,000,000</td>
 *     <td>further ones are refused as with {@link WhenFull#REFUSE}, whatever whenFull says: that a client has too many is
 *     known only once it was accepted</td></tr>
 * <tr><td>acceptsPerSecond, acceptBurst</td><td>1,000,000 each</td><td>1 to 1,000,000; the burst at least what comes
 *     together in 20 ms</td><td>whenTooFast: by default new clients wait in the kernel's backlog</td></tr>
 * <tr><td>handshakes</td><td>10,000</td><td>1 to 1,000,000</td>
 *     <td>handshakes of TLS wait for their turn, the newest first, until {@link Deadlines#handshake} has passed</td></tr>
 * <tr><td>handshakesPerSecond</td><td>1,000,000: off</td><td>1 to 1,000,000</td><td>the same</td></tr>
 * <tr><td>acceptsPerPass</td><td>64</td><td>1 to 65,536</td><td>the other channels of the loop get their turn</td></tr>
 * <tr><td>frameBytes</td><td>1 MiB</td><td>1 to 256 MiB</td>
 *     <td>the connection ends with {@link CloseReason.BadFrame}</td></tr>
 * <tr><td>repliesInFlight</td><td>128</td><td>1 to 1,000,000</td>
 *     <td>no further request of this connection is delivered until a reply has left</td></tr>
 * <tr><td>requestsPerTurn</td><td>256</td><td>1 to 1,000,000</td>
 *     <td>the other connections get their turn before more of this one's are delivered; of bytes, a turn has 64 KiB at
 *     most, a Reader's buffer</td></tr>
 * <tr><td>highMark, lowMark</td><td>64 KiB, 32 KiB</td><td>0 ≤ low &lt; high ≤ outboundBytes</td>
 *     <td>above high the connection isn't read, until its unsent bytes are at low or below</td></tr>
 * <tr><td>outboundBytes</td><td>4 MiB</td><td>1 KiB to 256 MiB</td>
 *     <td>the connection ends with {@link CloseReason.OutboundLimit}</td></tr>
 * </table>
 */
public final class Limits {
    private static final int MOST_ACCEPTS = 1_000_000;
    private static final int RESTS_PER_SECOND = 50; // the wheel's ticks are 10 ms, and a rest may take two
    private static final Limits DEFAULTS = new Limits();

    // Written before a copy is given away, and never after that.
    private int connections = 100_000;
    private int connectionsPerSource = 100_000_000;
    private int acceptsPerSecond = MOST_ACCEPTS;
    private int acceptBurst = MOST_ACCEPTS;
    private WhenFull whenFull = WhenFull.WAIT;
    private WhenFull whenTooFast = WhenFull.WAIT;
    private int handshakes = 10_000;
    private int handshakesPerSecond = 1_000_000;
    private int acceptsPerPass = 64;
    private int frameBytes = 1 << 20;
    private int repliesInFlight = 128;
    private int requestsPerTurn = 256;
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

    /**
     * Connections that one source address holds at the same time, per server. A source is a whole IPv4 address or the /64
     * of an IPv6 address; Unix domain sockets are not counted. Unless this is less than {@link #connections} nobody
     * counts, and it costs nothing; else each source that holds connections costs about 62 bytes of heap.
     */
    public int connectionsPerSource() {
        return connectionsPerSource;
    }

    /** Connections accepted in a second, per server, once {@link #acceptBurst} is used up. */
    public int acceptsPerSecond() {
        return acceptsPerSecond;
    }

    /** Connections that may be accepted at once after a time in which fewer came. */
    public int acceptBurst() {
        return acceptBurst;
    }

    /** What is done when {@link #connections} or {@link Endpoint#connections} are held, or no descriptor is left. */
    public WhenFull whenFull() {
        return whenFull;
    }

    /** What is done when connections come faster than {@link #acceptsPerSecond}. */
    public WhenFull whenTooFast() {
        return whenTooFast;
    }

    /**
     * Handshakes of TLS under way at the same time, per server: those of accepted connections that have sent their first message,
     * until keys are agreed on. Who only connects, or sends a part of it, takes none of these.
     */
    public int handshakes() {
        return handshakes;
    }

    /** Handshakes of TLS that begin in a second, per server. What comes in 20 ms may begin at once, and one more. */
    public int handshakesPerSecond() {
        return handshakesPerSecond;
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

    /** Requests, or other frames, of one connection that are delivered before the other ready ones get their turn. */
    public int requestsPerTurn() {
        return requestsPerTurn;
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

    /** The same with another number of {@link #connectionsPerSource}. */
    public Limits withConnectionsPerSource(int number) {
        return with(copy -> copy.connectionsPerSource = number);
    }

    /** The same with other {@link #acceptsPerSecond} and {@link #acceptBurst}. */
    public Limits withAcceptRate(int perSecond, int burst) {
        return with(copy -> {
            copy.acceptsPerSecond = perSecond;
            copy.acceptBurst = burst;
        });
    }

    /** The same with another {@link #whenFull}. */
    public Limits withWhenFull(WhenFull outcome) {
        return with(copy -> copy.whenFull = outcome);
    }

    /** The same with another {@link #whenTooFast}: {@code WAIT} or {@code REFUSE}. */
    public Limits withWhenTooFast(WhenFull outcome) {
        return with(copy -> copy.whenTooFast = outcome);
    }

    /** The same with another number of {@link #handshakes}. */
    public Limits withHandshakes(int number) {
        return with(copy -> copy.handshakes = number);
    }

    /** The same with another number of {@link #handshakesPerSecond}. */
    public Limits withHandshakesPerSecond(int number) {
        return with(copy -> copy.handshakesPerSecond = number);
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

    /** The same with another number of {@link #requestsPerTurn}. */
    public Limits withRequestsPerTurn(int number) {
        return with(copy -> copy.requestsPerTurn = number);
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
        Check.range("limits.connectionsPerSource", connectionsPerSource, 1, 100_000_000);
        checkAcceptRate();
        Check.range("limits.handshakes", handshakes, 1, 1_000_000);
        Check.range("limits.handshakesPerSecond", handshakesPerSecond, 1, 1_000_000);
        Check.range("limits.acceptsPerPass", acceptsPerPass, 1, 65_536);
        Check.range("limits.frameBytes", frameBytes, 1, 256 << 20);
        Check.range("limits.repliesInFlight", repliesInFlight, 1, 1_000_000);
        Check.range("limits.requestsPerTurn", requestsPerTurn, 1, 1_000_000);
        Check.range("limits.outboundBytes", outboundBytes, 1024, 256 << 20);
        if (highMark > outboundBytes) {
            throw new IllegalArgumentException("limits.highMark: " + highMark + " is above limits.outboundBytes of "
                    + outboundBytes + "; set lower ones withMarks");
        }
        Check.range("limits.highMark", highMark, 1, outboundBytes);
        Check.range("limits.lowMark", lowMark, 0, highMark - 1L);
    }

    private void checkAcceptRate() {
        Check.range("limits.acceptsPerSecond", acceptsPerSecond, 1, MOST_ACCEPTS);
        Check.range("limits.acceptBurst", acceptBurst, 1, MOST_ACCEPTS);
        int least = (acceptsPerSecond + RESTS_PER_SECOND - 1) / RESTS_PER_SECOND;
        if (acceptBurst < least) {
            throw new IllegalArgumentException("limits.acceptBurst: " + acceptBurst + " is below " + least
                    + ", which come together in a rest of 20 ms; limits.acceptsPerSecond of " + acceptsPerSecond
                    + " could not be reached");
        }
        Check.present("limits.whenFull", whenFull);
        if (Check.present("limits.whenTooFast", whenTooFast) == WhenFull.EVICT_IDLEST) {
            throw new IllegalArgumentException(
                    "limits.whenTooFast: EVICT_IDLEST makes nothing slower; use WAIT or REFUSE");
        }
    }

    /** What is done about a client for whom there is no {@code lacking}. */
    WhenFull outcome(CloseReason.Cause lacking) {
        return switch (lacking) {
            case CONNECTIONS_OF_SERVER, CONNECTIONS_OF_LISTENER, DESCRIPTORS -> whenFull;
            case CONNECTIONS_OF_SOURCE -> WhenFull.REFUSE;
            case ACCEPT_RATE -> whenTooFast;
        };
    }

    private Limits with(Consumer<Limits> change) {
        Limits copy = new Limits();
        copy.connections = connections;
        copy.connectionsPerSource = connectionsPerSource;
        copy.acceptsPerSecond = acceptsPerSecond;
        copy.acceptBurst = acceptBurst;
        copy.whenFull = whenFull;
        copy.whenTooFast = whenTooFast;
        copy.handshakes = handshakes;
        copy.handshakesPerSecond = handshakesPerSecond;
        copy.acceptsPerPass = acceptsPerPass;
        copy.frameBytes = frameBytes;
        copy.repliesInFlight = repliesInFlight;
        copy.requestsPerTurn = requestsPerTurn;
        copy.highMark = highMark;
        copy.lowMark = lowMark;
        copy.outboundBytes = outboundBytes;
        change.accept(copy);
        return copy;
    }
}
