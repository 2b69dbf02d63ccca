// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110, 14.1 and 14.2. */
class ByteRangesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-499 | bytes 0-499/10000",
                "bytes=500-999 | bytes 500-999/10000",
                "bytes=-500 | bytes 9500-9999/10000",
                "bytes=9500- | bytes 9500-9999/10000",
                "bytes=0-0,-1 | bytes 0-0/10000 bytes 9999-9999/10000",
                "bytes= 0-1 ,\t5-6 | bytes 0-1/10000 bytes 5-6/10000",
                "Bytes=9999-99999999999999999999 | bytes 9999-9999/10000",
                "bytes=-99999999999999999999 | bytes 0-9999/10000",
                "bytes=10000-,5-5 | bytes 5-5/10000",
                "bytes=10000- | ''",
                "bytes=99999999999999999999-99999999999999999999 | ''",
                "bytes=-0 | ''",
            })
    void rangesOfTenThousandBytes(String field, String expected) {
        ByteRanges parsed = ByteRanges.parse(field, 10_000).orElseThrow();
        String said = parsed.ranges().stream().map(range -> range.of(10_000)).collect(Collectors.joining(" "));
        assertEquals(expected, said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=-",
                "bytes=a-b",
                "bytes=1",
                "bytes=2-1",
                "bytes=0-1,",
                "bytes=+1-2",
                "bytes=1-2-3",
                "bytes=0- 1",
                "lines=0-1",
                "bytes=0-10,5-15",
                "bytes=0-,-1",
            })
    void whatIsIgnored(String field) {
        assertEquals(true, ByteRanges.parse(field, 10_000).isEmpty());
    }

    @Test
    void tooManyAreIgnored() {
        String most = String.join(",", Collections.nCopies(ByteRanges.MOST, "20000-"));
        assertEquals(
                0,
                ByteRanges.parse("bytes=" + most, 10_000).orElseThrow().ranges().size());
        assertEquals(true, ByteRanges.parse("bytes=" + most + ",1-2", 10_000).isEmpty());
        assertEquals(true, ByteRanges.parse(null, 10_000).isEmpty());
    }

    @Test
    void nothingCanBeAskedOfNothing() {
        assertEquals(0, ByteRanges.parse("bytes=0-", 0).orElseThrow().ranges().size());
        assertEquals(0, ByteRanges.parse("bytes=-1", 0).orElseThrow().ranges().size());
    }
}
