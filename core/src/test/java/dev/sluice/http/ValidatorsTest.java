// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.FrameException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110, 8.8, 13.1 and 13.2. */
class ValidatorsTest {
    private static final Instant CHANGED = Instant.parse("1994-11-06T08:49:37.5Z");
    private static final Validators STRONG = new Validators("\"a\"", CHANGED);
    private static final Validators WEAK = new Validators("W/\"a\"", CHANGED);

    private static HttpRequest request(String method, String fields) throws FrameException {
        String lines = fields.isEmpty() ? "" : fields.replace(";", "\r\n") + "\r\n";
        String head = method + " / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
        return (HttpRequest) HttpRequestFramerTest.gathering().next(HttpRequestFramerTest.bytes(head));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | GET | ''",
                "304 | GET | If-None-Match: \"a\"",
                "304 | HEAD | If-None-Match: W/\"a\"",
                "304 | GET | If-None-Match: \"b\", W/\"a\"",
                "304 | GET | If-None-Match: \"b\";If-None-Match: \"a\"",
                "304 | GET | If-None-Match: *",
                "412 | PUT | If-None-Match: *",
                "200 | GET | If-None-Match: \"b\"",
                "200 | GET | If-None-Match: a",
                "200 | GET | If-None-Match: \"b",
                "200 | GET | If-None-Match: \"b\";If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
                "304 | GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
                "304 | GET | If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT",
                "304 | GET | If-Modified-Since: Sun Nov  6 08:49:37 1994",
                "304 | GET | If-Modified-Since: Mon, 07 Nov 1994 08:49:37 GMT",
                "200 | GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT",
                "200 | GET | If-Modified-Since: yesterday",
                "200 | PUT | If-Modified-Since: Mon, 07 Nov 1994 08:49:37 GMT",
                "200 | PUT | If-Match: \"a\"",
                "200 | PUT | If-Match: *",
                "412 | PUT | If-Match: \"b\"",
                "412 | GET | If-Match: W/\"a\"",
                "200 | GET | If-Match: \"a\";If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT",
                "412 | GET | If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT",
                "200 | GET | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
            })
    void conditions(int status, String method, String fields) throws FrameException {
        assertEquals(status, STRONG.judge(request(method, fields)).status());
    }

    @Test
    void aWeakTagMatchesWeaklyOnly() throws FrameException {
        assertEquals(Validators.Outcome.NOT_MODIFIED, WEAK.judge(request("GET", "If-None-Match: \"a\"")));
        assertEquals(Validators.Outcome.FAILED, WEAK.judge(request("PUT", "If-Match: \"a\"")));
        assertEquals(Validators.Outcome.FAILED, WEAK.judge(request("PUT", "If-Match: W/\"a\"")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true | ''",
                "true | If-Range: \"a\"",
                "false | If-Range: \"b\"",
                "false | If-Range: W/\"a\"",
                "false | If-Range: Mon, 07 Nov 1994 08:49:37 GMT",
                "false | If-Range: W/\"b\"",
                "false | If-Range: a",
            })
    void whetherARangeIsLookedAt(boolean may, String fields) throws FrameException {
        assertEquals(may, STRONG.mayBeRanged(request("GET", fields)));
    }

    /** A client has a part of what it was at half past; within the same second it was changed again. */
    @Test
    void aRangeIsNotLookedAtForADateThatTwoVersionsHave() throws FrameException {
        Validators before = STRONG;
        Validators after = new Validators("\"b\"", CHANGED.plusMillis(400));
        assertEquals(before.lastModifiedText(), after.lastModifiedText());
        assertFalse(after.mayBeRanged(request("GET", "If-Range: " + before.lastModifiedText())));
        assertFalse(after.mayBeRanged(request("GET", "If-Range: " + before.etag())));
    }

    @Test
    void aRangeIsNotLookedAtForAWeakTag() throws FrameException {
        assertFalse(WEAK.mayBeRanged(request("GET", "If-Range: W/\"a\"")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\"", "\"a", "\"a\"b\"", "w/\"a\"", "\"a b\"", "\"\u00e9\""})
    void tagsThatAreNone(String tag) {
        assertThrows(IllegalArgumentException.class, () -> new Validators(tag, CHANGED));
    }

    @Test
    void dates() {
        assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", STRONG.lastModifiedText());
        assertEquals(Optional.empty(), Validators.date("Sun, 06 Nov 1994 08:49:37"));
        assertEquals(Optional.empty(), Validators.date("Mon, 06 Nov 1994 08:49:37 GMT"));
        assertEquals(Optional.empty(), Validators.date("Sun, 31 Feb 1994 08:49:37 GMT"));
    }
}
