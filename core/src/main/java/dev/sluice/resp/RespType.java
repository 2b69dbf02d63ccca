// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

/** The types of values, by the byte that each begins with. */
enum RespType {
    SIMPLE_STRING('+', Shape.LINE),
    SIMPLE_ERROR('-', Shape.LINE),
    INT(':', Shape.LINE),
    NULL('_', Shape.LINE),
    DECIMAL(',', Shape.LINE),
    BOOL('#', Shape.LINE),
    BIG_NUMBER('(', Shape.LINE),
    BULK('$', Shape.BYTES),
    BLOB_ERROR('!', Shape.BYTES),
    VERBATIM('=', Shape.BYTES),
    ARRAY('*', Shape.VALUES),
    MAPPING('%', Shape.VALUES),
    SET('~', Shape.VALUES),
    PUSH('>', Shape.VALUES),
    ATTRIBUTED('|', Shape.VALUES),
    /** A part of a streamed bulk string. */
    CHUNK(';', Shape.BYTES),
    /** The end of streamed values. */
    END('.', Shape.LINE);

    /** What comes behind the first byte. */
    enum Shape {
        /** All of it is one line. */
        LINE,
        /** A length, and so many bytes. */
        BYTES,
        /** A count, and so many values. */
        VALUES
    }

    private static final RespType[] BY_BYTE = new RespType[128];

    static {
        for (RespType type : values()) {
            BY_BYTE[type.first] = type;
        }
    }

    final byte first;
    final Shape shape;

    RespType(char first, Shape shape) {
        this.first = (byte) first;
        this.shape = shape;
    }

    /** The type that begins with a byte, or null. */
    static RespType of(byte first) {
        return first < 0 ? null : BY_BYTE[first];
    }

    /** Whether its number of values, or bytes, may be left open: {@code $?}, {@code *?}. */
    boolean mayBeStreamed() {
        return this == BULK || this == ARRAY || this == MAPPING || this == SET;
    }
}
