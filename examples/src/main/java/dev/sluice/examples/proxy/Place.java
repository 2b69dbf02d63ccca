// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import org.tomlj.TomlPosition;

/**
 * Where something stands in a file.
 *
 * @param line from 1
 * @param column from 1
 */
public record Place(int line, int column) {
    public static final Place START = new Place(1, 1);

    public static Place of(TomlPosition position) {
        return position == null ? START : new Place(position.line(), position.column());
    }

    /** Where what stands behind blanks, ends of lines and comments begins, or this if nothing does. */
    public Place behindBlanks(String text) {
        int at = offset(text);
        int atLine = line;
        int lineStart = at - (column - 1);
        boolean comment = false;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\n') {
                atLine++;
                lineStart = at + 1;
                comment = false;
            } else if (c == '#') {
                comment = true;
            } else if (!comment && c != ' ' && c != '\t' && c != '\r') {
                return new Place(atLine, at - lineStart + 1);
            }
        }
        return this;
    }

    private int offset(String text) {
        int at = 0;
        for (int i = 1; i < line && at >= 0; i++) {
            at = text.indexOf('\n', at) + 1;
        }
        return at + column - 1;
    }
}
