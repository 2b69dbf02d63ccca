// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Describes frames that say their own length in a field of their header, for {@link LengthFieldFramer} and
 * {@link LengthFieldEncoder}. The <i>header</i> is everything up to the end of the field. Lengths are unsigned.
 *
 * <pre>{@code
 * FramerFactory<ByteBuffer> framing = LengthField.bytes(4).framing();       // 00 00 00 02 'h' 'i' gives "hi"
 * Encoder<ByteBuffer> encoder = LengthField.bytes(4).encoder();             // and back
 *
 * LengthField.bytes(2).littleEndian()                                       // 02 00 'h' 'i'
 * LengthField.bytes(4).includingHeader()                                    // 00 00 00 06 'h' 'i'
 * LengthField.bytes(3).at(1).strip(0)                                       // 'T' 00 00 02 'h' 'i', all of it a frame
 * LengthField.bytes(2).adjust(1)                                            // 00 02 'T' 'h' 'i': T is not counted
 * }</pre>
 *
 * @param width bytes of the field: 1, 2, 3, 4 or 8
 * @param order byte order of the field
 * @param offset bytes in front of the field, 0 to 65,535
 * @param adjustment added to the field's value, -65,535 to 65,535
 * @param stripped bytes left out at the front of each frame, 0 to 65,543
 * @param includesHeader whether the length counts the whole frame, or only what is behind the field
 */
public record LengthField(
        int width, ByteOrder order, int offset, int adjustment, int stripped, boolean includesHeader) {
    private static final int MAX = 65_535;

    /**
     * Checks every field.
     *
     * @throws IllegalArgumentException if a field is out of range; the message names it, its value and the range
     */
    public LengthField {
        if (width < 1 || width > 4 && width != 8) {
            throw new IllegalArgumentException("width is " + width + ", must be 1, 2, 3, 4 or 8");
        }
        if (order == null) {
            throw new IllegalArgumentException("order is null, must be BIG_ENDIAN or LITTLE_ENDIAN");
        }
        check("offset", offset, 0, MAX);
        check("adjustment", adjustment, -MAX, MAX);
        check("stripped", stripped, 0, MAX + Long.BYTES);
    }

    /**
     * A big-endian field at the front of the frame that counts the bytes behind it. It is left out of the frames.
     *
     * @param width bytes of the field: 1, 2, 3, 4 or 8
     */
    public static LengthField bytes(int width) {
        return new LengthField(width, ByteOrder.BIG_ENDIAN, 0, 0, width, false);
    }

    /** The field with its least significant byte first. */
    public LengthField littleEndian() {
        return new LengthField(width, ByteOrder.LITTLE_ENDIAN, offset, adjustment, stripped, includesHeader);
    }

    /**
     * The field with other header bytes in front of it. The whole header is stripped; for another choice call
     * {@link #strip} after this.
     *
     * @param bytes bytes in front of the field, 0 to 65,535
     */
    public LengthField at(int bytes) {
        check("offset", bytes, 0, MAX);
        return new LengthField(width, order, bytes, adjustment, bytes + width, includesHeader);
    }

    /**
     * The field with something added to its value, for lengths that count more or less than the bytes behind the field.
     *
     * @param bytes -65,535 to 65,535
     */
    public LengthField adjust(int bytes) {
        return new LengthField(width, order, offset, bytes, stripped, includesHeader);
    }

    /**
     * The field with frames that begin further in front or behind.
     *
     * @param bytes bytes left out at the front of each frame, 0 to 65,543; a frame with fewer is malformed
     */
    public LengthField strip(int bytes) {
        return new LengthField(width, order, offset, adjustment, bytes, includesHeader);
    }

    /** The field with a length that counts the whole frame, header included. */
    public LengthField includingHeader() {
        return new LengthField(width, order, offset, adjustment, stripped, true);
    }

    /** Makes framers for such frames. */
    public FramerFactory<ByteBuffer> framing() {
        return maxFrameBytes -> new LengthFieldFramer(maxFrameBytes, this);
    }

    /**
     * Returns an encoder for such frames.
     *
     * @throws IllegalArgumentException if the field is not at the front of the frame
     */
    public Encoder<ByteBuffer> encoder() {
        return new LengthFieldEncoder(this);
    }

    /** Bytes up to the end of the field. */
    int headerBytes() {
        return offset + width;
    }

    /** What to add to the field's value to get the bytes of the whole frame. */
    int beyondValue() {
        return includesHeader ? adjustment : adjustment + headerBytes();
    }

    /** The largest value that fits, of those that fit a {@code long}. */
    long maxValue() {
        return width == Long.BYTES ? Long.MAX_VALUE : (1L << (width * Byte.SIZE)) - 1;
    }

    /** Reads the field at an absolute index. A value over {@link Long#MAX_VALUE} comes out negative. */
    long read(ByteBuffer in, int at) {
        boolean same = in.order() == order;
        return switch (width) {
            case 1 -> in.get(at) & 0xFFL;
            case 2 -> (same ? in.getShort(at) : Short.reverseBytes(in.getShort(at))) & 0xFFFFL;
            case 3 -> readThree(in, at);
            case 4 -> (same ? in.getInt(at) : Integer.reverseBytes(in.getInt(at))) & 0xFFFF_FFFFL;
            default -> same ? in.getLong(at) : Long.reverseBytes(in.getLong(at));
        };
    }

    /** Writes a value from 0 to {@link #maxValue} at the position. */
    void write(long value, ByteBuffer out) {
        boolean same = out.order() == order;
        switch (width) {
            case 1 -> out.put((byte) value);
            case 2 -> out.putShort(same ? (short) value : Short.reverseBytes((short) value));
            case 3 -> writeThree((int) value, out);
            case 4 -> out.putInt(same ? (int) value : Integer.reverseBytes((int) value));
            default -> out.putLong(same ? value : Long.reverseBytes(value));
        }
    }

    private long readThree(ByteBuffer in, int at) {
        int first = in.get(at) & 0xFF;
        int middle = in.get(at + 1) & 0xFF;
        int last = in.get(at + 2) & 0xFF;
        return order == ByteOrder.BIG_ENDIAN ? first << 16 | middle << 8 | last : last << 16 | middle << 8 | first;
    }

    private void writeThree(int value, ByteBuffer out) {
        byte high = (byte) (value >>> 16);
        byte middle = (byte) (value >>> 8);
        byte low = (byte) value;
        boolean big = order == ByteOrder.BIG_ENDIAN;
        out.put(big ? high : low).put(middle).put(big ? low : high);
    }

    private static void check(String name, int value, int from, int to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(name + " is " + value + ", must be " + from + " to " + to);
        }
    }
}
