// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import java.nio.charset.StandardCharsets;

/** Shows bytes and values in messages: short, and with nothing in them that a terminal acts on. */
final class Printable {
    private static final int MAX_CHARS = 120;

    private Printable() {}

    static String bytes(byte[] bytes) {
        return "'" + text(new String(bytes, StandardCharsets.ISO_8859_1)) + "'";
    }

    static String text(Object value) {
        String text = String.valueOf(value);
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length() && escaped.length() < MAX_CHARS; i++) {
            append(escaped, text.charAt(i));
        }
        return escaped.length() < MAX_CHARS ? escaped.toString() : escaped + "... (" + text.length() + ")";
    }

    private static void append(StringBuilder to, char c) {
        switch (c) {
            case '\n' -> to.append("\\n");
            case '\r' -> to.append("\\r");
            default -> {
                if (c >= ' ' && c < 127) {
                    to.append(c);
                } else {
                    to.append(String.format("\\x%02x", (int) c));
                }
            }
        }
    }
}
