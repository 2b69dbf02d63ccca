// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.ErrorTable;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each thing that can be wrong and is particular to this proxy, with its line and words; {@code GOOD} stands in front of what
 * follows {@code +}. Of what both proxies have, the other one's test tells.
 */
final class ConfigErrorsTest {
    private static final String GOOD = """
            [listener.a]
            address = "*:7070"
            [upstream.x]
            backends = ["10.0.0.1:80"]
            [upstream.y]
            backends = ["10.0.0.2:80"]
            [[route]]
            host = "www.example.org"
            path = "/api"
            to = "x"
            [[route]]
            to = "y"
            """; // 12 lines

    private static final String TABLE = """
            + [listener.b]; address = "*:7071"; tls = { cert = "a.pem" }
            15:1: listener.b.tls.key: missing; name the file of its key, as key = "web.key"
            + [listener.b]; address = "*:7071"; tls = "a.pem"
            15:1: listener.b.tls: "a.pem" is no table, written as [listener.b.tls] or { KEY = VALUE }
            15:1: listener.b.tls.cert: missing; name the file of the certificate, as cert = "web.pem"
            15:1: listener.b.tls.key: missing; name the file of its key, as key = "web.key"
            + [listener.b]; address = "*:7071"; [[listener.b.tls]]; cert = 5; key = "k"; alpn = "h2"
            16:1: listener.b.tls[0].cert: 5 is no text of 1 to 1024 characters in quotes
            18:1: listener.b.tls[0].alpn: there is no such key; there are cert, key
            + [listener.b]; address = "*:7070"
            14:1: listener.b.address: "*:7070" is that of [listener.a] already
            + [[route]]; to = "x"
            13:1: route[2]: path "/" at listener a is that of route[1] in line 11 already
            + [[route]]; host = ["b.example", "www.example.org"]; path = ["/", "/api"]; to = "x"
            13:1: route[2]: host "www.example.org" and path "/api" at listener a is that of route[0] in line 7 already
            + [[route]]; path = ["/b", "/b"]; to = "x"
            13:1: route[2]: path "/b" at listener a is that of this route already
            + [[route]]; path = ["api", "/a//b", "/a?b", "/%61", "/%2f", "/a/..", "/./a", "/a;b", "/a%2Fb", "/a%21"]; to = "x"
            14:9: route[2].path[0]: "api" is no path: it begins with one slash, and what isn't a path's is as %20
            14:16: route[2].path[1]: "/a//b" is no path: it begins with one slash, and what isn't a path's is as %20
            14:25: route[2].path[2]: "/a?b" is no path: it begins with one slash, and what isn't a path's is as %20
            14:33: route[2].path[3]: "/%61" has letters, digits or one of -._~!$&'()*+,=:@ with a percent sign; write them plainly
            14:41: route[2].path[4]: "/%2f" is no path: it begins with one slash, and what isn't a path's is as %20
            14:49: route[2].path[5]: "/a/.." has a segment . or .., with which no request is let through
            14:58: route[2].path[6]: "/./a" has a segment . or .., with which no request is let through
            14:66: route[2].path[7]: "/a;b" has ;, %3B, %2F, %5C or %00, with which no path of a request is compared
            14:74: route[2].path[8]: "/a%2Fb" has ;, %3B, %2F, %5C or %00, with which no path of a request is compared
            14:84: route[2].path[9]: "/a%21" has letters, digits or one of -._~!$&'()*+,=:@ with a percent sign; write them plainly
            + [[route]]; path = "/b"; to = "x"; replace = "/"
            16:1: route[2].replace: ends with a slash if the path does, which "/b" doesn't
            + [[route]]; path = "/b/"; to = "x"; replace = "/c"
            16:1: route[2].replace: ends with a slash if the path does, which "/b/" does
            + [[route]]; path = "/b"; to = "x"; send-host = "a/b"
            16:1: route[2].send-host: "a/b" is no host, as "www.example.org" or "www.example.org:8080"
            + [[route]]; path = "/b"; to = "x"; timeout = "2d"; retries = 11; body = "1 TiB"
            16:1: route[2].timeout: "2d" is not within 10ms to 1d
            17:1: route[2].retries: 11 is no whole number within 0 to 10
            18:1: route[2].body: "1 TiB" is no size: a whole number and B, KiB, MiB or GiB, as "64 KiB"
            + [[route]]; path = "/b"; to = "x"; upgrade = ["websocket", "h2c", "a b"]
            16:25: route[2].upgrade[1]: "h2c" is no protocol to go on in, as "websocket"; HTTP itself isn't either
            16:32: route[2].upgrade[2]: "a b" has other characters than those of ASCII that can be seen
            + [[route]]; path = "/b"; refuse = true; timeout = "1s"
            16:1: route[2].timeout: has no meaning where requests are refused
            + [[route]]; path = "/b"
            13:1: route[2].to: missing; name an upstream, or say refuse = true
            + [[route]]; path = "/b"; to = "x"; refuse = true
            16:1: route[2].refuse: a route leads to an upstream or refuses, not both
            + [[route]]; sni = "a.example"; path = "/b"; to = "x"
            14:1: route[2].sni: there is no such key; there are listener, host, path, to, refuse, replace, send-host, timeout, retries, upgrade, body
            + [upstream.z]; backends = "a:1"; send-proxy = "v2"
            15:1: upstream.z.send-proxy: there is no such key; there are pool, backends, balance, slow-start, health, ejection, panic, retries, connections, tls
            + [upstream.z]; backends = "a:1"; pool = { connections = 0, wait = "0s", idle = "1", age = 3, queue = -1, x = 1 }
            15:10: upstream.z.pool.connections: 0 is no whole number within 1 to 1000000
            15:27: upstream.z.pool.wait: "0s" is not within 1ms to 1h
            15:40: upstream.z.pool.idle: "1" is no duration: a whole number and ms, s, m, h or d, as "30s"
            15:52: upstream.z.pool.age: 3 is no duration: a whole number and ms, s, m, h or d, as "30s"
            15:61: upstream.z.pool.queue: -1 is no whole number within 0 to 1000000
            15:73: upstream.z.pool.x: there is no such key; there are connections, queue, wait, idle, age
            + [forwarding]; via = "a b"; x-forwarded = 1; trusted = "x"
            14:1: forwarding.via: "a b" is no name of up to 64 letters, digits, underscores, dots and hyphens
            15:1: forwarding.x-forwarded: 1 is neither true nor false
            16:1: forwarding.trusted: "x" is no address such as 10.0.0.0/8 or 2001:db8::/32
            + [http]; head = "1 B"; body = "2048 GiB"; held = "2 GiB"
            14:1: http.head: "1 B" is not within 1 KiB to 1 MiB
            15:1: http.body: "2048 GiB" is not within 0 B to 1024 GiB
            16:1: http.held: "2 GiB" is not within 0 B to 1 GiB
            + [deadlines]; handshake = "2h"; request = "1ms"; hello = "1s"
            14:1: deadlines.handshake: "2h" is not within 10ms to 1h
            15:1: deadlines.request: "1ms" is not within 10ms to 365d
            16:1: deadlines.hello: there is no such key; there are connect, handshake, request, idle, write-stall
            + [listener.b]; address = "*:1"; [[route]]; listener = "b"; path = "/"; to = "x"
            15:1: route[2]: path "/" at listener b is that of route[1] in line 11 already
            [listener.a]; address = "*:1"; [upstream.x]; backends = "a:1"; [upstream.y]; backends = "b:1"
            1:1: listener.a: its requests have nowhere to go: no route is for it, and there are 2 upstreams
            """;

    @TestFactory
    Stream<DynamicTest> isTold() {
        return ErrorTable.tests(TABLE, GOOD, ConfigFile::parse);
    }
}
