// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.examples.proxy.ErrorTable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each thing that can be wrong, with its line and words; {@code GOOD} stands in front of what follows {@code +}. */
final class ConfigErrorsTest {
    private static final String GOOD = """
            [listener.a]
            address = "*:7070"
            [listener.b]
            address = "*:7071"
            [upstream.x]
            backends = ["10.0.0.1:80"]
            [upstream.y]
            backends = ["10.0.0.2:80"]
            [[route]]
            listener = "a"
            to = "x"
            [[route]]
            listener = "b"
            to = "y"
            """; // 14 lines

    private static final String TABLE = """
            + [limits]; connections = 0
            16:1: limits.connections: 0 is no whole number within 1 to 100000000
            + [limits]; connections = 1.5
            16:1: limits.connections: 1.5 is no whole number within 1 to 100000000
            + [limits]; memory = "64 KB"
            16:1: limits.memory: "64 KB" is no size: a whole number and B, KiB, MiB or GiB, as "64 KiB"
            + [limits]; memory = "999999999999 GiB"
            16:1: limits.memory: "999999999999 GiB" is not within 1 MiB to 1024 GiB
            + [limits]; conections = 3
            16:1: limits.conections: there is no such key; did you mean connections?
            + [deadlines]; idle = 30
            16:1: deadlines.idle: 30 is no duration: a whole number and ms, s, m, h or d, as "30s"
            + [deadlines]; idle = "1ms"
            16:1: deadlines.idle: "1ms" is not within 10ms to 365d
            + [deadlines]; breakfast = "1ms"
            16:1: deadlines.breakfast: there is no such key; there are connect, hello, idle, write-stall
            + [deadline]
            15:1: deadline: there is no such key; did you mean deadlines?
            + [server]; topology = "ring"; readers = 1025; drain = "25h"
            16:1: server.topology: "ring" is none of "single", "acceptor-readers", "reuse-port"
            17:1: server.readers: 1025 is no whole number within 1 to 1024
            18:1: server.drain: "25h" is not within 0s to 1d
            + [admin]
            15:1: admin.address: missing; say where the pages are, as address = "127.0.0.1:9090"
            + [admin]; address = "*:7070"
            16:1: admin.address: "*:7070" is that of [listener.a] already
            + [listener.c]; address = "*:7071"; [[route]]; listener = "c"; to = "x"
            16:1: listener.c.address: "*:7071" is that of [listener.b] already
            + [listener.c]; address = "*:1"
            15:1: listener.c: its clients have nowhere to go: no route is for it, and there are 2 upstreams
            + [listener.c]; [[route]]; listener = "c"; to = "x"
            15:1: listener.c.address: missing; say where to listen, as address = "*:443"
            + [listener."a b"]; address = "*:1"; [[route]]; listener = "a b"; to = "x"
            15:1: listener."a b": "a b" is no name: 1 to 64 letters, digits, underscores, and behind the first dots and hyphens
            + [listener.a]; address = "*:1"
            15:1: listener.a previously defined at line 1, column 1
            + [listener.c]; address = "*:1"; proxy-protocol = "required"; [[route]]; listener = "c"; to = "x"
            15:1: listener.c.trusted: missing; with proxy-protocol, say whose headers are believed, as "10.0.0.0/8"
            + [listener.c]; address = "*:1"; trusted = "10.0.0.0/8"; [[route]]; listener = "c"; to = "x"
            17:1: listener.c.trusted: nobody's headers are read unless proxy-protocol = "required"
            + [listener.c]; address = "*:1"; proxy-protocol = "on"; [[route]]; listener = "c"; to = "x"
            17:1: listener.c.proxy-protocol: "on" is none of "off", "required"
            + [listener.c]; address = "1.2.3:1"; [[route]]; listener = "c"; to = "x"
            16:1: listener.c.address: the host of "1.2.3:1" is no IPv4 address of four decimal numbers within 0 to 255
            + [listener.c]; address = "::1:80"; [[route]]; listener = "c"; to = "x"
            16:1: listener.c.address: the host of "::1:80" is an IPv6 address without brackets, or none
            + [listener.c]; address = "[::g]:80"; [[route]]; listener = "c"; to = "x"
            16:1: listener.c.address: the host of "[::g]:80" is no IPv6 address in brackets
            + [listener.c]; address = "localhost"; [[route]]; listener = "c"; to = "x"
            16:1: listener.c.address: "localhost" is no HOST:PORT, as 10.0.0.1:80 or [2001:db8::1]:80
            + [listener.c]; address = "localhost:65536"; [[route]]; listener = "c"; to = "x"
            16:1: listener.c.address: the port of "localhost:65536" is not within 0 to 65535
            + [listener.c]; address = "a b:80"; [[route]]; listener = "c"; to = "x"
            16:1: listener.c.address: the host of "a b:80" is no name of letters, digits and hyphens with dots between, and no address
            + [listener.c]; address = 80; [[route]]; listener = "c"; to = "x"
            16:1: listener.c.address: 80 is no HOST:PORT in quotes, as "10.0.0.1:80"
            + [[route]]; to = "x"; sni = ["a.example", "a..b", "10.0.0.1"]
            17:21: route[2].sni[1]: "a..b" is no host's name, as "www.example.org" or "*.example.org"
            17:29: route[2].sni[2]: "10.0.0.1" is no host's name, as "www.example.org" or "*.example.org"
            + [[route]]; to = "x"; alpn = "h 2"
            17:1: route[2].alpn: "h 2" has other characters than those of ASCII that can be seen
            + [[route]]; to = "x"; source = ["10.0.0.1/8", 7]
            17:11: route[2].source[0]: "10.0.0.1/8" has bits set behind the first 8
            17:25: route[2].source[1]: 7 is no network in quotes, as "10.0.0.0/8"
            + [[route]]; to = "x"; port = [80, 0]
            17:13: route[2].port[1]: 0 is no whole number within 1 to 65535
            + [[route]]; to = "x"; port = []
            17:1: route[2].port: the array is empty; leave the key out, or name at least one
            + [[route]]; to = "z"
            16:1: route[2].to: "z" is no upstream of this file
            + [upstream.webservers]; backends = "a:1"; [[route]]; to = "webserver"
            18:1: route[2].to: "webserver" is no upstream of this file; did you mean "webservers"?
            + [[route]]; listener = "q"; to = "x"
            16:1: route[2].listener: "q" is no listener of this file
            + [[route]]; sni = "a.example"
            15:1: route[2].to: missing; name an upstream, or say refuse = true
            + [[route]]; sni = "a.example"; to = "x"; refuse = true
            18:1: route[2].refuse: a route leads to an upstream or refuses, not both
            + [[route]]; refuse = "yes"; sni = "a.example"; to = "x"
            16:1: route[2].refuse: "yes" is neither true nor false
            + [[route]]; listener = "a"; sni = "a.example"; to = "y"
            15:1: route[2]: nobody comes here: route[0] in line 9 takes all of them
            + [[route]]; to = "x"; [[route]]; to = "y"
            17:1: route[3]: nobody comes here: route[2] in line 15 takes all of them
            + [[route]]; sni = "*.example.org"; to = "x"; [[route]]; sni = "www.example.org"; to = "y"
            18:1: route[3]: nobody comes here: route[2] in line 15 takes all of them
            + route = 3
            15:1: route[1].route: there is no such key; there are listener, sni, alpn, source, port, to, refuse
            + [upstream.z]
            15:1: upstream.z.backends: missing; name at least one, as backends = ["10.0.0.1:80"]
            + [upstream.z]; backends = []
            16:1: upstream.z.backends: the array is empty; leave the key out, or name at least one
            + [upstream.z]; backends = ["a:1", "a:1", { address = "b:1", name = "a:1" }]
            16:20: upstream.z.backends[1]: "a:1" is there already, in line 16
            16:46: upstream.z.backends[2].name: "a:1" is no name: 1 to 64 letters, digits, underscores, and behind the first dots and hyphens
            + [upstream.z]; backends = [{ address = "a:1", name = "n" }, { address = "b:1", name = "n" }]
            16:46: upstream.z.backends[1]: "n" is there already, in line 16
            + [upstream.z]; backends = ["*:1", "a:0", 5, [], { weight = 257 }]
            16:13: upstream.z.backends[0]: "*:1" is nothing to connect to: a host and a port within 1 to 65535 are needed
            16:20: upstream.z.backends[1]: "a:0" is nothing to connect to: a host and a port within 1 to 65535 are needed
            16:27: upstream.z.backends[2]: 5 is no HOST:PORT in quotes, as "10.0.0.1:80"
            16:30: upstream.z.backends[3]: an array is no HOST:PORT in quotes, as "10.0.0.1:80"
            16:34: upstream.z.backends[4].address: missing; say where it is, as address = "10.0.0.1:80"
            16:36: upstream.z.backends[4].weight: 257 is no whole number within 0 to 256
            + [[upstream.z.backends]]; address = "a:1"; weight = 0
            15:1: upstream.z.backends: none has a weight above 0, so nobody could be let through
            + [upstream.z]; backends = "a:1"; balance = "random"; send-proxy = 1
            17:1: upstream.z.balance: "random" is none of "round-robin", "fewest-connections", "two-random-choices", "source-hash", "maglev"
            18:1: upstream.z.send-proxy: 1 is none of "off", "v1", "v2"
            + [upstream.z]; backends = "a:1"; panic = 101; retries = 11; connections = 0
            17:1: upstream.z.panic: 101 is no whole number within 0 to 100
            18:1: upstream.z.retries: 11 is no whole number within 0 to 10
            19:1: upstream.z.connections: 0 is no whole number within 1 to 1000000
            + [upstream.z]; backends = "a:1"; source-addresses = ["10.0.0.0/8", 5]
            17:21: upstream.z.source-addresses[0]: "10.0.0.0/8" is no address with a range of ports within 1 to 65535, as "10.0.0.2:20000-29999"
            17:35: upstream.z.source-addresses[1]: 5 is no address with a range of ports within 1 to 65535, as "10.0.0.2:20000-29999"
            + [upstream.z]; backends = "a:1"; source-addresses = ["10.0.0.2:1-9", "10.0.0.2:9-10"]
            17:1: upstream.z.source-addresses: 10.0.0.2:9-10 and 10.0.0.2:1-9 have ports in common
            + [upstream.z]; backends = "a:1"; health = "http"
            17:1: upstream.z.health: "http" is no table, written as [upstream.z.health] or { KEY = VALUE }
            + [upstream.z]; backends = "a:1"; [upstream.z.health]; check = "send-expect"; path = "/"
            17:1: upstream.z.health.expect: missing; say what a good answer begins with
            19:1: upstream.z.health.path: has no meaning unless check = "http"
            + [upstream.z]; backends = "a:1"; [upstream.z.health]; check = "http"; path = "x"; send = ""
            19:1: upstream.z.health.path: "x" doesn't begin with a slash
            20:1: upstream.z.health.send: "" is no text of 1 to 1024 characters in quotes
            20:1: upstream.z.health.send: has no meaning unless check = "send-expect"
            + [upstream.z]; backends = "a:1"; [upstream.z.ejection]; failures = -1; tme = "1s"
            18:1: upstream.z.ejection.failures: -1 is no whole number within 0 to 1000000
            19:1: upstream.z.ejection.tme: there is no such key; did you mean time?
            + [upstream.z]; backends = "a:1"; tls = { ca = "ca.pem", insecure = true, server-name = "10.0.0.1" }
            17:9: upstream.z.tls.ca: has no meaning with insecure = true, where nobody's certificate is looked at
            17:41: upstream.z.tls.server-name: "10.0.0.1" is no host name
            + [upstream.z]; backends = "a:1"; tls = { cert = "a.pem", alpn = ["h2", "h2"], verify = false }
            17:1: upstream.z.tls.key: missing; name the file of the certificate's key, as key = "proxy.key"
            17:25: upstream.z.tls.alpn: one of them is there twice
            17:46: upstream.z.tls.verify: there is no such key; there are ca, insecure, server-name, cert, key, alpn
            + [upstream.z]; backends = "a:1"; [upstream.z.tls]; key = "a.key"; ca = 3; insecure = "no"
            17:1: upstream.z.tls.cert: missing; name the file of the key's certificate, as cert = "proxy.pem"
            19:1: upstream.z.tls.ca: 3 is no text of 1 to 1024 characters in quotes
            20:1: upstream.z.tls.insecure: "no" is neither true nor false
            + [upstream.z]; backends = "a:1"; tls = true
            17:1: upstream.z.tls: true is no table, written as [upstream.z.tls] or { KEY = VALUE }
            + [listener.c]; address = "*:1"; tls = { cert = "a.pem", alpn = "h 2" }; [[route]]; listener = "c"; to = "x"
            17:1: listener.c.tls.key: missing; name the file of its key, as key = "web.key"
            17:25: listener.c.tls.alpn: "h 2" has other characters than those of ASCII that can be seen
            listener = 3
            1:1: listener: 3 is no table, written as [listener] or { KEY = VALUE }
            1:1: listener: there is none; at least one is needed, as [listener.main] address = "*:443"
            1:1: upstream: there is none; at least one is needed, as [upstream.main] backends = ["10.0.0.1:80"]
            address = ; x
            1:11: Unexpected end of line, expected ', ", ''', \""", a number, a boolean, a date/time, an array, or a table
            """;

    @TestFactory
    Stream<DynamicTest> isTold() {
        return ErrorTable.tests(TABLE, GOOD, ConfigFile::parse);
    }

    @Test
    void allIsToldAtOnceInTheOrderOfTheFile() {
        String text = """
                [listener.a]
                adress = "*:7070"
                [upstream.x]
                backends = [
                    # the first
                    "10.0.0.1:80",
                    # the second
                    "10.0.0.1:0",
                ]
                retries = -1
                [upstream.x.health]
                check = "ping"
                [upstream.x]
                [[route]]
                to = "y"
                """;
        assertEquals("""
                1:1: listener.a.address: missing; say where to listen, as address = "*:443"
                2:1: listener.a.adress: there is no such key; did you mean address?
                8:5: upstream.x.backends[1]: "10.0.0.1:0" is nothing to connect to: a host and a port within 1 to 65535 are needed
                10:1: upstream.x.retries: -1 is no whole number within 0 to 10
                12:1: upstream.x.health.check: "ping" is none of "none", "connect", "send-expect", "http"
                13:1: upstream.x previously defined at line 3, column 1
                15:1: route[0].to: "y" is no upstream of this file""", errors(text));
    }

    @Test
    void tooManyBackendsAreTold() {
        String backends = IntStream.rangeClosed(1, 4097)
                .mapToObj(port -> "\"a:" + port + "\"")
                .collect(Collectors.joining(","));
        assertEquals(
                "16:1: upstream.z.backends: there are 4097 and at most 4096",
                errors(GOOD + "[upstream.z]\nbackends = [" + backends + "]\n"));
    }

    @Test
    void whatIsNestedWithoutEndIsTold() {
        assertEquals(
                "1:1: arrays or tables are nested too deeply",
                errors("a = " + "[".repeat(100_000) + "]".repeat(100_000)));
    }

    @Test
    void whatCantBeSeenIsEscaped() {
        assertEquals(
                "15:1: upstream.\"\\u0007\": \"\\u0007\" is no name: 1 to 64 letters, digits, underscores, and behind the first"
                        + " dots and hyphens",
                errors(GOOD + "[upstream.\"\\u0007\"]\nbackends = \"a:1\"\n"));
    }

    private static String errors(String text) {
        return ErrorTable.errors(text, ConfigFile::parse);
    }
}
