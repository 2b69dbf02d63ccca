// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a backend is asked now and then to see whether it works ("active health check"), and how often; {@link HealthChecks}
 * asks. A value of this class never changes: the {@code with} methods return changed copies.
 *
 * <table>
 * <caption>Defaults and ranges</caption>
 * <tr><th>value</th><th>default</th><th>range</th><th>what it is</th></tr>
 * <tr><td>interval</td><td>5 s</td><td>10 ms to 1 h</td><td>from the end of a check to the next one</td></tr>
 * <tr><td>jitterPercent</td><td>10</td><td>0 to 50</td>
 *     <td>by how much each interval is longer or shorter, at random, so that checks don't all come at once</td></tr>
 * <tr><td>timeout</td><td>2 s</td><td>10 ms to 1 h</td><td>within which a check must be good, its connect included</td></tr>
 * <tr><td>fall</td><td>3</td><td>1 to 100</td><td>so many failed checks in a row: down</td></tr>
 * <tr><td>rise</td><td>2</td><td>1 to 100</td><td>so many good checks in a row: up again</td></tr>
 * </table>
 *
 * <p>A backend is thought to be up until its first check, and that one decides alone.
 */
public final class HealthCheck {
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MOST_BYTES = 4096;
    private static final byte[] NOTHING = {};

    private final byte[] send;
    private final byte[] expect;
    private final boolean http;

    // Written before a copy is given away, and never after that.
    private ByteBuffer preface; // null if there is none
    private int leastStatus = 200;
    private int mostStatus = 399;
    private Duration interval = Duration.ofSeconds(5);
    private int jitterPercent = 10;
    private Duration timeout = Duration.ofSeconds(2);
    private int fall = 3;
    private int rise = 2;

    private HealthCheck(byte[] send, byte[] expect, boolean http) {
        this.send = send;
        this.expect = expect;
        this.http = http;
    }

    /**
     * Good if a connection comes to be. The kernel accepts for a program that hangs too, as long as its queue has room; the
     * others find that.
     */
    public static HealthCheck connect() {
        return new HealthCheck(NOTHING, NOTHING, false);
    }

    /**
     * Good if what is sent is answered by bytes that begin with what is expected.
     *
     * @param send up to 4,096 bytes; none, if the server speaks first
     * @param expect 1 to 4,096 bytes
     */
    public static HealthCheck sendExpect(byte[] send, byte[] expect) {
        Ranges.check("check.send.length", Ranges.present("check.send", send).length, 0, MOST_BYTES);
        Ranges.check("check.expect.length", Ranges.present("check.expect", expect).length, 1, MOST_BYTES);
        return new HealthCheck(send.clone(), expect.clone(), false);
    }

    /**
     * Good if a {@code GET} is answered by a status of 200 to 399, or another range of {@link #withStatus}. Only the status line is
     * looked at.
     *
     * @param path the request's target, such as {@code /health}
     * @param host the value of its {@code Host}
     */
    public static HealthCheck http(String path, String host) {
        if (!Ranges.present("check.path", path).startsWith("/") || !isVisible(path)) {
            throw new IllegalArgumentException("check.path: does not begin with /, or is not made of visible ASCII");
        }
        if (Ranges.present("check.host", host).isEmpty() || !isVisible(host)) {
            throw new IllegalArgumentException("check.host: is empty, or is not made of visible ASCII");
        }
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + host
                + "\r\nUser-Agent: sluice-health-check\r\nConnection: close\r\n\r\n";
        Ranges.check("check.path.length", request.length(), 1, MOST_BYTES);
        return new HealthCheck(request.getBytes(StandardCharsets.US_ASCII), Answer.STATUS_LINE, true);
    }

    private static boolean isVisible(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    /** From the end of a check to the next. */
    public Duration interval() {
        return interval;
    }

    /** By how much an interval differs, in percent. */
    public int jitterPercent() {
        return jitterPercent;
    }

    /** Within which a check must be good. */
    public Duration timeout() {
        return timeout;
    }

    /** Failed checks in a row. */
    public int fall() {
        return fall;
    }

    /** Good checks in a row. */
    public int rise() {
        return rise;
    }

    /** The same with another {@link #interval}. */
    public HealthCheck withInterval(Duration time) {
        Ranges.check("check.interval", time, SHORTEST, LONGEST);
        return with(copy -> copy.interval = time);
    }

    /** The same with another {@link #jitterPercent}. */
    public HealthCheck withJitterPercent(int percent) {
        Ranges.check("check.jitterPercent", percent, 0, 50);
        return with(copy -> copy.jitterPercent = percent);
    }

    /** The same with another {@link #timeout}. */
    public HealthCheck withTimeout(Duration time) {
        Ranges.check("check.timeout", time, SHORTEST, LONGEST);
        return with(copy -> copy.timeout = time);
    }

    /** The same with another {@link #fall}. */
    public HealthCheck withFall(int checks) {
        Ranges.check("check.fall", checks, 1, 100);
        return with(copy -> copy.fall = checks);
    }

    /** The same with another {@link #rise}. */
    public HealthCheck withRise(int checks) {
        Ranges.check("check.rise", checks, 1, 100);
        return with(copy -> copy.rise = checks);
    }

    /**
     * The same with another range of good statuses, 100 to 599.
     *
     * @throws IllegalStateException if this isn't a check of {@link #http}
     */
    public HealthCheck withStatus(int least, int most) {
        if (!http) {
            throw new IllegalStateException("check.status: only a check of HTTP has one");
        }
        Ranges.check("check.status", least, 100, 599);
        Ranges.check("check.status", most, least, 599);
        return with(copy -> {
            copy.leastStatus = least;
            copy.mostStatus = most;
        });
    }

    /**
     * The same, but these bytes are sent before all else, before TLS too, up to 4,096: a PROXY header of type {@code LOCAL}, for
     * instance.
     */
    public HealthCheck withPreface(byte[] bytes) {
        Ranges.check("check.preface.length", Ranges.present("check.preface", bytes).length, 0, MOST_BYTES);
        ByteBuffer own =
                bytes.length == 0 ? null : ByteBuffer.wrap(bytes.clone()).asReadOnlyBuffer();
        return with(copy -> copy.preface = own);
    }

    ByteBuffer preface() {
        return preface;
    }

    byte[] send() {
        return send;
    }

    Answer newAnswer() {
        return new Answer(expect, http, leastStatus, mostStatus);
    }

    private HealthCheck with(Consumer<HealthCheck> change) {
        HealthCheck copy = new HealthCheck(send, expect, http);
        copy.preface = preface;
        copy.leastStatus = leastStatus;
        copy.mostStatus = mostStatus;
        copy.interval = interval;
        copy.jitterPercent = jitterPercent;
        copy.timeout = timeout;
        copy.fall = fall;
        copy.rise = rise;
        change.accept(copy);
        return copy;
    }
}
