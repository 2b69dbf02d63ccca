// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/** Text from outside, fit for one line of a message. */
final class SafeText {
    private static final int LONGEST = 200;

    private SafeText() {}

    /** Escapes what can't be seen, and cuts what is longer than 200 characters. */
    static String of(String text) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < text.length() && i < LONGEST; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c >= 0x7f && !Character.isLetterOrDigit(c)) {
                safe.append(String.format("\\u%04x", (int) c));
            } else {
                safe.append(c);
            }
        }
        return text.length() > LONGEST ? safe + "..." : safe.toString();
    }
}
