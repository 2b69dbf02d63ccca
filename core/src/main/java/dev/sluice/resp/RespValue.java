// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A reply, or a part of one, in RESP2 or RESP3. Values are immutable, have {@code equals}, and own their memory: they
 * stay valid for as long as they are referenced. Lists are in the order of the wire, those of sets and maps too.
 *
 * <p>Not for a server's hot path: what replies at once, without objects, is {@link RespOutput}.
 *
 * <pre>{@code
 * if (reply instanceof RespValue.Bulk bulk) { use(bulk.text()); }
 * }</pre>
 */
public sealed interface RespValue {

    /** A short text without line breaks: {@code +OK}. */
    record SimpleString(String text) implements RespValue {
        @Override
        public String toString() {
            return text;
        }
    }

    /** An error in one line, whose first word is by custom its code: {@code -ERR unknown command}. */
    record SimpleError(String text) implements RespValue {}

    /** A 64-bit integer: {@code :42}. */
    record Int(long value) implements RespValue {}

    /** Bytes: {@code $2 CR LF hi}. */
    record Bulk(ByteBuffer bytes) implements RespValue {
        /** Takes the buffer as it is: its bytes must not be changed after that. */
        public Bulk {
            bytes = bytes.slice().asReadOnlyBuffer();
        }

        /** A bulk string of a text, as UTF-8. */
        public static Bulk of(String text) {
            return new Bulk(StandardCharsets.UTF_8.encode(text));
        }

        /** A new view of the bytes. */
        @Override
        public ByteBuffer bytes() {
            return bytes.duplicate();
        }

        /** The bytes taken for UTF-8; what is none becomes U+FFFD. */
        public String text() {
            return StandardCharsets.UTF_8.decode(bytes()).toString();
        }
    }

    /** Values one after the other: {@code *2}. */
    record Array(List<RespValue> elements) implements RespValue {
        /** Copies the list. */
        public Array {
            elements = List.copyOf(elements);
        }
    }

    /** Nothing. */
    enum Null implements RespValue {
        /** RESP2's missing bulk string, {@code $-1}. */
        BULK,
        /** RESP2's missing array, {@code *-1}. */
        ARRAY,
        /** RESP3's only one, {@code _}. */
        NULL
    }

    /** A floating-point number, RESP3: {@code ,1.5}, {@code ,inf}, {@code ,nan}. */
    record Decimal(double value) implements RespValue {}

    /** True or false, RESP3: {@code #t}. */
    record Bool(boolean value) implements RespValue {}

    /** An error of any bytes, RESP3: {@code !5 CR LF ERR x}. */
    record BlobError(ByteBuffer bytes) implements RespValue {
        /** Takes the buffer as it is: its bytes must not be changed after that. */
        public BlobError {
            bytes = bytes.slice().asReadOnlyBuffer();
        }

        /** A new view of the bytes. */
        @Override
        public ByteBuffer bytes() {
            return bytes.duplicate();
        }

        /** The bytes taken for UTF-8; what is none becomes U+FFFD. */
        public String text() {
            return StandardCharsets.UTF_8.decode(bytes()).toString();
        }
    }

    /**
     * Bytes to be shown to a person as they are, RESP3: {@code =6 CR LF txt:hi}.
     *
     * @param format three ASCII characters: {@code txt} or {@code mkd}
     */
    record Verbatim(String format, ByteBuffer bytes) implements RespValue {
        /**
         * Takes the buffer as it is: its bytes must not be changed after that.
         *
         * @throws IllegalArgumentException if the format has not three ASCII characters
         */
        public Verbatim {
            if (format.length() != 3 || !format.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                throw new IllegalArgumentException("the format of a verbatim string must be three ASCII characters");
            }
            bytes = bytes.slice().asReadOnlyBuffer();
        }

        /** A new view of the bytes. */
        @Override
        public ByteBuffer bytes() {
            return bytes.duplicate();
        }

        /** The bytes taken for UTF-8; what is none becomes U+FFFD. */
        public String text() {
            return StandardCharsets.UTF_8.decode(bytes()).toString();
        }
    }

    /**
     * An integer of any size, RESP3: {@code (3492890328409238509324850943850943825024385}.
     *
     * @param digits decimal, with an optional sign in front; kept as text, because making a number of a very long one
     *     takes time that isn't linear
     */
    record BigNumber(String digits) implements RespValue {
        /** Checks the digits. */
        public BigNumber {
            if (!digits.matches("[+-]?[0-9]+")) {
                throw new IllegalArgumentException("a big number must be decimal digits with an optional sign");
            }
        }

        /** The number. For one of very many digits this takes long. */
        public BigInteger value() {
            return new BigInteger(digits);
        }
    }

    /** Keys and values, RESP3: {@code %1}. */
    record Mapping(List<Entry> entries) implements RespValue {
        /** Copies the list. */
        public Mapping {
            entries = List.copyOf(entries);
        }
    }

    /** A key and its value. */
    record Entry(RespValue key, RespValue value) {}

    /** Values of which no order is meant, RESP3: {@code ~2}. Whether one comes twice isn't checked. */
    record SetOf(List<RespValue> elements) implements RespValue {
        /** Copies the list. */
        public SetOf {
            elements = List.copyOf(elements);
        }
    }

    /**
     * What a server sends without having been asked, RESP3: {@code >2}. It is a frame of its own, and no reply.
     *
     * @param elements the first says what it is
     */
    record Push(List<RespValue> elements) implements RespValue {
        /** Copies the list. */
        public Push {
            elements = List.copyOf(elements);
        }
    }

    /** A value with something said about it that isn't part of it, RESP3: {@code |1}. */
    record Attributed(List<Entry> attributes, RespValue value) implements RespValue {
        /** Copies the list. */
        public Attributed {
            attributes = List.copyOf(attributes);
        }
    }
}
