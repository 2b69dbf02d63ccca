// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Encoders of requests, for clients, and of values.
 *
 * <pre>{@code
 * connection.send(List.of("SET", "key", "value"), RespEncoder.WORDS);
 * }</pre>
 */
public final class RespEncoder {
    /** A request: an array of bulk strings. The buffers' positions stay. */
    public static final Encoder<List<ByteBuffer>> REQUEST = RespEncoder::request;

    /** A request of texts, as UTF-8. */
    public static final Encoder<List<String>> WORDS = RespEncoder::words;

    /** A value as it is. */
    public static final Encoder<RespValue> RESP3 = (value, out) -> value(value, out, true);

    /**
     * A value for peers that know RESP2 only, as Redis makes it of one: mappings become arrays of keys and values in
     * turn, sets and pushes arrays, booleans 1 or 0, nulls {@code $-1}, other numbers and verbatim strings bulk strings,
     * errors simple ones with spaces for line breaks; attributes are left out.
     */
    public static final Encoder<RespValue> RESP2 = (value, out) -> value(value, out, false);

    private RespEncoder() {}

    private static void request(List<ByteBuffer> arguments, Output out) {
        RespOutput.array(out, requireSome(arguments));
        for (ByteBuffer argument : arguments) {
            RespOutput.bulk(out, argument);
        }
    }

    private static void words(List<String> words, Output out) {
        RespOutput.array(out, requireSome(words));
        for (String word : words) {
            RespOutput.bulk(out, word.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static int requireSome(List<?> arguments) {
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("a request of 0 arguments, must have 1 or more: it would have no reply");
        }
        return arguments.size();
    }

    private static void value(RespValue value, Output out, boolean resp3) {
        if (value instanceof RespValue.SimpleString simple) {
            RespOutput.simple(out, simple.text());
        } else if (value instanceof RespValue.SimpleError error) {
            RespOutput.error(out, error.text());
        } else if (value instanceof RespValue.Int number) {
            RespOutput.integer(out, number.value());
        } else if (value instanceof RespValue.Bulk bulk) {
            RespOutput.bulk(out, bulk.bytes());
        } else if (value instanceof RespValue.Array array) {
            elements('*', array.elements(), out, resp3);
        } else if (value == RespValue.Null.BULK) {
            RespOutput.nullBulk(out);
        } else if (value == RespValue.Null.ARRAY) {
            RespOutput.nullArray(out);
        } else if (resp3) {
            onlyResp3(value, out);
        } else {
            inResp2(value, out);
        }
    }

    private static void onlyResp3(RespValue value, Output out) {
        if (value == RespValue.Null.NULL) {
            RespOutput.nothing(out);
        } else if (value instanceof RespValue.Decimal decimal) {
            RespOutput.decimal(out, decimal.value());
        } else if (value instanceof RespValue.Bool bool) {
            RespOutput.bool(out, bool.value());
        } else if (value instanceof RespValue.BlobError error) {
            bytes('!', "", error.bytes(), out);
        } else if (value instanceof RespValue.Verbatim verbatim) {
            bytes('=', verbatim.format() + ":", verbatim.bytes(), out);
        } else if (value instanceof RespValue.BigNumber number) {
            RespLines.line(out, '(', number.digits());
        } else if (value instanceof RespValue.Mapping mapping) {
            RespOutput.mapping(out, mapping.entries().size());
            entries(mapping.entries(), out, true);
        } else if (value instanceof RespValue.SetOf set) {
            elements('~', set.elements(), out, true);
        } else if (value instanceof RespValue.Push push) {
            elements('>', push.elements(), out, true);
        } else if (value instanceof RespValue.Attributed attributed) {
            RespOutput.number(out, '|', attributed.attributes().size());
            entries(attributed.attributes(), out, true);
            value(attributed.value(), out, true);
        }
    }

    private static void inResp2(RespValue value, Output out) {
        if (value == RespValue.Null.NULL) {
            RespOutput.nullBulk(out);
        } else if (value instanceof RespValue.Decimal decimal) {
            ascii(RespLines.decimal(decimal.value()), out);
        } else if (value instanceof RespValue.Bool bool) {
            RespOutput.integer(out, bool.value() ? 1 : 0);
        } else if (value instanceof RespValue.BlobError error) {
            RespOutput.error(out, error.text().replace('\r', ' ').replace('\n', ' '));
        } else if (value instanceof RespValue.Verbatim verbatim) {
            RespOutput.bulk(out, verbatim.bytes());
        } else if (value instanceof RespValue.BigNumber number) {
            ascii(number.digits(), out);
        } else if (value instanceof RespValue.Mapping mapping) {
            RespOutput.array(out, 2 * mapping.entries().size());
            entries(mapping.entries(), out, false);
        } else if (value instanceof RespValue.SetOf set) {
            elements('*', set.elements(), out, false);
        } else if (value instanceof RespValue.Push push) {
            elements('*', push.elements(), out, false);
        } else if (value instanceof RespValue.Attributed attributed) {
            value(attributed.value(), out, false);
        }
    }

    private static void elements(char type, List<RespValue> elements, Output out, boolean resp3) {
        RespOutput.number(out, type, elements.size());
        for (RespValue element : elements) {
            value(element, out, resp3);
        }
    }

    private static void entries(List<RespValue.Entry> entries, Output out, boolean resp3) {
        for (RespValue.Entry entry : entries) {
            value(entry.key(), out, resp3);
            value(entry.value(), out, resp3);
        }
    }

    private static void ascii(String text, Output out) {
        RespOutput.bulk(out, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void bytes(char type, String front, ByteBuffer bytes, Output out) {
        RespOutput.number(out, type, (long) front.length() + bytes.remaining());
        out.put(ByteBuffer.wrap(front.getBytes(StandardCharsets.US_ASCII)));
        out.put(bytes);
        RespOutput.end(out);
    }
}
