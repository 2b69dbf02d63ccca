// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

/** What stands in a file, as it is told of in messages: short, and without characters that can't be seen. */
public final class Quoted {
    private static final int LONGEST = 60;

    private Quoted() {}

    /** The value in double quotes if it is text, as it is otherwise. */
    public static String of(Object value) {
        String text = plain(String.valueOf(value));
        return value instanceof String ? '"' + text + '"' : text;
    }

    /** What a library says, in one line. */
    public static String line(String message) {
        return message.replaceAll("\\s*\\R\\s*", " ");
    }

    /** The text without quotes. */
    public static String plain(String text) {
        return plain(text, LONGEST);
    }

    /** The same up to that many characters. */
    static String plain(String text, int longest) {
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < text.length() && i < longest; i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) || !Character.isDefined(c) || Character.isSurrogate(c)) {
                seen.append(String.format("\\u%04x", (int) c));
            } else {
                seen.append(c);
            }
        }
        return text.length() > longest ? seen + "..." : seen.toString();
    }
}
