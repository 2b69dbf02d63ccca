// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which coding a client prefers. */
class AcceptEncodingTest {
    private static HttpRequest asking(String... values) {
        StringBuilder head = new StringBuilder("GET / HTTP/1.1\r\nHost: h\r\n");
        for (String value : values) {
            head.append("Accept-Encoding: ").append(value).append("\r\n");
        }
        ByteBuffer bytes = ByteBuffer.wrap((head + "\r\n").getBytes(StandardCharsets.US_ASCII));
        try {
            return (HttpRequest)
                    HttpRequestFramer.gathering(4096, HttpLimits.defaults()).next(bytes);
        } catch (FrameException e) {
            throw new AssertionError(e);
        }
    }

    private static String gzipOr(HttpRequest request) {
        return AcceptEncoding.preferred(request, "gzip", "identity");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip | gzip",
                "GZip | gzip",
                "x-gzip | gzip",
                "br, gzip;q=0.5 | gzip",
                "gzip;q=0.001 | gzip",
                "gzip ; q=1.000 | gzip",
                "gzip;Q=1 | gzip",
                "gzip;q=1. | gzip",
                "gzip;q=0.5, identity;q=0.5 | gzip",
                "gzip;q=0.5, identity | identity",
                "identity, gzip;q=0.999 | identity",
                "gzip, identity;q=0.9 | gzip",
                "* | gzip",
                "*;q=0.5 | gzip",
                "br, *;q=0 | none",
                "identity, *;q=0 | identity",
                "gzip;q=0, * | identity",
                "gzip, *;q=0 | gzip",
                "gzip;q=0.2, *;q=0.3 | identity",
                "gzip;q=0 | identity",
                "gzip;q=0.000 | identity",
                "br | identity",
                "identity;q=0 | none",
                "identity;q=0, gzip;q=0 | none",
                "identity;q=0, gzip;q=0.1 | gzip",
                "gzip;q=0, gzip | identity",
                ",, gzip ,| gzip",
                // what breaks the grammar is as if it weren't there
                "gzip;q=2 | identity",
                "gzip;q=1.001 | identity",
                "gzip;q=0.1234 | identity",
                "gzip;q=.5 | identity",
                "gzip;q=-1 | identity",
                "gzip;q= | identity",
                "gzip;q=0x1 | identity",
                "gzip;level=9 | identity",
                "gzip q=1 | identity",
                "gzipped | identity",
            })
    void oneFieldSaysIt(String value, String preferred) {
        String found = gzipOr(asking(value));
        assertEquals(preferred, found == null ? "none" : found);
    }

    @Test
    void anEmptyFieldMeansNoCoding() {
        assertEquals("identity", gzipOr(asking("")));
    }

    @Test
    void withoutAFieldNothingIsCoded() {
        assertEquals("identity", gzipOr(asking()));
        assertEquals("gzip", AcceptEncoding.preferred(asking(), "gzip"));
    }

    @Test
    void severalFieldsAreOneList() {
        assertEquals("gzip", gzipOr(asking("br", "gzip")));
        assertEquals("identity", gzipOr(asking("gzip;q=0", "gzip")));
        assertEquals("gzip", gzipOr(asking("identity;q=0.1", "*")));
    }

    @Test
    void anyCodingsMayBeOffered() {
        HttpRequest request = asking("br;q=0.8, zstd, gzip;q=0.8");
        assertEquals("br", AcceptEncoding.preferred(request, "br", "gzip", "identity"));
        assertEquals("gzip", AcceptEncoding.preferred(request, "gzip", "br", "identity"));
        assertEquals("zstd", AcceptEncoding.preferred(request, "gzip", "br", "zstd"));
        assertNull(AcceptEncoding.preferred(request, "deflate"));
        assertNull(AcceptEncoding.preferred(request));
    }
}
