// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 3986, 3.3 and 3.4. */
class HttpTargetTest {

    private static HttpTarget of(String target) {
        return HttpTarget.of(target).orElseThrow();
    }

    @Test
    void paths() {
        assertEquals(List.of(""), of("/").segments());
        assertEquals(List.of("a", "b"), of("/a/b?c/d").segments());
        assertEquals(List.of("a", ""), of("/a/").segments());
        assertEquals(List.of("", "", "a"), of("///a").segments());
        assertEquals(
                List.of("a b", "\u00e9", "/", "+"), of("/a%20b/%c3%A9/%2f/+").segments());
        assertEquals(List.of("b"), of("http://a/b?c").segments());
        assertEquals(List.of(""), of("http://a").segments());
        assertEquals(List.of(""), of("http://a?b").segments());
        assertEquals("b", of("http://a?b").query());
        assertEquals("/a%20b/%C3%A9/%2F/+", of("/a%20b/%c3%A9/%2f/%2B").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "a:1",
                "/.",
                "/..",
                "/a/../b",
                "/%2e",
                "/.%2E/",
                "/%",
                "/%1",
                "/%g0",
                "/%0",
                "/%00",
                "/a%0ab",
                "/%7f",
                "/%ff",
                "/%c0%ae",
                "/%ed%a0%80",
                "/%c3"
            })
    void pathsThatAreNone(String target) {
        assertEquals(Optional.empty(), HttpTarget.of(target).map(HttpTarget::segments));
    }

    @ParameterizedTest
    @CsvSource({
        "a=1&b=2, b, 2",
        "a=1&a=2, a, 1",
        "a, a, ''",
        "a=%26+%3D, a, '& ='",
        "%61=x, a, x",
        "&&a=x, a, x",
        "a=b=c, a, b=c"
    })
    void parameters(String query, String name, String value) {
        assertEquals(Optional.of(value), of("/?" + query).parameter(name));
    }

    @Test
    void parametersThatAreNone() {
        assertEquals(Optional.empty(), of("/?a=%zz").parameter("a"));
        assertEquals(Optional.empty(), of("/?b=1").parameter("a"));
        assertEquals(Optional.empty(), of("/").parameter("a"));
        assertEquals(Optional.empty(), of("/").parameter(""));
    }
}
