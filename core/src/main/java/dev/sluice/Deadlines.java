// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * How long a connection may take. Every deadline is finite; what happens when one has passed is said with it. How much a
 * server holds is in {@link Limits}. A value of this class never changes: the {@code with} methods return changed copies.
 *
 * <table>
 * <caption>Defaults and ranges</caption>
 * <tr><th>deadline</th><th>default</th><th>range</th><th>when it has passed</th></tr>
 * <tr><td>connect</td><td>10 s</td><td>10 ms to 1 h</td>
 *     <td>a {@link Connector}'s connect that has not come to an end is given up, the lookup of a name and all of its
 *         addresses together</td></tr>
 * <tr><td>nextAddress</td><td>250 ms</td><td>10 ms to 2 s</td>
 *     <td>no deadline: where a name has several addresses, and one has not answered, the next one is tried beside it</td></tr>
 * <tr><td>handshake</td><td>10 s</td><td>10 ms to 1 h</td>
 *     <td>a connection that speaks TLS, and has not agreed on keys, ends without words</td></tr>
 * <tr><td>firstByte</td><td>30 s</td><td>10 ms to 365 days</td>
 *     <td>an accepted connection from which no byte has come ends, after the protocol's words</td></tr>
 * <tr><td>frame</td><td>30 s</td><td>10 ms to 365 days</td>
 *     <td>a connection whose frame has begun, has not ended, and comes more slowly than minBytesPerSecond ends, after the
 *         protocol's words</td></tr>
 * <tr><td>idle</td><td>1 h</td><td>10 ms to 365 days</td>
 *     <td>a connection on which nothing is read, written or awaited ends, without words</td></tr>
 * <tr><td>writeStall</td><td>60 s</td><td>10 ms to 365 days</td>
 *     <td>a connection whose peer doesn't read, or more slowly than minBytesPerSecond, is cut by a reset</td></tr>
 * <tr><td>linger</td><td>2 s</td><td>10 ms to 1 h</td>
 *     <td>a connection that is being ended, and whose peer reads more slowly than minBytesPerSecond or doesn't end its
 *         stream, is cut</td></tr>
 * <tr><td>minBytesPerSecond</td><td>512</td><td>1 to 1,000,000,000</td><td>no deadline, but part of three</td></tr>
 * </table>
 *
 * <p>The deadlines but linger end a connection with {@link CloseReason.DeadlinePassed}; linger leaves it the reason that it is being
 * ended for. What the protocol says before is written by its {@link Protocol#refuse refuse} hook.
 *
 * <p><b>With a rate.</b> The deadlines of a frame, of unsent bytes and of an end in order are, each by itself, at most
 * their full time away, and come nearer as time goes by. Each byte that moves puts one off by the time that this byte takes
 * at {@code minBytesPerSecond}. So a peer that is faster never meets it, one that does nothing meets it after its full
 * time, and a byte now and then, which would put off a timeout for ever, gains two milliseconds.
 *
 * <p><b>Time that isn't the peer's</b> doesn't count against it: while a connection isn't read, for whatever reason, neither
 * firstByte nor frame runs, and both go on where they were when reading does; while replies are in flight it isn't idle. A
 * connection that the user has {@linkplain Connection#pause paused} has no deadline but that of unsent bytes: whoever
 * pauses has to resume, or to close.
 *
 * <p><b>Which connections.</b> All of them, accepted and connected, but that firstByte is for accepted ones only, and
 * connect for the others. Where
 * clients may be silent, as subscribers are, set firstByte and idle to what they may need, {@link #LONGEST} if need be. A
 * peer that has vanished without a word is found by nothing but one of these deadlines.
 *
 * <p><b>Exactness.</b> A deadline is never early. It is late by at most 10 ms up to five seconds, by a fifteenth of its
 * length above, and by the time that the loop is busy with other things.
 *
 * <p><b>The kernel's share.</b> Unsent are the bytes that the socket has not taken. A socket takes some more each time that a
 * good part of its buffer has become free, which for a slow peer behind a large buffer may take many seconds. That is why
 * writeStall is longer than the others by default.
 */
public final class Deadlines {
    /** The longest that most of the deadlines may be: a year. */
    public static final Duration LONGEST = Duration.ofDays(365);

    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST_CONNECT = Duration.ofHours(1);
    private static final Duration LONGEST_NEXT_ADDRESS = Duration.ofSeconds(2);
    private static final Duration LONGEST_LINGER = Duration.ofHours(1);
    private static final Deadlines DEFAULTS = new Deadlines();

    // Written before a copy is given away, and never after that.
    private Duration connect = Duration.ofSeconds(10);
    private Duration nextAddress = Duration.ofMillis(250);
    private Duration handshake = Duration.ofSeconds(10);
    private Duration firstByte = Duration.ofSeconds(30);
    private Duration frame = Duration.ofSeconds(30);
    private Duration idle = Duration.ofHours(1);
    private Duration writeStall = Duration.ofSeconds(60);
    private Duration linger = Duration.ofSeconds(2);
    private int minBytesPerSecond = 512;

    private Deadlines() {}

    /** The defaults of the table above. */
    public static Deadlines defaults() {
        return DEFAULTS;
    }

    /**
     * Time in which a {@link Connector} makes a connection. Linux repeats a packet that got no answer after one second, then
     * after two more, then four (and since 6.5 more often): in the default ten seconds it has asked four times or more.
     */
    public Duration connect() {
        return connect;
    }

    /**
     * Time that one of several addresses of a name has to answer before the next one is tried beside it: the Connection Attempt
     * Delay of RFC 8305, section 5. One that fails is followed at once.
     */
    public Duration nextAddress() {
        return nextAddress;
    }

    /** Time that the handshake of TLS takes, its first message included. */
    public Duration handshake() {
        return handshake;
    }

    /** Time from a connection's acceptance to its first byte. */
    public Duration firstByte() {
        return firstByte;
    }

    /** Time from the first byte of a frame to its last, if they don't come at {@link #minBytesPerSecond}. */
    public Duration frame() {
        return frame;
    }

    /**
     * Time since anything happened: a byte was read or written, a reply was completed, reading went on. It doesn't run while
     * a frame has begun, replies are in flight, bytes are unsent, or the user has paused the connection.
     */
    public Duration idle() {
        return idle;
    }

    /** Time in which the socket takes unsent bytes, if it doesn't take them at {@link #minBytesPerSecond}. */
    public Duration writeStall() {
        return writeStall;
    }

    /**
     * Time after which the ending of a connection is no longer waited for: while it sends, as {@link #writeStall}; then once
     * more, as a whole, for the peer to end its stream.
     */
    public Duration linger() {
        return linger;
    }

    /** Bytes in a second below which a peer is called slow. */
    public int minBytesPerSecond() {
        return minBytesPerSecond;
    }

    /** The same with another time to {@link #connect}. */
    public Deadlines withConnect(Duration time) {
        Check.present("deadlines.connect", time);
        return with(copy -> copy.connect = time);
    }

    /** The same with another time to {@link #nextAddress}. */
    public Deadlines withNextAddress(Duration time) {
        Check.present("deadlines.nextAddress", time);
        return with(copy -> copy.nextAddress = time);
    }

    /** The same with another time for the {@link #handshake}. */
    public Deadlines withHandshake(Duration time) {
        Check.present("deadlines.handshake", time);
        return with(copy -> copy.handshake = time);
    }

    /** The same with another time to {@link #firstByte}. */
    public Deadlines withFirstByte(Duration time) {
        Check.present("deadlines.firstByte", time);
        return with(copy -> copy.firstByte = time);
    }

    /** The same with another time to {@link #frame}. */
    public Deadlines withFrame(Duration time) {
        Check.present("deadlines.frame", time);
        return with(copy -> copy.frame = time);
    }

    /** The same with another time to {@link #idle}. */
    public Deadlines withIdle(Duration time) {
        Check.present("deadlines.idle", time);
        return with(copy -> copy.idle = time);
    }

    /** The same with another time to {@link #writeStall}. */
    public Deadlines withWriteStall(Duration time) {
        Check.present("deadlines.writeStall", time);
        return with(copy -> copy.writeStall = time);
    }

    /** The same with another time to {@link #linger}. */
    public Deadlines withLinger(Duration time) {
        Check.present("deadlines.linger", time);
        return with(copy -> copy.linger = time);
    }

    /** The same with another {@link #minBytesPerSecond}. */
    public Deadlines withMinBytesPerSecond(int bytes) {
        return with(copy -> copy.minBytesPerSecond = bytes);
    }

    /** Throws an exception that names field, value and range of the first deadline out of its range. */
    void check() {
        Check.range("deadlines.connect", connect, SHORTEST, LONGEST_CONNECT);
        Check.range("deadlines.nextAddress", nextAddress, SHORTEST, LONGEST_NEXT_ADDRESS);
        Check.range("deadlines.handshake", handshake, SHORTEST, LONGEST_CONNECT);
        Check.range("deadlines.firstByte", firstByte, SHORTEST, LONGEST);
        Check.range("deadlines.frame", frame, SHORTEST, LONGEST);
        Check.range("deadlines.idle", idle, SHORTEST, LONGEST);
        Check.range("deadlines.writeStall", writeStall, SHORTEST, LONGEST);
        Check.range("deadlines.linger", linger, SHORTEST, LONGEST_LINGER);
        Check.range("deadlines.minBytesPerSecond", minBytesPerSecond, 1, 1_000_000_000);
    }

    private Deadlines with(Consumer<Deadlines> change) {
        Deadlines copy = new Deadlines();
        copy.connect = connect;
        copy.nextAddress = nextAddress;
        copy.handshake = handshake;
        copy.firstByte = firstByte;
        copy.frame = frame;
        copy.idle = idle;
        copy.writeStall = writeStall;
        copy.linger = linger;
        copy.minBytesPerSecond = minBytesPerSecond;
        change.accept(copy);
        return copy;
    }
}
