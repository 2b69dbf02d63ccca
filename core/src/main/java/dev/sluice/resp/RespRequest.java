// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import dev.sluice.frame.FrameView;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A request: one or more arguments, of which the first names the command. Arguments are bytes, of any value, and may be
 * empty. They are counted from 0, the command included.
 *
 * <p>This is a view of the bytes that were received, and its framer has only one: it is valid until the next call on the
 * framer. {@link RespRequestFramer#detach} makes one that stays. Confined to one thread.
 */
public final class RespRequest {
    private static final int FEW = 16;
    private static final int MANY = 1024;

    private final FrameView view = new FrameView();
    private ByteBuffer source;
    private int base; // where the request begins in the source
    private int[] bounds = new int[2 * FEW]; // offset from the base and length, for each argument
    private int count;

    RespRequest() {}

    /** How many arguments there are, the command included: 1 or more. */
    public int count() {
        return count;
    }

    /**
     * The bytes of an argument.
     *
     * @throws IndexOutOfBoundsException if there is no such argument
     */
    public int length(int argument) {
        return bounds[2 * check(argument) + 1];
    }

    /**
     * One byte of an argument.
     *
     * @throws IndexOutOfBoundsException if there is no such argument, or no such byte in it
     */
    public byte byteAt(int argument, int index) {
        if (index < 0 || index >= length(argument)) {
            throw new IndexOutOfBoundsException(
                    "byte " + index + " of argument " + argument + ", which has " + length(argument) + " bytes");
        }
        return source.get(from(argument) + index);
    }

    /**
     * A view of an argument, valid until this is called again, or the framer.
     *
     * @throws IndexOutOfBoundsException if there is no such argument
     */
    public ByteBuffer argument(int argument) {
        int length = length(argument);
        return view.of(source, from(argument), from(argument) + length);
    }

    /**
     * A copy of an argument.
     *
     * @throws IndexOutOfBoundsException if there is no such argument
     */
    public byte[] bytes(int argument) {
        byte[] copy = new byte[length(argument)];
        source.get(from(argument), copy);
        return copy;
    }

    /**
     * Copies an argument.
     *
     * @param into with room for {@link #length} bytes from {@code at} on
     * @throws IndexOutOfBoundsException if there is no such argument, or not enough room
     */
    public void copy(int argument, byte[] into, int at) {
        source.get(from(argument), into, at, length(argument));
    }

    /**
     * Says whether an argument is this word, in capitals or not.
     *
     * @param word of ASCII characters; its letters are small ones
     * @throws IndexOutOfBoundsException if there is no such argument
     */
    public boolean is(int argument, String word) {
        int length = length(argument);
        if (length != word.length()) {
            return false;
        }
        int from = from(argument);
        for (int i = 0; i < length; i++) {
            int b = source.get(from + i);
            if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** How many arguments there are; what they are is the peer's, and has no place in a log. */
    @Override
    public String toString() {
        return "request of " + count + " arguments";
    }

    // ---- for the framer

    void begin() {
        count = 0;
        source = null;
        if (bounds.length > 2 * MANY) {
            bounds = new int[2 * FEW]; // a rare long request shall not cost memory for ever
        }
    }

    /** About what it takes beyond an object or two. */
    int keptBytes() {
        return bounds.length * Integer.BYTES;
    }

    void add(int offset, int length) {
        int at = 2 * count;
        if (at == bounds.length) {
            bounds = Arrays.copyOf(bounds, 2 * at);
        }
        bounds[at] = offset;
        bounds[at + 1] = length;
        count++;
    }

    RespRequest of(ByteBuffer newSource, int newBase) {
        source = newSource;
        base = newBase;
        return this;
    }

    RespRequest detached() {
        int last = count - 1;
        byte[] bytes = new byte[bounds[2 * last] + bounds[2 * last + 1]];
        source.get(base, bytes);
        RespRequest detached = new RespRequest();
        detached.bounds = Arrays.copyOf(bounds, 2 * count);
        detached.count = count;
        return detached.of(ByteBuffer.wrap(bytes), 0);
    }

    private int from(int argument) {
        return base + bounds[2 * check(argument)];
    }

    private int check(int argument) {
        if (argument < 0 || argument >= count) {
            throw new IndexOutOfBoundsException("argument " + argument + " of " + count);
        }
        return argument;
    }
}
