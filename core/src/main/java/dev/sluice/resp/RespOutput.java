// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Output;
import java.nio.ByteBuffer;

/**
 * Writes the elements of RESP, without allocating: what a server's encoders are made of. An array is its header and then
 * its elements, one after the other; that they are as many as was said is the caller's affair.
 *
 * <pre>{@code
 * Encoder<Pair> pair = (p, out) -> {
 *     RespOutput.array(out, 2);
 *     RespOutput.bulk(out, p.name());
 *     RespOutput.integer(out, p.count());
 * };
 * }</pre>
 *
 * <p>For whole {@link RespValue}s, and for requests, there is {@link RespEncoder}.
 */
public final class RespOutput {
    private static final int MOST_DIGITS = 20;
    private static final int LINE_ROOM = 1 + MOST_DIGITS + 2;

    private RespOutput() {}

    /**
     * A simple string: {@code +OK}.
     *
     * @param text without CR and LF, as UTF-8
     * @throws IllegalArgumentException if there is a CR or LF in it: a text from a stranger must not become a reply of its
     *     own
     */
    public static void simple(Output out, String text) {
        RespLines.line(out, '+', text);
    }

    /**
     * A simple error: {@code -ERR no such key}.
     *
     * @param text code and message, without CR and LF, as UTF-8
     * @throws IllegalArgumentException if there is a CR or LF in it
     */
    public static void error(Output out, String text) {
        RespLines.line(out, '-', text);
    }

    /**
     * What a server says before it closes a connection whose bytes were refused, as Redis does: {@code -ERR Protocol error:
     * unbalanced quotes in request}. Writes nothing if the stream was just cut short, for then nobody listens.
     */
    public static void refusal(Output out, FrameException refused) {
        if (refused.kind() != FrameException.Kind.TRUNCATED) {
            error(out, "ERR Protocol error: " + refused.what());
        }
    }

    /** An integer. */
    public static void integer(Output out, long value) {
        number(out, ':', value);
    }

    /** A bulk string of all bytes of an array. */
    public static void bulk(Output out, byte[] bytes) {
        bulk(out, bytes, 0, bytes.length);
    }

    /**
     * A bulk string of a part of an array.
     *
     * @throws IndexOutOfBoundsException if there is no such part
     */
    public static void bulk(Output out, byte[] bytes, int from, int length) {
        if (length > Output.MAX_ROOM - LINE_ROOM - 2) {
            number(out, '$', length);
            out.put(ByteBuffer.wrap(bytes, from, length));
            end(out);
            return;
        }
        ByteBuffer room = out.room(LINE_ROOM + length + 2);
        header(room, '$', length);
        room.put(bytes, from, length);
        room.put((byte) '\r').put((byte) '\n');
    }

    /** A bulk string of the bytes from position to limit; the position stays. */
    public static void bulk(Output out, ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length > Output.MAX_ROOM - LINE_ROOM - 2) {
            number(out, '$', length);
            out.put(bytes);
            end(out);
            return;
        }
        ByteBuffer room = out.room(LINE_ROOM + length + 2);
        header(room, '$', length);
        int at = room.position();
        room.put(at, bytes, bytes.position(), length).position(at + length);
        room.put((byte) '\r').put((byte) '\n');
    }

    /** The header of an array of so many elements. */
    public static void array(Output out, int elements) {
        number(out, '*', elements);
    }

    /** RESP2's missing bulk string. */
    public static void nullBulk(Output out) {
        number(out, '$', -1);
    }

    /** RESP2's missing array. */
    public static void nullArray(Output out) {
        number(out, '*', -1);
    }

    /** RESP3's null. */
    public static void nothing(Output out) {
        out.room(3).put((byte) '_').put((byte) '\r').put((byte) '\n');
    }

    /** RESP3's boolean. */
    public static void bool(Output out, boolean value) {
        out.room(4)
                .put((byte) '#')
                .put((byte) (value ? 't' : 'f'))
                .put((byte) '\r')
                .put((byte) '\n');
    }

    /** RESP3's floating-point number. */
    public static void decimal(Output out, double value) {
        RespLines.line(out, ',', RespLines.decimal(value));
    }

    /** The header of RESP3's mapping of so many pairs. */
    public static void mapping(Output out, int pairs) {
        number(out, '%', pairs);
    }

    /** The header of RESP3's set. */
    public static void set(Output out, int elements) {
        number(out, '~', elements);
    }

    /** The header of RESP3's push. */
    public static void push(Output out, int elements) {
        number(out, '>', elements);
    }

    static void end(Output out) {
        out.room(2).put((byte) '\r').put((byte) '\n');
    }

    /** A line of a type and a number. */
    static void number(Output out, char type, long value) {
        header(out.room(LINE_ROOM), type, value);
    }

    private static void header(ByteBuffer room, char type, long value) {
        int at = room.position();
        room.put(at++, (byte) type);
        if (value >= 0 && value < 10) {
            room.put(at++, (byte) ('0' + value));
        } else {
            at = digits(room, at, value);
        }
        room.putShort(at, (short) ('\r' << 8 | '\n'));
        room.position(at + 2);
    }

    private static int digits(ByteBuffer room, int from, long value) {
        int at = from;
        long rest = value;
        if (value < 0) {
            room.put(at++, (byte) '-');
        } else {
            rest = -value; // there is one more negative number than positive ones
        }
        int end = at + digitCount(rest);
        for (int i = end - 1; i >= at; i--) {
            room.put(i, (byte) ('0' - rest % 10));
            rest /= 10;
        }
        return end;
    }

    private static int digitCount(long negated) {
        int count = 1;
        for (long power = -10; count < 19 && negated <= power; power *= 10) {
            count++;
        }
        return count;
    }
}
