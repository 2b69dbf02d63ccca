// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Bytes as text and back, one character for each; and shown in messages without what a terminal acts on. */
final class Text {
    private static final int MOST_CHARS = 80;

    private Text() {}

    static byte[] bytes(String text) {
        if (text.chars().anyMatch(c -> c > 0xFF)) {
            throw new IllegalArgumentException("'" + text + "' has a character over U+00FF, give bytes instead");
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String of(byte[] bytes) {
        return of(ByteBuffer.wrap(bytes));
    }

    static String of(ByteBuffer bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (text.length() > MOST_CHARS) {
                return text.append("... (")
                        .append(bytes.remaining())
                        .append(" bytes)")
                        .toString();
            }
            append(text, (char) (bytes.get(i) & 0xFF));
        }
        return text.toString();
    }

    private static void append(StringBuilder to, char c) {
        switch (c) {
            case '\n' -> to.append("\\n");
            case '\r' -> to.append("\\r");
            default -> {
                if (c >= ' ' && c < 127) {
                    to.append(c);
                } else {
                    to.append("\\x").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
                }
            }
        }
    }
}
