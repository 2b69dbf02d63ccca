// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static dev.sluice.http.HttpRequestFramerFuzz.SMALL;
import static dev.sluice.http.HttpRequestFramerFuzz.check;

import com.code_intelligence.jazzer.junit.FuzzTest;

class HttpResponseFramerFuzz {

    @FuzzTest
    void streams(byte[] stream) {
        for (String method : new String[] {"GET", "HEAD", "CONNECT"}) {
            check(128, stream, max -> new Asking(HttpResponseFramer.gathering(max, SMALL), method, true));
            check(128, stream, max -> new Asking(HttpResponseFramer.streaming(max, SMALL), method, false));
        }
        HttpLimits defaults = HttpLimits.defaults();
        check(Integer.MAX_VALUE, stream, max -> new Asking(HttpResponseFramer.gathering(max, defaults), "GET", false));
        check(Integer.MAX_VALUE, stream, max -> new Asking(HttpResponseFramer.streaming(max, defaults), "GET", true));
    }
}
