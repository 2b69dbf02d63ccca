// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes lines of text. */
final class RespLines {
    private RespLines() {}

    static void line(Output out, char type, String text) {
        if (text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("CR or LF in a line of " + text.length() + " characters");
        }
        out.room(1).put((byte) type);
        out.put(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        RespOutput.end(out);
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
