// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The fields of a head or of a trailer section, in the order in which they came: a view of the bytes that were received,
 * as long valid as what it belongs to. Names are compared without case. Nothing is allocated but the strings that are
 * asked for. Confined to one thread.
 */
public final class HttpFields {
    /** No fields, of whatever has none; never changed. */
    static final HttpFields NONE = new HttpFields();

    private static final int FEW = 32;
    private static final int MANY = 256;
    private static final int INTS = 4; // for a field: where name and value begin, and how long they are

    private final FrameView view = new FrameView();
    private ByteBuffer source;
    private int base; // what offsets are counted from
    private int[] bounds;
    private int count;

    HttpFields() {
        this(new int[INTS * FEW]);
    }

    private HttpFields(int[] bounds) {
        this.bounds = bounds;
    }

    /** How many there are, each line counted. */
    public int count() {
        return count;
    }

    /**
     * The name of a field, as it was sent.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public String name(int field) {
        int at = INTS * check(field);
        return text(bounds[at], bounds[at + 1]);
    }

    /**
     * The value of a field, without the white space around it; bytes above 127 as ISO 8859-1.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public String value(int field) {
        int at = INTS * check(field);
        return text(bounds[at + 2], bounds[at + 3]);
    }

    /**
     * A view of a field's value, valid until this is called again.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public ByteBuffer valueBytes(int field) {
        int at = INTS * check(field);
        int from = base + bounds[at + 2];
        return view.of(source, from, from + bounds[at + 3]);
    }

    /** The value of the first field of that name, or null if there is none. */
    public String get(String name) {
        int field = find(name, 0);
        return field < 0 ? null : value(field);
    }

    /** Whether there is a field of that name. */
    public boolean has(String name) {
        return find(name, 0) >= 0;
    }

    /** The first field of that name among {@code from} and those behind it, or -1. */
    public int find(String name, int from) {
        int length = name.length();
        for (int field = from; field < count; field++) {
            int at = INTS * field;
            if (bounds[at + 1] == length && is(bounds[at], length, name)) {
                return field;
            }
        }
        return -1;
    }

    /**
     * Whether a field's value is this, without case.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public boolean valueIs(int field, String text) {
        int at = INTS * check(field);
        return bounds[at + 3] == text.length() && is(bounds[at + 2], text.length(), text);
    }

    /** How many there are; what they say is the peer's, and has no place in a log. */
    @Override
    public String toString() {
        return count + " fields";
    }

    // ---- for the framer

    void clear() {
        count = 0;
        source = null;
        if (bounds.length > INTS * MANY) {
            bounds = new int[INTS * FEW]; // a rare long head shall not cost memory for ever
        }
    }

    /** Lets go of the bytes, and not of where in them the fields are. */
    void letGo() {
        source = null;
        view.forget();
    }

    /** About what it takes beyond an object or two. */
    int keptBytes() {
        return bounds.length * Integer.BYTES;
    }

    void add(int nameOffset, int nameLength, int valueOffset, int valueLength) {
        int at = INTS * count;
        if (at == bounds.length) {
            bounds = Arrays.copyOf(bounds, 2 * at);
        }
        bounds[at] = nameOffset;
        bounds[at + 1] = nameLength;
        bounds[at + 2] = valueOffset;
        bounds[at + 3] = valueLength;
        count++;
    }

    void of(ByteBuffer newSource, int newBase) {
        source = newSource;
        base = newBase;
    }

    int nameLength(int field) {
        return bounds[INTS * field + 1];
    }

    /** Whether a field that has a name of that length has that name, of small letters. */
    boolean nameIs(int field, String name) {
        return is(bounds[INTS * field], name.length(), name);
    }

    /** Whether a value is a list in which this stands, of small letters (RFC 9110, 5.6.1). */
    boolean hasToken(int field, String token) {
        return countToken(field, token) > 0;
    }

    /** How many times this, of small letters, stands in the list that a value is. */
    int countToken(int field, String token) {
        int found = 0;
        int end = bounds[INTS * field + 2] + bounds[INTS * field + 3];
        for (int at = bounds[INTS * field + 2]; at <= end; at++) {
            int comma = at;
            while (comma < end && source.get(base + comma) != ',') {
                comma++;
            }
            found += isTrimmed(at, comma, token) ? 1 : 0;
            at = comma;
        }
        return found;
    }

    /** Whether this, of small letters, is the last in the list that a value is. */
    boolean lastTokenIs(int field, String token) {
        int from = bounds[INTS * field + 2];
        int end = from + bounds[INTS * field + 3];
        int comma = end;
        while (comma > from && source.get(base + comma - 1) != ',') {
            comma--;
        }
        return isTrimmed(comma, end, token);
    }

    private boolean isTrimmed(int from, int to, String token) {
        int first = from;
        int last = to;
        while (first < last && HttpBytes.isSpace(source.get(base + first))) {
            first++;
        }
        while (first < last && HttpBytes.isSpace(source.get(base + last - 1))) {
            last--;
        }
        return last - first == token.length() && is(first, token.length(), token);
    }

    /** All of them with what stands between them, about. */
    int bytes() {
        int last = INTS * (count - 1);
        return count == 0 ? 0 : bounds[last + 2] + bounds[last + 3] - bounds[0];
    }

    /** As {@link #nameIs}, where an underscore passes for a hyphen, as it does to who makes variables of names. */
    boolean nameLooksLike(int field, String name) {
        int from = base + bounds[INTS * field];
        for (int i = 0; i < name.length(); i++) {
            byte b = source.get(from + i);
            if (HttpBytes.small(b == '_' ? (byte) '-' : b) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Copies a name. Returns where it ends. */
    int copyName(int field, byte[] into, int at) {
        return copy(INTS * field, into, at);
    }

    /** Copies a value. Returns where it ends. */
    int copyValue(int field, byte[] into, int at) {
        return copy(INTS * field + 2, into, at);
    }

    private int copy(int bound, byte[] into, int at) {
        int length = bounds[bound + 1];
        source.get(base + bounds[bound], into, at, length);
        return at + length;
    }

    int valueOffset(int field) {
        return bounds[INTS * field + 2];
    }

    int valueLength(int field) {
        return bounds[INTS * field + 3];
    }

    /** The same over other bytes, which are not copied here. */
    HttpFields over(ByteBuffer otherSource, int otherBase) {
        HttpFields other = new HttpFields(Arrays.copyOf(bounds, INTS * count));
        other.count = count;
        other.of(otherSource, otherBase);
        return other;
    }

    /** What the same over other bytes takes, without these. */
    int detachedBytes() {
        return INTS * Integer.BYTES * count;
    }

    HttpFields detached() {
        if (count == 0) {
            return NONE; // each piece of a body has none
        }
        int from = bounds[0];
        int last = INTS * (count - 1);
        byte[] bytes = new byte[bounds[last + 2] + bounds[last + 3] - from];
        source.get(base + from, bytes);
        return over(ByteBuffer.wrap(bytes), -from);
    }

    private boolean is(int offset, int length, String text) {
        int from = base + offset;
        for (int i = 0; i < length; i++) {
            if (HttpBytes.small(source.get(from + i)) != HttpBytes.small((byte) text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private String text(int offset, int length) {
        byte[] bytes = new byte[length];
        source.get(base + offset, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private int check(int field) {
        if (field < 0 || field >= count) {
            throw new IndexOutOfBoundsException("field " + field + " of " + count);
        }
        return field;
    }
}
