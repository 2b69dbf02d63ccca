// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.util.function.Consumer;

/**
 * What a request or a response may have at most. A value of this class never changes: the {@code with} methods return
 * changed copies.
 *
 * <table>
 * <caption>Defaults, ranges, and the status that a request above them is refused with; a response: 502</caption>
 * <tr><th>limit</th><th>default</th><th>range</th><th>status</th></tr>
 * <tr><td>requestLineBytes</td><td>8 KiB</td><td>32 to 1 MiB</td><td>414</td></tr>
 * <tr><td>fieldBytes</td><td>8 KiB</td><td>32 to 1 MiB</td><td>431</td></tr>
 * <tr><td>headBytes</td><td>32 KiB</td><td>64 to 1 MiB</td><td>431</td></tr>
 * <tr><td>fields</td><td>100</td><td>1 to 10,000</td><td>431</td></tr>
 * <tr><td>bodyBytes</td><td>1 MiB</td><td>0 to 2<sup>63</sup>-1</td><td>413</td></tr>
 * <tr><td>extensionBytes</td><td>4 KiB</td><td>0 to 1 MiB</td><td>413</td></tr>
 * <tr><td>trailerBytes</td><td>8 KiB</td><td>2 to 1 MiB</td><td>431</td></tr>
 * <tr><td>interimResponses</td><td>100</td><td>0 to 10,000</td><td></td></tr>
 * </table>
 *
 * <p>{@code Limits.frameBytes} holds as well: for the head where bodies are streamed, and for head and body together where
 * they are gathered.
 */
public final class HttpLimits {
    private static final int MEBIBYTE = 1 << 20;
    private static final HttpLimits DEFAULTS = new HttpLimits();

    // Written before a copy is given away, and never after that.
    private int requestLineBytes = 8 << 10;
    private int fieldBytes = 8 << 10;
    private int headBytes = 32 << 10;
    private int fields = 100;
    private long bodyBytes = MEBIBYTE;
    private int extensionBytes = 4 << 10;
    private int trailerBytes = 8 << 10;
    private int interimResponses = 100;

    private HttpLimits() {}

    /** The defaults of the table above. */
    public static HttpLimits defaults() {
        return DEFAULTS;
    }

    /** Bytes of the request line or the status line, its line end included. */
    public int requestLineBytes() {
        return requestLineBytes;
    }

    /** Bytes of one field line, of a head or a trailer section, its line end included. */
    public int fieldBytes() {
        return fieldBytes;
    }

    /** Bytes of the head: first line, fields and the empty line. */
    public int headBytes() {
        return headBytes;
    }

    /** Field lines of the head, and as many of a trailer section. */
    public int fields() {
        return fields;
    }

    /** Bytes of the body, without what chunks add. */
    public long bodyBytes() {
        return bodyBytes;
    }

    /** Bytes of all chunk extensions of a body together. */
    public int extensionBytes() {
        return extensionBytes;
    }

    /** Bytes of the trailer section, the empty line included. */
    public int trailerBytes() {
        return trailerBytes;
    }

    /** Responses of a status under 200 in front of the one that answers the request. */
    public int interimResponses() {
        return interimResponses;
    }

    /** The same with another number of {@link #requestLineBytes}. */
    public HttpLimits withRequestLineBytes(int bytes) {
        range("requestLineBytes", bytes, 32, MEBIBYTE);
        return with(copy -> copy.requestLineBytes = bytes);
    }

    /** The same with another number of {@link #fieldBytes}. */
    public HttpLimits withFieldBytes(int bytes) {
        range("fieldBytes", bytes, 32, MEBIBYTE);
        return with(copy -> copy.fieldBytes = bytes);
    }

    /** The same with another number of {@link #headBytes}. */
    public HttpLimits withHeadBytes(int bytes) {
        range("headBytes", bytes, 64, MEBIBYTE);
        return with(copy -> copy.headBytes = bytes);
    }

    /** The same with another number of {@link #fields}. */
    public HttpLimits withFields(int number) {
        range("fields", number, 1, 10_000);
        return with(copy -> copy.fields = number);
    }

    /** The same with another number of {@link #bodyBytes}. */
    public HttpLimits withBodyBytes(long bytes) {
        range("bodyBytes", bytes, 0, Long.MAX_VALUE);
        return with(copy -> copy.bodyBytes = bytes);
    }

    /** The same with another number of {@link #extensionBytes}. */
    public HttpLimits withExtensionBytes(int bytes) {
        range("extensionBytes", bytes, 0, MEBIBYTE);
        return with(copy -> copy.extensionBytes = bytes);
    }

    /** The same with another number of {@link #trailerBytes}. */
    public HttpLimits withTrailerBytes(int bytes) {
        range("trailerBytes", bytes, 2, MEBIBYTE);
        return with(copy -> copy.trailerBytes = bytes);
    }

    /** The same with another number of {@link #interimResponses}. */
    public HttpLimits withInterimResponses(int number) {
        range("interimResponses", number, 0, 10_000);
        return with(copy -> copy.interimResponses = number);
    }

    private static void range(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " is not in " + least + " to " + most);
        }
    }

    private HttpLimits with(Consumer<HttpLimits> change) {
        HttpLimits copy = new HttpLimits();
        copy.requestLineBytes = requestLineBytes;
        copy.fieldBytes = fieldBytes;
        copy.headBytes = headBytes;
        copy.fields = fields;
        copy.bodyBytes = bodyBytes;
        copy.extensionBytes = extensionBytes;
        copy.trailerBytes = trailerBytes;
        copy.interimResponses = interimResponses;
        change.accept(copy);
        return copy;
    }
}
