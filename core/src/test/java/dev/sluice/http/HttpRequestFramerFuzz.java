// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.frame.FramerFactory;
import dev.sluice.testing.FramerFuzz;

class HttpRequestFramerFuzz {
    /** Few bytes reach each limit, since fuzzed streams are short. */
    static final HttpLimits SMALL = HttpLimits.defaults()
            .withRequestLineBytes(40)
            .withFieldBytes(40)
            .withHeadBytes(100)
            .withFields(4)
            .withBodyBytes(20)
            .withExtensionBytes(8)
            .withTrailerBytes(24);

    @FuzzTest
    void streams(byte[] stream) {
        HttpLimits defaults = HttpLimits.defaults();
        check(128, stream, max -> HttpRequestFramer.gathering(max, SMALL));
        check(128, stream, max -> HttpRequestFramer.streaming(max, SMALL));
        check(Integer.MAX_VALUE, stream, max -> HttpRequestFramer.gathering(max, defaults));
        check(Integer.MAX_VALUE, stream, max -> HttpRequestFramer.streaming(max, defaults));
    }

    static void check(int maxFrameBytes, byte[] stream, FramerFactory<HttpPart> factory) {
        FramerFuzz.of(factory, Described::part)
                .joining(Described::join)
                .maxFrameBytes(maxFrameBytes)
                .check(stream);
    }
}
