// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Output;
import dev.sluice.testing.CollectedOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespOutputTest {
    private final CollectedOutput out = new CollectedOutput();

    @Test
    void writesEachElement() {
        RespOutput.simple(out, "OK");
        RespOutput.error(out, "ERR no");
        RespOutput.bulk(out, new byte[] {'a', 'b', 'c'}, 1, 2);
        RespOutput.bulk(out, ByteBuffer.wrap(new byte[] {'x', 'y'}).position(1));
        RespOutput.nullBulk(out);
        RespOutput.nullArray(out);
        RespOutput.nothing(out);
        RespOutput.bool(out, true);
        RespOutput.decimal(out, 1.5);
        RespOutput.decimal(out, 10);
        RespOutput.decimal(out, Double.NaN);
        RespOutput.array(out, 12);
        RespOutput.mapping(out, 1);
        RespOutput.set(out, 0);
        RespOutput.push(out, 3);
        assertWritten("+OK~-ERR no~$2~bc~$1~y~$-1~*-1~_~#t~,1.5~,10~,nan~*12~%1~~0~>3~");
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                9,
                10,
                99,
                100,
                -1,
                -9,
                -10,
                1234567,
                999999999999999999L,
                1000000000000000000L,
                Long.MAX_VALUE,
                Long.MIN_VALUE
            })
    void writesIntegersOfAnyLength(long value) {
        RespOutput.integer(out, value);
        assertWritten(":" + value + "~");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0, 1, Output.MAX_ROOM - 26, Output.MAX_ROOM - 25, Output.MAX_ROOM - 24, Output.MAX_ROOM, 100_000})
    void writesStringsOfAnyLength(int length) {
        byte[] bytes = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
        RespOutput.bulk(out, bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        RespOutput.bulk(out, buffer);
        assertEquals(length, buffer.remaining());
        String one = "$" + length + "~" + "x".repeat(length) + "~";
        assertWritten(one + one);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, Output.MAX_ROOM - 3, Output.MAX_ROOM - 2, 100_000})
    void writesLinesOfAnyLengthInUtf8(int length) {
        RespOutput.simple(out, "x".repeat(length));
        RespOutput.error(out, "x".repeat(length) + "\u00e4");
        assertWritten("+" + "x".repeat(length) + "~-" + "x".repeat(length) + "\u00c3\u00a4~");
    }

    @Test
    void refusesALineBreakInALine() {
        assertThrows(IllegalArgumentException.class, () -> RespOutput.simple(out, "a\nb"));
        assertThrows(IllegalArgumentException.class, () -> RespOutput.error(out, "a\rb"));
        assertWritten("");
    }

    @Test
    void tellsARefusalInRedisWordsAndKeepsSilentAboutAnEnd() {
        RespOutput.refusal(out, FrameException.malformed(4, "invalid bulk length"));
        RespOutput.refusal(out, FrameException.tooLong(5, 4, "too big inline request"));
        RespOutput.refusal(out, FrameException.truncated(4));
        assertWritten("-ERR Protocol error: invalid bulk length~-ERR Protocol error: too big inline request~");
    }

    @Test
    void encodesRequests() {
        RespEncoder.WORDS.encode(List.of("SET", "ä", ""), out);
        RespEncoder.REQUEST.encode(List.of(ByteBuffer.wrap(new byte[] {'G'})), out);
        assertEquals(
                "*3~$3~SET~$2~ä~$0~~*1~$1~G~", new String(out.bytes(), StandardCharsets.UTF_8).replace("\r\n", "~"));
        assertThrows(IllegalArgumentException.class, () -> RespEncoder.WORDS.encode(List.of(), out));
        assertThrows(IllegalArgumentException.class, () -> RespEncoder.REQUEST.encode(List.of(), out));
    }

    @Test
    void tellsEachValueInResp2AsRedisDoes() {
        RespValue bulk = RespValue.Bulk.of("b");
        List<RespValue> list = List.of(new RespValue.Int(1));
        for (RespValue value : List.of(
                RespValue.Null.NULL,
                new RespValue.Decimal(0.5),
                new RespValue.Bool(true),
                new RespValue.BlobError(ByteBuffer.wrap("E\r\nx".getBytes(StandardCharsets.US_ASCII))),
                new RespValue.Verbatim("txt", ByteBuffer.wrap(new byte[] {'v'})),
                new RespValue.BigNumber("12"),
                new RespValue.Mapping(List.of(new RespValue.Entry(bulk, RespValue.Null.NULL))),
                new RespValue.SetOf(list),
                new RespValue.Push(list),
                new RespValue.Attributed(List.of(new RespValue.Entry(bulk, bulk)), bulk))) {
            RespEncoder.RESP2.encode(value, out);
        }
        assertWritten("$-1~$3~0.5~:1~-E  x~$1~v~$2~12~*2~$1~b~$-1~*1~:1~*1~:1~$1~b~");
    }

    private void assertWritten(String expected) {
        assertEquals(expected, new String(out.bytes(), StandardCharsets.ISO_8859_1).replace("\r\n", "~"));
    }
}
