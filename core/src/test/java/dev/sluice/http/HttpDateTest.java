// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HttpDateTest {
    @Test
    void isTheOneOfTheRfc() {
        assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.text(784_111_777));
    }

    @Test
    void isReadBackByTheJdkOnEveryDayOfFourYears() {
        long day = 24 * 60 * 60;
        long first = Instant.parse("2023-12-31T23:59:59Z").getEpochSecond();
        for (long at = first; at < first + 4 * 366 * day; at += day) {
            ZonedDateTime read = ZonedDateTime.parse(HttpDate.text(at), DateTimeFormatter.RFC_1123_DATE_TIME);
            assertEquals(Instant.ofEpochSecond(at).atZone(ZoneOffset.UTC), read);
        }
    }

    @Test
    void isMadeOnceASecond() {
        AtomicLong millis = new AtomicLong(784_111_777_000L);
        HttpDate date = new HttpDate(millis::get);
        byte[] first = date.now();
        assertEquals(HttpDate.LENGTH, first.length);
        millis.addAndGet(999);
        assertSame(first, date.now());
        millis.addAndGet(1);
        assertNotSame(first, date.now());
        assertEquals("Sun, 06 Nov 1994 08:49:38 GMT", new String(date.now(), StandardCharsets.US_ASCII));
        millis.set(-1);
        assertEquals("Wed, 31 Dec 1969 23:59:59 GMT", new String(date.now(), StandardCharsets.US_ASCII));
    }
}
