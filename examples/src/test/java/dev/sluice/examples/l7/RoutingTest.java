// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.examples.proxy.HostPattern;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By host, then by the longest path. */
final class RoutingTest {
    private static final String FILE = """
            [listener.main]
            address = "*:8080"
            [upstream.a]
            backends = "a:1"
            [upstream.b]
            backends = "b:1"
            [upstream.c]
            backends = "c:1"
            [upstream.d]
            backends = "d:1"
            [[route]]
            path = "/any"
            to = "d"
            [[route]]
            host = "www.example.org"
            path = ["/", "/files/"]
            to = "a"
            [[route]]
            host = "www.example.org"
            path = "/api"
            to = "b"
            [[route]]
            host = "www.example.org"
            path = "/api/v1"
            to = "c"
            [[route]]
            host = ["*.example.org", "api.example.org"]
            path = "/api"
            to = "c"
            [[route]]
            host = "*.deep.example.org"
            path = "/deep/"
            to = "b"
            [[route]]
            host = "*.example.org"
            path = "/"
            to = "d"
            """;

    /** Finds what a request of that host and target leads to, as the handler does. */
    static <R> R find(Routing<R> routing, String host, String target) {
        ByteBuffer authority = ByteBuffer.wrap(host.getBytes(StandardCharsets.ISO_8859_1));
        ByteBuffer bytes = ByteBuffer.wrap(target.getBytes(StandardCharsets.ISO_8859_1));
        int begin = Paths.begin(bytes);
        int end = Paths.end(bytes, begin);
        Routing.Site<R> site = routing.site(authority, 0, authority.limit());
        OddPath odd = Paths.isOdd(bytes, begin, end) ? OddPath.read(bytes, begin, end) : null;
        int number = odd == null ? site.find(bytes, begin, end) : site.find(odd);
        return number < 0 ? null : site.way(number);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "www.example.org,        /,                a",
                "www.example.org,        /?q=/api,         a",
                "www.example.org,        /files/x,         a",
                "www.example.org,        /api,             b",
                "www.example.org,        /api?q,           b",
                "www.example.org,        /api/,            b",
                "www.example.org,        /api/v1,          c",
                "www.example.org,        /api/v1/x,        c",
                "www.example.org,        /api/v10,         b",
                "www.example.org,        /apis,            a",
                "WWW.Example.ORG,        /api,             b",
                "www.example.org:8080,   /api,             b",
                "www.example.org.,       /api,             b",
                "www.example.org.:8080,  /api,             b",
                "www.example.org,        http://x/api/v1,  c",
                "www.example.org,        http://x?a=/api,  a",
                "www.example.org,        http://x,         a",
                "api.example.org,        /api,             c",
                "api.example.org,        /x,               d",
                "x.example.org,          /api,             c",
                "x.y.example.org,        /y,               d",
                "x.deep.example.org,     /deep/er,         b",
                "x.deep.example.org,     /api,             c",
                "x.deep.example.org,     /deep,            d",
                "deep.example.org,       /deep/,           d",
                "example.org,            /,                -",
                "example.org,            /any,             d",
                "xexample.org,           /api,             -",
                "'',                     /any/x,           d",
                "[::1]:8080,             /any,             d",
                "[::1],                  /other,           -",
                "10.0.0.1:80,            /any,             d",
            })
    void aRequestGoesByItsHostAndThenByTheLongestPath(String host, String target, String upstream) throws Exception {
        Routing<String> routing = Routing.of(ConfigFile.parse(FILE).routes(), route -> path -> route.upstream());
        assertEquals(upstream, find(routing, host, target));
    }

    @Test
    void manyHostsAreFound() {
        List<RouteConfig> routes = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            String host = (i % 2 == 0 ? "" : "*.") + "h" + i + ".example";
            routes.add(new RouteConfig(
                    List.of(),
                    List.of(HostPattern.parse(host)),
                    List.of("/"),
                    host,
                    null,
                    null,
                    RouteConfig.DEFAULT_TIMEOUT,
                    -1,
                    List.of(),
                    -1));
        }
        Routing<String> routing = Routing.of(routes, route -> path -> route.upstream());
        for (int i = 0; i < 5000; i++) {
            String host = "h" + i + ".example";
            assertEquals(i % 2 == 0 ? host : null, find(routing, host, "/"));
            assertEquals(i % 2 == 0 ? null : "*." + host, find(routing, "x." + host, "/"));
        }
        assertNull(find(routing, "example", "/"));
    }
}
