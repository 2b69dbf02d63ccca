// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

/**
 * Text as it may stand in a log: what a peer sent can get into the message of an exception, and from there into a line
 * that looks like another, or into what a terminal acts on. So everything but printable characters is escaped, and what
 * is long is cut.
 */
public final class LogText {
    /** Characters that are shown of one text. */
    public static final int MAX_CHARS = 300;

    private LogText() {}

    /** Never throws, whatever the value's {@code toString} does. */
    public static String of(Object value) {
        String text;
        try {
            text = String.valueOf(value);
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            return "(a " + value.getClass().getName() + " whose text can't be had)";
        }
        return escape(text);
    }

    private static String escape(String text) {
        int shown = Math.min(text.length(), MAX_CHARS);
        StringBuilder escaped = new StringBuilder(shown + 16);
        for (int i = 0; i < shown; ) {
            int c = text.codePointAt(i);
            append(escaped, c);
            i += Character.charCount(c);
        }
        if (text.length() > shown) {
            escaped.append("... (").append(text.length()).append(" characters)");
        }
        return escaped.toString();
    }

    private static void append(StringBuilder to, int c) {
        switch (c) {
            case '\n' -> to.append("\\n");
            case '\r' -> to.append("\\r");
            case '\t' -> to.append("\\t");
            case '\\' -> to.append("\\\\");
            default -> {
                if (isHarmless(c)) {
                    to.appendCodePoint(c);
                } else {
                    to.append("\\u{").append(Integer.toHexString(c)).append('}');
                }
            }
        }
    }

    // Not controls, not what turns the direction of text or is not seen, no line ends of Unicode, no half of a pair.
    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
