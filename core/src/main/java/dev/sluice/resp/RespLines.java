// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes lines of text. */
final class RespLines {
    private RespLines() {}

    static void line(Output out, char type, String text) {
        boolean ascii = true;
        for (int i = 0, length = text.length(); i < length; i++) {
            char c = text.charAt(i);
            if (c == '\r' || c == '\n') {
                throw new IllegalArgumentException("CR or LF in a line of " + length + " characters");
            }
            ascii &= c < 0x80;
        }
        if (ascii && text.length() <= Output.MAX_ROOM - 3) {
            ascii(out, type, text);
        } else {
            out.room(1).put((byte) type);
            out.put(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            RespOutput.end(out);
        }
    }

    /** Nearly every line, and without an array of its bytes. */
    private static void ascii(Output out, char type, String text) {
        int length = text.length();
        ByteBuffer room = out.room(length + 3).put((byte) type);
        int at = room.position();
        for (int i = 0; i < length; i++) {
            room.put(at + i, (byte) text.charAt(i));
        }
        room.position(at + length);
        room.put((byte) '\r').put((byte) '\n');
    }

    static String decimal(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15 && !isNegativeZero(value)
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private static boolean isNegativeZero(double value) {
        return value == 0 && 1 / value < 0;
    }
}
