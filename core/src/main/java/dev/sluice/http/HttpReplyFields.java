// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/**
 * Fields that many replies have, checked and encoded once. Any thread.
 *
 * <pre>{@code
 * static final HttpReplyFields FIELDS = HttpReplyFields.of("Server", "hello").and("Cache-Control", "no-store");
 * ...
 * reply.fields(FIELDS).send("text/plain", text);
 * }</pre>
 */
public final class HttpReplyFields {
    private final byte[] lines;

    private HttpReplyFields(byte[] lines) {
        this.lines = lines;
    }

    /**
     * One field.
     *
     * @throws IllegalArgumentException as {@link HttpReply#field} does
     */
    public static HttpReplyFields of(String name, String value) {
        return new HttpReplyFields(new byte[0]).and(name, value);
    }

    /**
     * These and one more behind them.
     *
     * @throws IllegalArgumentException as {@link HttpReply#field} does
     */
    public HttpReplyFields and(String name, String value) {
        FieldBytes bytes = new FieldBytes();
        bytes.add(lines);
        bytes.add(name, value);
        return new HttpReplyFields(bytes.toArray());
    }

    byte[] lines() {
        return lines;
    }
}
