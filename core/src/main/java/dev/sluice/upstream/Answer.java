// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What has come of the answer to a check, as far as it matters. It can't be both good and bad, and more bytes change neither. */
final class Answer {
    /** What an answer of HTTP begins with, RFC 9112, 4; a 0 stands for any digit. */
    static final byte[] STATUS_LINE = "HTTP/1.0 000".getBytes(StandardCharsets.US_ASCII);

    private static final int STATUS = 9;

    private final byte[] expected;
    private final boolean http;
    private final int leastStatus;
    private final int mostStatus;
    private final byte[] got;
    private int length;
    private boolean differs;

    Answer(byte[] expected, boolean http, int leastStatus, int mostStatus) {
        this.expected = expected;
        this.http = http;
        this.leastStatus = leastStatus;
        this.mostStatus = mostStatus;
        this.got = new byte[expected.length];
    }

    void add(ByteBuffer bytes) {
        while (length < got.length && bytes.hasRemaining() && !differs) {
            byte b = bytes.get();
            boolean anyDigit = http && expected[length] == '0';
            differs = anyDigit ? b < '0' || b > '9' : b != expected[length];
            got[length++] = b;
        }
    }

    boolean isGood() {
        return length == expected.length && !differs && isGoodStatus();
    }

    boolean isBad() {
        return differs || length == expected.length && !isGoodStatus();
    }

    private boolean isGoodStatus() {
        if (!http) {
            return true;
        }
        int status = Integer.parseInt(text(STATUS, length));
        return status >= leastStatus && status <= mostStatus;
    }

    /** What has come, with all that isn't visible ASCII escaped. */
    @Override
    public String toString() {
        if (http && length == expected.length && !differs) {
            return "status " + text(STATUS, length);
        }
        StringBuilder escaped = new StringBuilder("\"");
        for (int i = 0; i < length; i++) {
            int b = got[i] & 0xFF;
            if (b >= ' ' && b < 0x7F && b != '"' && b != '\\') {
                escaped.append((char) b);
            } else {
                escaped.append(String.format("\\x%02x", b));
            }
        }
        return escaped.append('"').toString();
    }

    private String text(int start, int end) {
        return new String(got, start, end - start, StandardCharsets.US_ASCII);
    }
}
