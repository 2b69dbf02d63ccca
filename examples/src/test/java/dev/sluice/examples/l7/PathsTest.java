// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in which a path may be written, and read. */
final class PathsTest {
    private static ByteBuffer bytes(String path) {
        return ByteBuffer.wrap(path.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static OddPath read(String path) {
        return OddPath.read(bytes(path), 0, path.length());
    }

    /** Routes that lead to themselves; those with an exclamation mark in front are refused. */
    static Routing<String> routing(String... paths) {
        List<RouteConfig> routes = Stream.of(paths)
                .map(path -> new RouteConfig(
                        List.of(),
                        List.of(),
                        List.of(path.substring(path.indexOf('/'))),
                        path.startsWith("!") ? null : "main",
                        null,
                        null,
                        RouteConfig.DEFAULT_TIMEOUT,
                        -1,
                        List.of(),
                        -1))
                .toList();
        return Routing.of(routes, route -> path -> route.upstream() == null ? "!" + path : path);
    }

    /** What a request of that path leads to, or null if it is answered with 400 or 404. */
    static String way(Routing<String> routing, String path) {
        ByteBuffer target = bytes(path);
        boolean odd = Paths.isOdd(target, 0, target.limit());
        return odd && read(path) == null ? null : RoutingTest.find(routing, "h", path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a/b", "/a.b/c..", "/a/b/", "/a!b=c,d", "/~x/-/_"})
    void aPathThatIsReadInOneWayIsNotOdd(String path) {
        assertFalse(Paths.isOdd(bytes(path), 0, path.length()));
    }

    @ParameterizedTest
    @CsvSource({
        "/%61/b,           /a/b,            /a/b",
        "//a///b,          //a///b,         /a/b",
        "/a%20b%7e,        /a b~,           /a b~",
        "/%40%21,          /@!,             /@!",
        "/.well-known,     /.well-known,    /.well-known",
        "/a/...,           /a/...,          /a/...",
        "/a/..b/.c,        /a/..b/.c,       /a/..b/.c",
        "/%e4,             /\u00e4,         /\u00e4",
        "/%252e%252E/a,    /%2e%2E/a,       /%2e%2E/a",
        "/admin;v=1/x,     /admin;v=1/x,    /admin/x",
        "/admin%3Bv=1/x,   /admin;v=1/x,    /admin/x",
        "/;x/admin;z,      /;x/admin;z,     /admin",
        "/a;b;c=d//e;/;f,  /a;b;c=d//e;/;f, /a/e/",
    })
    void anOddPathIsReadPlainlyAndLoosely(String path, String plain, String loose) {
        assertTrue(Paths.isOdd(bytes(path), 0, path.length()));
        assertEquals(new OddPath(plain, loose), read(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a/.",
                "/./a",
                "/a/../b",
                "/a/%2e%2e/b",
                "/a/%2E",
                "/a//..",
                "/public/..;/admin/x",
                "/public/.;x/admin",
                "/x/%2e%2e;/admin",
                "/x/..%3b/admin",
                "/a/;x/..;y=z",
                "/x%2F..%2Fadmin",
                "/x%2fy",
                "/x\\..\\admin",
                "/x\\y",
                "/x%5C..%5cadmin",
                "/admin%00/x",
                "/admin;%00/x",
                "/%4",
                "/%zz",
                "/%4z",
                "/%",
            })
    void aPathThatMayLeadAnywhereIsNotLetThrough(String path) {
        assertTrue(Paths.isOdd(bytes(path), 0, path.length()));
        assertNull(read(path));
    }

    @ParameterizedTest
    @CsvSource({
        "/admin;v=1/x,       !/admin",
        "/admin;/x,          !/admin",
        "/admin%3bv=1/x,     !/admin",
        "/admin;y,           !/admin",
        "/;/admin,           !/admin",
        "/;a=b/;c//admin/x,  !/admin",
        "/%61dmin;x,         !/admin",
        "/x%40y/,            !/x@y",
        "/x@y/,              !/x@y",
        "/%C3%a9;/x,         !/%C3%A9",
        "/admin/open/x,      /admin/open",
        "/admin/open/x;y,    /admin/open",
        "/%61dmin/open/x,    /admin/open",
        "/admin/open;y/x,    !/admin",
        "/admin//open/x,     !/admin",
        "/admin;/open%3B/x,  !/admin",
        "/app;jsessionid=1,  /app",
        "/app/x;v=1/y,       /app",
        "//app/x,            /app",
        "/administration;x,  /",
        "/x;/admin,          /",
        "/x;admin,           /",
    })
    void whatABackendMayReadAsARefusedPathIsRefused(String path, String way) {
        assertEquals(way, way(routing("/", "!/admin", "/admin/open", "/app", "!/x@y", "!/%C3%A9"), path));
    }

    @Test
    void aPathThatIsNotOddCostsNoObject() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeTrue(threads.isThreadAllocatedMemorySupported(), "this JVM doesn't count what threads allocate");
        Routing<String> routing = routing("/", "!/admin", "/admin/open", "/app");
        ByteBuffer target = bytes("/application/x?a;b%2F");
        long me = Thread.currentThread().getId();
        assertEquals(0, round(routing, target));
        long before = threads.getThreadAllocatedBytes(me);
        assertEquals(0, round(routing, target));
        double each = (threads.getThreadAllocatedBytes(me) - before) / 100_000.0;
        assertTrue(each < 1, () -> each + " bytes for each request");
    }

    /** Finds a route many times; returns how often that wasn't the one of all paths. */
    private static int round(Routing<String> routing, ByteBuffer target) {
        int wrong = 0;
        for (int i = 0; i < 100_000; i++) {
            int begin = Paths.begin(target);
            int end = Paths.end(target, begin);
            Routing.Site<String> site = routing.site(target, 0, 0);
            boolean right = !Paths.isOdd(target, begin, end) && site.find(target, begin, end) == 3;
            wrong += right ? 0 : 1;
        }
        return wrong;
    }
}
