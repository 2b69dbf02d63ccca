// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Characters of a path that can't stand in an endpoint's text, as RFC 3986, section 2.1, writes them. */
final class PercentCode {
    private PercentCode() {}

    /** The text is not what {@link #encode} would have made. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;
        private final int at;

        MalformedException(int at, String message) {
            super(message);
            this.at = at;
        }

        /** The index of the first character that is wrong. */
        int at() {
            return at;
        }
    }

    static String encode(String plain) {
        StringBuilder coded = new StringBuilder();
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (c == '%' || c == '?' || Character.isISOControl(c)) {
                for (byte b : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
                    coded.append(String.format("%%%02X", b & 0xff));
                }
            } else {
                coded.append(c);
            }
        }
        return coded.toString();
    }

    static String decode(String coded) throws MalformedException {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < coded.length(); ) {
            char c = coded.charAt(i);
            if (Character.isISOControl(c)) {
                throw new MalformedException(i, "a character that can't be seen is written as % and two digits");
            }
            if (c != '%') {
                plain.append(c);
                i++;
                continue;
            }
            int end = i;
            while (end < coded.length() && coded.charAt(end) == '%') {
                end += 3;
            }
            plain.append(utf8(coded, i, Math.min(end, coded.length())));
            i = end;
        }
        return plain.toString();
    }

    private static CharBuffer utf8(String coded, int from, int to) throws MalformedException {
        ByteBuffer bytes = ByteBuffer.allocate((to - from) / 3 + 1);
        for (int i = from; i < to; i += 3) {
            int high = i + 2 < to ? Character.digit(coded.charAt(i + 1), 16) : -1;
            int low = i + 2 < to ? Character.digit(coded.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0 || coded.charAt(i + 1) > 'f' || coded.charAt(i + 2) > 'f') {
                throw new MalformedException(i, "two hexadecimal digits follow a %");
            }
            bytes.put((byte) (high << 4 | low));
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip());
        } catch (CharacterCodingException e) {
            throw new MalformedException(from, "these bytes are no UTF-8");
        }
    }
}
