// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.prelude.ClientHello;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first route that takes a client is its way. */
final class RoutingTest {
    private static final String FILE = """
            [listener.tls]
            address = "*:8443"
            [listener.raw]
            address = "*:8000"
            [listener.shut]
            address = "*:8001"
            [upstream.a]
            backends = "a:1"
            [upstream.b]
            backends = "b:1"
            [upstream.c]
            backends = "c:1"
            [[route]]
            listener = "tls"
            sni = ["a.example", "*.a.example"]
            alpn = ["h2", "h3"]
            to = "a"
            [[route]]
            listener = "tls"
            sni = "a.example"
            source = ["192.0.2.0/24", "2001:db8::/32"]
            refuse = true
            [[route]]
            listener = "tls"
            sni = "*.example"
            to = "b"
            [[route]]
            listener = ["raw", "shut"]
            port = [8000, 8002]
            source = "10.0.0.0/8"
            to = "c"
            [[route]]
            listener = "raw"
            to = "a"
            """;

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "tls,  a.example,     h2,       10.0.0.1,    8443, a",
                "tls,  x.a.example,   http/1.1;h3, 10.0.0.1, 8443, a",
                "tls,  x.y.a.example, h2,       10.0.0.1,    8443, a",
                "tls,  a.example,     http/1.1, 10.0.0.1,    8443, b",
                "tls,  a.example,     -,        10.0.0.1,    8443, b",
                "tls,  a.example,     -,        192.0.2.9,   8443, -",
                "tls,  a.example,     -,        2001:db8::1, 8443, -",
                "tls,  xa.example,    h2,       10.0.0.1,    8443, b",
                "tls,  example,       h2,       10.0.0.1,    8443, -",
                "tls,  b.example.org, h2,       10.0.0.1,    8443, -",
                "tls,  -,             h2,       10.0.0.1,    8443, -",
                "raw,  -,             -,        10.0.0.1,    8000, c",
                "raw,  -,             -,        10.0.0.1,    8001, a",
                "raw,  -,             -,        11.0.0.1,    8000, a",
                "raw,  -,             -,        -,           8000, a",
                "shut, -,             -,        10.0.0.1,    8002, c",
                "shut, -,             -,        11.0.0.1,    8002, -",
                "shut, -,             -,        -,           8002, -",
            })
    void theFirstRouteThatTakesAClientIsItsWay(
            String listener, String host, String protocols, String source, int port, String upstream) throws Exception {
        List<String> offered = protocols == null ? List.of() : List.of(protocols.split(";"));
        ClientHello hello = new ClientHello(host, offered, List.of(ClientHello.TLS_1_3), ClientHello.Ech.NONE, 500);
        InetAddress address = source == null ? null : InetAddress.getByName(source);
        Routing routing = Routing.of(ConfigFile.parse(FILE));
        assertEquals(upstream, routing.upstream(listener, hello, address, port));
    }

    @Test
    void withoutAHelloNoRouteThatAsksForItIsGood() throws Exception {
        Routing routing = Routing.of(ConfigFile.parse(FILE));
        assertEquals(null, routing.upstream("tls", null, InetAddress.getByName("10.0.0.1"), 8443));
    }

    @Test
    void aHelloIsWaitedForOnlyWhereARouteAsksForIt() throws Exception {
        Routing routing = Routing.of(ConfigFile.parse(FILE));
        assertTrue(routing.needsHello("tls"));
        assertFalse(routing.needsHello("raw"));
        assertFalse(routing.needsHello("shut"));
    }

    @Test
    void aRouteForEveryListenerAsksAllForTheHello() throws Exception {
        Routing routing = Routing.of(ConfigFile.parse(FILE + "[[route]]\nalpn = \"h2\"\nto = \"a\"\n"));
        assertTrue(routing.needsHello("shut"));
    }
}
