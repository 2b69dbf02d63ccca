// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class LoggedFailureTest {

    private static String printed(Throwable failure) {
        StringWriter text = new StringWriter();
        LoggedFailure.of(failure).printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    @Test
    void whatWouldBeginALineOrMoveACursorIsEscaped() {
        assertEquals("a\\r\\n2026 ERROR b\\u{1b}[2J\\\\n", LogText.of("a\r\n2026 ERROR b\u001b[2J\\n"));
        assertEquals("\\u{0}\\u{7f}\\u{85}\\u{2028}\\u{202e}\\u{d800}", LogText.of("\0\u007f\u0085\u2028\u202e\ud800"));
        assertEquals("grün 日本 \ud83d\ude00", LogText.of("grün 日本 \ud83d\ude00"));
    }

    @Test
    void whatIsLongIsCut() {
        String text = LogText.of("x".repeat(1_000_000));
        assertEquals("x".repeat(LogText.MAX_CHARS) + "... (1000000 characters)", text);
    }

    @Test
    void messagesOfCausesAreEscapedAsWell() {
        String text = printed(new IllegalStateException("one\ntwo", new IllegalArgumentException("three\nfour")));
        assertTrue(text.startsWith("java.lang.IllegalStateException: one\\ntwo"), text);
        assertTrue(text.contains("Caused by: java.lang.IllegalArgumentException: three\\nfour"), text);
    }

    @Test
    void theStackIsTheOriginals() {
        RuntimeException original = new RuntimeException();
        assertArrayEquals(original.getStackTrace(), LoggedFailure.of(original).getStackTrace());
        assertEquals("java.lang.RuntimeException", LoggedFailure.of(original).getMessage());
    }

    @Test
    void anEndlessRecursionIsShownByItsTop() {
        StackOverflowError overflow = null;
        try {
            recurse(0);
        } catch (StackOverflowError e) {
            overflow = e;
        }
        assertEquals(100, LoggedFailure.of(overflow).getStackTrace().length);
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    @Test
    void causesThatGoRoundInACircleEnd() {
        Exception one = new Exception("one");
        Exception two = new Exception("two", one);
        one.initCause(two);
        int causes = 0;
        for (Throwable t = LoggedFailure.of(one); t != null; t = t.getCause()) {
            causes++;
        }
        assertEquals(8, causes);
    }

    @Test
    void anExceptionWhoseMethodsThrowIsShownByItsType() {
        RuntimeException hostile = new RuntimeException() {
            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new IllegalStateException("deliberate");
            }

            @Override
            public synchronized Throwable getCause() {
                throw new IllegalStateException("deliberate");
            }

            @Override
            public String toString() {
                throw new IllegalStateException("deliberate");
            }
        };
        String type = hostile.getClass().getName();
        assertEquals(
                type + ", whose message can't be had", LoggedFailure.of(hostile).getMessage());
        assertEquals("(a " + type + " whose text can't be had)", LogText.of(hostile));
    }

    @Test
    void nothingIsMadeOfNothing() {
        assertNull(LoggedFailure.of(null));
        assertEquals("null", LogText.of(null));
    }
}
