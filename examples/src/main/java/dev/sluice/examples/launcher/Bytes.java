// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import java.nio.ByteBuffer;

/** Bytes as somebody who looks at them wants them. */
final class Bytes {
    private static final int MOST = 2_000;

    private Bytes() {}

    /** As text, with dots for what is none; the beginning of it, if it is long. */
    static String text(ByteBuffer bytes, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = bytes.position(); i < bytes.limit() && text.length() < Math.min(most, MOST); i++) {
            byte b = bytes.get(i);
            text.append(b >= ' ' && b < 0x7f ? (char) b : '.');
        }
        return text.length() < bytes.remaining() ? text + "..." : text.toString();
    }

    /** The same, with ends of lines as they are. */
    static String lines(ByteBuffer bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = bytes.position(); i < bytes.limit() && text.length() < MOST; i++) {
            byte b = bytes.get(i);
            if (b == '\n') {
                text.append('\n');
            } else if (b != '\r') {
                text.append(b >= ' ' && b < 0x7f ? (char) b : '.');
            }
        }
        return text.toString().stripTrailing();
    }
}
