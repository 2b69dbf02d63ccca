// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import static dev.sluice.frame.FrameException.Kind.MALFORMED;
import static dev.sluice.frame.FrameException.Kind.TOO_LONG;
import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RespRequestFramerTest {
    private static final int MAX = 1 << 20;

    @Test
    void keepsTheContractWithArrays() {
        FramerContract.of(RespRequestFramer::new, RespRequestFramerTest::words)
                .maxFrameBytes(64)
                .accepts("")
                .accepts("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n", List.of("PING"), List.of("GET", ""))
                .accepts(
                        "*1\r\n$12\r\n\r\n*1\r\n$1\r\n\0\u00ff\r\n*1\r\n$1\r\nx\r\n",
                        List.of("\r\n*1\r\n$1\r\n\0\u00ff"),
                        List.of("x"))
                .accepts("*0\r\n*-1\r\n*-10\r\n*1\r\n$1\r\na\r\n*0\r\n", List.of("a"))
                .accepts("*9\r\n" + "$0\r\n\r\n".repeat(9), List.of("", "", "", "", "", "", "", "", ""))
                .accepts("*1\r\n$53\r\n" + "x".repeat(53) + "\r\n", List.of("x".repeat(53)))
                .rejects("*1\r\n$1\r\na\r\n*1\r\n$54\r\n" + "x".repeat(54) + "\r\n", TOO_LONG, List.of("a"))
                .rejects("*2\r\n$48\r\n" + "x".repeat(48) + "\r\n$0\r\n\r\n", TOO_LONG)
                .rejects("*10\r\n" + "$0\r\n\r\n".repeat(10), TOO_LONG)
                .rejects("*1\r\n$99999999999999999999\r\n", TOO_LONG)
                .rejects("*x\r\n", MALFORMED)
                .rejects("*\r\n", MALFORMED)
                .rejects("*01\r\n", MALFORMED)
                .rejects("*+1\r\n", MALFORMED)
                .rejects("*-0\r\n", MALFORMED)
                .rejects("*--1\r\n", MALFORMED)
                .rejects("*1\n$1\r\n", MALFORMED)
                .rejects("*1\rx", MALFORMED)
                .rejects("*1\r\n+OK\r\n", MALFORMED)
                .rejects("*1\r\n\r\n", MALFORMED)
                .rejects("*1\r\n$-1\r\n", MALFORMED)
                .rejects("*1\r\n$1\r\nxx\r\n", MALFORMED)
                .rejects("*1\r\n$1\r\nx\rx", MALFORMED)
                .rejects("*1\r\n$1\r\na\r\n*2\r\n$1\r\n", TRUNCATED, List.of("a"))
                .rejects("*", TRUNCATED)
                .check();
    }

    @Test
    void keepsTheContractWithInlineRequests() {
        FramerContract.of(RespRequestFramer::new, RespRequestFramerTest::words)
                .maxFrameBytes(32)
                .accepts("PING\r\nget  a\t\n\r\n\n   \r\n\"\"\n", List.of("PING"), List.of("get", "a"), List.of(""))
                .accepts("set k \"a b\\n\\x41\\\"\" 'it\\'s'\r\n", List.of("set", "k", "a b\nA\"", "it's"))
                .accepts("a\n*1\r\n$1\r\nb\r\nc\n", List.of("a"), List.of("b"), List.of("c"))
                .accepts("0123456789012345678901234567890\n", List.of("0123456789012345678901234567890"))
                .rejects("a\n01234567890123456789012345678901\n", TOO_LONG, List.of("a"))
                .rejects("\n*0\r\n01234567890123456789012345678901\n", TOO_LONG)
                .rejects("a 'b\r\n", MALFORMED)
                .rejects("a \"b\"c\r\n", MALFORMED)
                .rejects("a \"b\\\"\r\n", MALFORMED)
                .rejects("a \0\r\n", MALFORMED)
                .rejects("a\npin", TRUNCATED, List.of("a"))
                .unfinished(byte[]::new)
                .check();
    }

    @Test
    void doesNotLookAgainAtTheArgumentsThatHaveArrived() {
        FramerContract.of(RespRequestFramer::new, RespRequestFramerTest::words)
                .accepts("*2\r\n$1\r\na\r\n$1\r\nb\r\n", List.of("a", "b"))
                .unfinished(length -> bytes("*100000\r\n" + "$0\r\n\r\n".repeat(length / 6 + 1), length))
                .check();
        FramerContract.of(RespRequestFramer::new, RespRequestFramerTest::words)
                .accepts("*2\r\n$1\r\na\r\n$1\r\nb\r\n", List.of("a", "b"))
                .unfinished(length -> bytes("*1\r\n$1000000\r\n" + "x".repeat(length), length))
                .check();
    }

    /** The words of Redis' networking.c, and the place that they are about. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            *x                       | MALFORMED | invalid multibulk length at offset 1 of the frame
            *1048577                 | MALFORMED | invalid multibulk length at offset 7 of the frame
            *2147483648              | TOO_LONG  | invalid multibulk length: frame of 1288497 bytes or more, the limit is 1048576
            *-99999999999999999999   | MALFORMED | invalid multibulk length at offset 19 of the frame
            *1~:1~                   | MALFORMED | expected '$', got ':' at offset 4 of the frame
            *1~~                     | MALFORMED | expected '$', got '\\x0d' at offset 4 of the frame
            *1~$-1~                  | MALFORMED | invalid bulk length at offset 5 of the frame
            *1~$536870913            | TOO_LONG  | invalid bulk length: frame of 5368725 bytes or more, the limit is 1048576
            *1~$1~ab                 | MALFORMED | expected CR LF behind a bulk string at offset 9 of the frame
            *200000                  | TOO_LONG  | invalid multibulk length: frame of 1200009 bytes or more, the limit is 1048576
            *1~$1048576~             | TOO_LONG  | invalid bulk length: frame of 1048592 bytes or more, the limit is 1048576
            a 'b~                    | MALFORMED | unbalanced quotes in request at offset 5 of the frame
            """)
    void saysWhatIsWrongAsRedisDoes(String stream, FrameException.Kind kind, String message) {
        byte[] bytes = stream.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int split = 0; split <= bytes.length; split++) { // it yields parts, for which the contract doesn't compare
            FrameException refused = refusal(bytes, split);
            assertEquals(kind, refused.kind());
            assertEquals(message, refused.getMessage(), "split at " + split);
        }
    }

    @Test
    void refusesAnInlineRequestOf64KiBWithoutEnd() {
        byte[] line = "x".repeat(64 * 1024 + 1).getBytes(StandardCharsets.ISO_8859_1);
        FrameException refused = refusal(line, 100);
        assertEquals(TOO_LONG, refused.kind());
        assertEquals("too big inline request", refused.what());
        assertEquals(64 * 1024 + 1, refused.limit());
    }

    @Test
    void holdsArgumentsToALimitOfTheirOwn() throws FrameException {
        RespRequestFramer framer = new RespRequestFramer(MAX, 5, 2);
        assertEquals(List.of("12345", ""), words(framer.next(buffer("*2\r\n$5\r\n12345\r\n$0\r\n\r\n"))));
        assertEquals(
                "invalid bulk length",
                assertThrows(FrameException.class, () -> framer.next(buffer("*1\r\n$6\r\n")))
                        .what());
        assertEquals(
                "invalid multibulk length",
                assertThrows(FrameException.class, () -> new RespRequestFramer(MAX, 5, 2).next(buffer("*3\r\n")))
                        .what());
    }

    @ParameterizedTest
    @CsvSource({"9, 0, 1, maxFrameBytes is 9", "10, -1, 1, maxBulkBytes is -1", "10, 0, 0, maxArguments is 0"})
    void refusesLimitsThatNoRequestFitsInto(int frame, int bulk, int arguments, String message) {
        var refused = assertThrows(IllegalArgumentException.class, () -> new RespRequestFramer(frame, bulk, arguments));
        assertTrue(refused.getMessage().startsWith(message), refused::getMessage);
    }

    /** What sdssplitargs makes of them. */
    @Test
    void splitsAnInlineRequestIntoWords() throws FrameException {
        assertSplit("foo\"bar\"", "foobar");
        assertSplit("\"\\x6g\\xZZ\\x4\"", "x6gxZZx4");
        assertSplit("\"\\q\\\\\\n\\r\\t\\b\\a\"", "q\\\n\r\t\b\7");
        assertSplit("'a\\nb' 'it\\'s'", "a\\nb", "it's");
        assertSplit("\"\\x00\\xFf\"", "\0\u00ff");
        assertSplit("a\fb \fc", "a\fb", "c");
        assertSplit("a\\n", "a\\n");
    }

    private static void assertSplit(String line, String... words) throws FrameException {
        assertEquals(List.of(words), words(new RespRequestFramer(MAX).next(buffer(line + "\n"))));
    }

    @Test
    void aRequestGivesItsArgumentsInEveryForm() throws FrameException {
        RespRequest request = new RespRequestFramer(MAX)
                .next(buffer("xx*3\r\n$3\r\nSeT\r\n$2\r\nk1\r\n$0\r\n\r\n").position(2));
        assertEquals(3, request.count());
        assertTrue(request.is(0, "set"));
        assertFalse(request.is(0, "get"));
        assertFalse(request.is(0, "sets"));
        assertEquals('k', request.byteAt(1, 0));
        assertEquals(2, request.length(1));
        assertEquals(ByteBuffer.wrap(new byte[] {'k', '1'}), request.argument(1));
        byte[] into = new byte[4];
        request.copy(1, into, 1);
        assertEquals("[0, 107, 49, 0]", Arrays.toString(into));
        assertEquals(0, request.bytes(2).length);
        assertThrows(IndexOutOfBoundsException.class, () -> request.byteAt(1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> request.byteAt(2, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> request.length(3));
        assertThrows(IndexOutOfBoundsException.class, () -> request.argument(-1));
        assertEquals("request of 3 arguments", request.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 3000})
    void takesAnyNumberOfArguments(int count) throws FrameException {
        StringBuilder stream = new StringBuilder("*" + count + "\r\n");
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stream.append("$")
                    .append(String.valueOf(i).length())
                    .append("\r\n")
                    .append(i)
                    .append("\r\n");
            expected.add(String.valueOf(i));
        }
        RespRequestFramer framer = new RespRequestFramer(MAX);
        ByteBuffer in = buffer(stream.toString().repeat(2));
        assertEquals(expected, words(framer.next(in)));
        assertEquals(expected, words(framer.next(in)));
    }

    private static FrameException refusal(byte[] bytes, int split) {
        RespRequestFramer framer = new RespRequestFramer(MAX);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return assertThrows(FrameException.class, () -> {
            framer.next(in.limit(split));
            framer.next(in.limit(bytes.length));
        });
    }

    static List<String> words(RespRequest request) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < request.count(); i++) {
            words.add(new String(request.bytes(i), StandardCharsets.ISO_8859_1));
        }
        return words;
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] bytes(String text, int length) {
        return Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), length);
    }
}
