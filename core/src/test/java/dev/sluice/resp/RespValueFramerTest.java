// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import static dev.sluice.frame.FrameException.Kind.MALFORMED;
import static dev.sluice.frame.FrameException.Kind.TOO_LONG;
import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.FrameException;
import dev.sluice.resp.RespValue.Array;
import dev.sluice.resp.RespValue.Attributed;
import dev.sluice.resp.RespValue.BigNumber;
import dev.sluice.resp.RespValue.BlobError;
import dev.sluice.resp.RespValue.Bool;
import dev.sluice.resp.RespValue.Bulk;
import dev.sluice.resp.RespValue.Decimal;
import dev.sluice.resp.RespValue.Entry;
import dev.sluice.resp.RespValue.Int;
import dev.sluice.resp.RespValue.Mapping;
import dev.sluice.resp.RespValue.Null;
import dev.sluice.resp.RespValue.Push;
import dev.sluice.resp.RespValue.SetOf;
import dev.sluice.resp.RespValue.SimpleError;
import dev.sluice.resp.RespValue.SimpleString;
import dev.sluice.resp.RespValue.Verbatim;
import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RespValueFramerTest {
    private static final int MAX = 1 << 20;

    @Test
    void keepsTheContractWithResp2() {
        FramerContract.of(RespValueFramer::new, value -> value)
                .maxFrameBytes(64)
                .accepts("")
                .accepts(
                        "+OK\r\n-ERR no\r\n:-42\r\n:+7\r\n$2\r\nhi\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n+\r\n",
                        new SimpleString("OK"),
                        new SimpleError("ERR no"),
                        new Int(-42),
                        new Int(7),
                        Bulk.of("hi"),
                        Bulk.of(""),
                        Null.BULK,
                        Null.ARRAY,
                        new Array(List.of()),
                        new SimpleString(""))
                .accepts(
                        "*2\r\n*1\r\n:1\r\n$3\r\n\r\n\0\r\n:9223372036854775807\r\n:-9223372036854775808\r\n",
                        new Array(List.of(new Array(List.of(new Int(1))), Bulk.of("\r\n\0"))),
                        new Int(Long.MAX_VALUE),
                        new Int(Long.MIN_VALUE))
                .rejects("*21\r\n", TOO_LONG)
                .rejects("$58\r\n", TOO_LONG)
                .rejects("*2\r\n$51\r\n" + "x".repeat(53), TOO_LONG)
                .rejects("+OK\r\n+" + "x".repeat(80), TOO_LONG, new SimpleString("OK"))
                .rejects("$99999999999999999999\r\n", TOO_LONG)
                .rejects("x\r\n", MALFORMED)
                .rejects("+a\n", MALFORMED)
                .rejects("+a\rb", MALFORMED)
                .rejects(":\r\n", MALFORMED)
                .rejects(":-\r\n", MALFORMED)
                .rejects(":9223372036854775808\r\n", MALFORMED)
                .rejects(":1234567890123456789012", MALFORMED)
                .rejects("$-2\r\n", MALFORMED)
                .rejects("$01\r\n", MALFORMED)
                .rejects("$\r\n", MALFORMED)
                .rejects("$1\r\nab\r\n", MALFORMED)
                .rejects("*1\r\n$1\r\na\rx", MALFORMED)
                .rejects("+OK\r\n*2\r\n:1\r\n", TRUNCATED, new SimpleString("OK"))
                .rejects("+O", TRUNCATED)
                .unfinished(length -> bytes("*9999\r\n" + ":1\r\n".repeat(length / 4 + 1), length))
                .check();
    }

    @Test
    void keepsTheContractWithResp3() {
        FramerContract.of(RespValueFramer::new, value -> value)
                .maxFrameBytes(100)
                .accepts(
                        "_\r\n,1.5\r\n,-inf\r\n,inf\r\n,nan\r\n,1e3\r\n#t\r\n#f\r\n(123\r\n!5\r\nERR\r\n\r\n=6\r\ntxt:hi\r\n",
                        Null.NULL,
                        new Decimal(1.5),
                        new Decimal(Double.NEGATIVE_INFINITY),
                        new Decimal(Double.POSITIVE_INFINITY),
                        new Decimal(Double.NaN),
                        new Decimal(1000),
                        new Bool(true),
                        new Bool(false),
                        new BigNumber("123"),
                        new BlobError(ByteBuffer.wrap("ERR\r\n".getBytes(StandardCharsets.US_ASCII))),
                        new Verbatim("txt", ByteBuffer.wrap("hi".getBytes(StandardCharsets.US_ASCII))))
                .accepts(
                        "%1\r\n+a\r\n~1\r\n:1\r\n>1\r\n+p\r\n|1\r\n+k\r\n+v\r\n*1\r\n|0\r\n:2\r\n%0\r\n",
                        new Mapping(List.of(new Entry(new SimpleString("a"), new SetOf(List.of(new Int(1)))))),
                        new Push(List.of(new SimpleString("p"))),
                        new Attributed(
                                List.of(new Entry(new SimpleString("k"), new SimpleString("v"))),
                                new Array(List.of(new Attributed(List.of(), new Int(2))))),
                        new Mapping(List.of()))
                .accepts(
                        "$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n*?\r\n:1\r\n*?\r\n.\r\n$?\r\n;0\r\n.\r\n%?\r\n:1\r\n:2\r\n.\r\n~?\r\n.\r\n",
                        Bulk.of("abc"),
                        new Array(List.of(new Int(1), new Array(List.of()), Bulk.of(""))),
                        new Mapping(List.of(new Entry(new Int(1), new Int(2)))),
                        new SetOf(List.of()))
                .rejects("%17\r\n", TOO_LONG)
                .rejects("|16\r\n", TOO_LONG)
                .rejects("$?\r\n;99\r\n", TOO_LONG)
                .rejects("*?\r\n" + ":1\r\n".repeat(30), TOO_LONG)
                .rejects("#x\r\n", MALFORMED)
                .rejects("#tt\r\n", MALFORMED)
                .rejects("#\r\n", MALFORMED)
                .rejects("_x\r\n", MALFORMED)
                .rejects(",\r\n", MALFORMED)
                .rejects(",0x1\r\n", MALFORMED)
                .rejects(",1d\r\n", MALFORMED)
                .rejects("(1.0\r\n", MALFORMED)
                .rejects("(-\r\n", MALFORMED)
                .rejects("=2\r\nhi\r\n", MALFORMED)
                .rejects("=4\r\nt\rt:\r\n", MALFORMED)
                .rejects("%-1\r\n", MALFORMED)
                .rejects(">?\r\n", MALFORMED)
                .rejects("!?\r\n", MALFORMED)
                .rejects("*1\r\n>1\r\n", MALFORMED)
                .rejects(".\r\n", MALFORMED)
                .rejects("*1\r\n.\r\n", MALFORMED)
                .rejects("%?\r\n:1\r\n.\r\n", MALFORMED)
                .rejects(";1\r\n", MALFORMED)
                .rejects("$?\r\n:1\r\n", MALFORMED)
                .rejects("*?\r\n:1\r\n", TRUNCATED)
                .unfinished(length -> bytes("*?\r\n" + "_\r\n".repeat(length / 3 + 1), length))
                .check();
    }

    @Test
    void isLinearInALongLineAndInALongString() {
        for (String begin : new String[] {"+", "(", "$1000000\r\n"}) {
            FramerContract.of(RespValueFramer::new, value -> value)
                    .accepts(":1\r\n", new Int(1))
                    .unfinished(length -> bytes(begin + "1".repeat(length), length))
                    .check();
        }
    }

    @Test
    void takesNestingToItsDepthAndNoDeeper() throws FrameException {
        RespValue value = new RespValueFramer(MAX).next(buffer("*1\r\n".repeat(32) + ":1\r\n"));
        for (int i = 0; i < 32; i++) {
            value = ((Array) value).elements().get(0);
        }
        assertEquals(new Int(1), value);
        for (String bomb : new String[] {"*1\r\n", "%1\r\n:1\r\n", "*?\r\n", "|1\r\n"}) {
            var refused =
                    assertThrows(FrameException.class, () -> new RespValueFramer(MAX).next(buffer(bomb.repeat(33))));
            assertEquals("nested deeper than 32", refused.what());
        }
    }

    /** Three bytes for each value that is announced must fit, those of outer values included. */
    @ParameterizedTest
    @CsvSource({"'*6~', false", "'*7~', true", "'*3~*3~', false", "'*3~*4~', true", "'*?~*4~', false", "'*?~*5~', true"
    })
    void refusesMoreElementsThanThereIsRoomFor(String stream, boolean refused) throws FrameException {
        ByteBuffer in = buffer(stream.replace("~", "\r\n"));
        RespValueFramer framer = new RespValueFramer(23);
        if (refused) {
            assertEquals(
                    TOO_LONG,
                    assertThrows(FrameException.class, () -> framer.next(in)).kind());
        } else {
            assertEquals(null, framer.next(in));
        }
    }

    /** What a streamed value owes must be settled with it, or long streams would be refused in the end. */
    @Test
    void takesStreamsOfStreamsUpToTheLimit() throws FrameException {
        String inner = "*?\r\n$?\r\n;1\r\na\r\n;0\r\n.\r\n";
        String stream = "*?\r\n" + inner.repeat(100) + ".\r\n";
        RespValue value = new RespValueFramer(stream.length()).next(buffer(stream));
        assertEquals(100, ((Array) value).elements().size());
        assertThrows(FrameException.class, () -> new RespValueFramer(stream.length() - 1).next(buffer(stream)));
    }

    @Test
    void neverTellsThePeersBytesRaw() {
        var refused = assertThrows(FrameException.class, () -> new RespValueFramer(MAX).next(buffer("\u001b[31m")));
        assertEquals("no type begins with '\\x1b' at offset 0 of the frame", refused.getMessage());
    }

    @Test
    void refusesLimitsOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> new RespValueFramer(2));
        assertThrows(IllegalArgumentException.class, () -> new RespValueFramer(MAX, -1));
        assertThrows(IllegalArgumentException.class, () -> new RespValueFramer(MAX, 1001));
    }

    @Test
    void valuesAreEqualByContentAndKeepTheirBytes() {
        Bulk bulk = Bulk.of("hi");
        bulk.bytes().get();
        assertEquals(Bulk.of("hi"), bulk);
        assertEquals("hi", bulk.text());
        assertEquals(
                "12345678901234567890",
                new BigNumber("12345678901234567890").value().toString());
        assertThrows(IllegalArgumentException.class, () -> new BigNumber("1 "));
        assertThrows(IllegalArgumentException.class, () -> new Verbatim("te", ByteBuffer.allocate(0)));
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] bytes(String text, int length) {
        return Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), length);
    }
}
