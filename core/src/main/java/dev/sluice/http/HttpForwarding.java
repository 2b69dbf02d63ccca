// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.net.InetAddress;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * What an {@link HttpProxy} tells backends about whose requests it passes on. A value of this class never changes: the {@code
 * with} methods return changed copies.
 *
 * <p>What a client has said itself in {@code Forwarded}, in fields whose names begin with {@code X-Forwarded-}, and in {@code
 * X-Real-IP} is dropped, also where an underscore is in the place of a hyphen, unless the client is a proxy that is
 * {@linkplain #withTrusted trusted}: anybody can write them.
 *
 * <table>
 * <caption>What backends are told</caption>
 * <tr><th>field</th><th>default</th><th>of a trusted proxy</th></tr>
 * <tr><td>{@code X-Forwarded-For}</td><td>the client's address</td><td>what it says, and its own address behind that</td></tr>
 * <tr><td>{@code X-Forwarded-Proto}, {@code -Host}</td><td>{@code http} or {@code https}; the client's {@code Host}</td>
 *     <td>what it says, if it says something</td></tr>
 * <tr><td>{@code Forwarded} (RFC 7239)</td><td>not sent</td><td>passed on; where it is sent, with an element behind
 *     it</td></tr>
 * <tr><td>{@code Via} (RFC 9110, 7.6.3)</td><td>{@code sluice}, behind what was there</td><td>the same</td></tr>
 * </table>
 */
public final class HttpForwarding {
    private static final Predicate<InetAddress> NOBODY = address -> false;
    private static final HttpForwarding DEFAULTS = new HttpForwarding(true, false, "sluice", NOBODY);

    private final boolean xForwarded;
    private final boolean forwarded;
    private final String via;
    private final Predicate<InetAddress> trusted;

    private HttpForwarding(boolean xForwarded, boolean forwarded, String via, Predicate<InetAddress> trusted) {
        this.xForwarded = xForwarded;
        this.forwarded = forwarded;
        this.via = via;
        this.trusted = trusted;
    }

    /** {@code X-Forwarded-For}, {@code X-Forwarded-Proto} and {@code X-Forwarded-Host}, and {@code Via}; nobody is trusted. */
    public static HttpForwarding defaults() {
        return DEFAULTS;
    }

    /** Whether {@code X-Forwarded-For}, {@code -Proto} and {@code -Host} are sent; by default they are. */
    public HttpForwarding withXForwarded(boolean sent) {
        return new HttpForwarding(sent, forwarded, via, trusted);
    }

    /** Whether {@code Forwarded} is sent (RFC 7239); by default it isn't. */
    public HttpForwarding withForwarded(boolean sent) {
        return new HttpForwarding(xForwarded, sent, via, trusted);
    }

    /**
     * What {@code Via} says of this proxy in requests and responses (RFC 9110, 7.6.3), or null so that it isn't sent.
     *
     * @throws IllegalArgumentException if it is no token
     */
    public HttpForwarding withVia(String pseudonym) {
        if (pseudonym != null) {
            FieldNames.checkToken(pseudonym);
        }
        return new HttpForwarding(xForwarded, forwarded, pseudonym, trusted);
    }

    /**
     * Which clients are proxies that are believed: what they say of their own clients stays, and theirs is added to it. By
     * default nobody is. Asked on the Readers for each request, by several at a time, so it must not block.
     */
    public HttpForwarding withTrusted(Predicate<InetAddress> proxies) {
        return new HttpForwarding(xForwarded, forwarded, via, Objects.requireNonNull(proxies, "trusted"));
    }

    boolean xForwarded() {
        return xForwarded;
    }

    boolean forwarded() {
        return forwarded;
    }

    /** Null for none. */
    String via() {
        return via;
    }

    boolean trusts(InetAddress address) {
        return address != null && trusted != NOBODY && trusted.test(address);
    }
}
