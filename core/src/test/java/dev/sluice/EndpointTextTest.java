// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.TcpOptions.KeepAlive;
import dev.sluice.loop.LogText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Endpoints as text. */
class EndpointTextTest {

    @Test
    void tcpAddressesAreReadInEachForm() throws Exception {
        assertEquals(Endpoint.tcp("127.0.0.1", 7000), Endpoint.parse("tcp://127.0.0.1:7000"));
        assertEquals(Endpoint.tcp("::1", 7000), Endpoint.parse("tcp://[::1]:7000"));
        assertEquals(Endpoint.tcp("0.0.0.0", 1), Endpoint.parse("tcp://0.0.0.0:1"));
        assertEquals(Endpoint.tcp(65535), Endpoint.parse("tcp://[::]:65535"));
        assertEquals(Endpoint.tcp(0), Endpoint.parse("tcp://*:0"));
        assertEquals(
                Endpoint.of(new InetSocketAddress(InetAddress.getByName("localhost"), 0)),
                Endpoint.parse("tcp://localhost:0"));
    }

    @Test
    void unixPathsAreReadWithTheirEscapes() {
        assertEquals(Endpoint.unix(Path.of("/run/x.sock")), Endpoint.parse("unix:/run/x.sock"));
        assertEquals(Endpoint.unix(Path.of("x y")), Endpoint.parse("unix:x y"));
        assertEquals(Endpoint.unix(Path.of("a?b%c")), Endpoint.parse("unix:a%3fb%25c"));
        assertEquals("unix:a%3Fb%25c%0A", Endpoint.unix(Path.of("a?b%c\n")).toString());
    }

    @Test
    void settingsAreReadAndWritten() {
        TcpOptions options = TcpOptions.defaults()
                .withNoDelay(false)
                .withKeepAlive(KeepAlive.of(Duration.ofMinutes(1), Duration.ofSeconds(10), 6))
                .withReceiveBuffer(65_536)
                .withSendBuffer(32_768)
                .withTrafficClass(16)
                .withResetOnClose(true);
        Endpoint endpoint = Endpoint.tcp(7000).withBacklog(9).withConnections(8).withOptions(options);
        String text = "tcp://[::]:7000?backlog=9&connections=8&noDelay=false&keepAlive=60,10,6&receiveBuffer=65536"
                + "&sendBuffer=32768&trafficClass=16&resetOnClose=true";
        assertEquals(text, endpoint.toString());
        assertEquals(endpoint, Endpoint.parse(text));
        assertEquals(
                Endpoint.unix(Path.of("s")).withPermissions(PosixFilePermissions.fromString("rw-rw----")),
                Endpoint.parse("unix:s?permissions=rw-rw----"));
        assertEquals(
                KeepAlive.ON,
                Endpoint.parse("inherited:?keepAlive=on").options().keepAlive());
    }

    @Test
    void theInheritedListenerHasNoAddress() {
        assertEquals(Endpoint.inherited(), Endpoint.parse("inherited:"));
        assertNull(Endpoint.inherited().address());
        assertEquals("inherited:", Endpoint.inherited().toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|1|it begins with none of tcp://HOST:PORT, unix:PATH and inherited:",
                "127.0.0.1:7000|1|it begins with none of",
                "TCP://127.0.0.1:7000|1|it begins with none of",
                "' tcp://127.0.0.1:7000'|1|it begins with none of",
                "tcp://|7|a colon and a port are missing",
                "tcp://localhost|16|a colon and a port are missing",
                "tcp://[::1]|12|a colon and a port are missing",
                "tcp://:7000|7|a host is missing; * is every address",
                "tcp://localhost:|17|a port is a decimal number within 0 to 65535",
                "tcp://localhost:65536|17|a port is a decimal number within 0 to 65535",
                "tcp://localhost:-1|17|a port is a decimal number within 0 to 65535",
                "tcp://localhost:+1|17|a port is a decimal number within 0 to 65535",
                "tcp://localhost:7000/|17|a port is a decimal number within 0 to 65535",
                "tcp://localhost:99999999999999999999|17|a port is a decimal number",
                "tcp://localhost:\u0661|17|a port is a decimal number",
                "tcp://::1:7000|7|an IPv6 address is written in brackets, as in tcp://[::1]:7000",
                "tcp://[::1:7000|7|what is in brackets is no IPv6 address",
                "tcp://[127.0.0.1]:7000|7|what is in brackets is no IPv6 address",
                "tcp://[1:2]:7000|7|this host has no address here",
                "tcp://[fe80::1%nosuchinterface]:7000|7|this host has no address here",
                "tcp://127.1:7000|7|an IPv4 address is four decimal numbers within 0 to 255",
                "tcp://1.2.3.256:7000|7|an IPv4 address is four decimal numbers",
                "tcp://1.2.3.04:7000|7|an IPv4 address is four decimal numbers",
                "tcp://0x7f.1.2.0x3:7000|7|an IPv4 address is four decimal numbers",
                "tcp://user@host:7000|7|a host name is made of letters, digits and hyphens",
                "tcp://-a:7000|7|a host name is made of letters, digits and hyphens",
                "tcp://a..b:7000|7|a host name is made of letters, digits and hyphens",
                "tcp://nowhere.invalid:7000|7|this host has no address here",
                "unix:|6|a path is missing",
                "unix:?backlog=1|6|a path is missing",
                "unix:///run/x|6|an absolute path begins with one slash, as in unix:/run/x.sock",
                "unix:a%2|7|two hexadecimal digits follow a %",
                "unix:a%\uff11\uff11|7|two hexadecimal digits follow a %",
                "unix:a%FF|7|these bytes are no UTF-8",
                "unix:a%00|6|this is no path: ",
                "inherited|1|it begins with none of",
                "inherited:0|11|nothing may follow inherited: but settings",
                "tcp://*:1?|11|a setting is written as NAME=VALUE",
                "tcp://*:1?backlog|11|a setting is written as NAME=VALUE",
                "tcp://*:1?backlog=1&|21|a setting is written as NAME=VALUE",
                "tcp://*:1?backlog=|19|backlog is a decimal number within 0 to 2147483647",
                "tcp://*:1?backlog=1&backlog=1|21|backlog is given twice",
                "tcp://*:1?Backlog=1|11|there is no setting of that name; there are backlog, connections, permissions",
                "tcp://*:1?noDelay=yes|19|this is neither true nor false",
                "tcp://*:1?keepAlive=60|21|this is neither on, nor off, nor IDLE,INTERVAL,PROBES",
                "tcp://*:1?keepAlive=60,10,128|27|the number of probes is a decimal number within 0 to 127",
                "tcp://*:1?trafficClass=256|24|trafficClass is a decimal number within 0 to 255",
                "unix:x?permissions=660|20|permissions are written as rw-rw----",
            })
    void whatIsMalformedIsRefusedWithPlaceAndCause(String text, int place, String cause) {
        String message = assertThrows(IllegalArgumentException.class, () -> Endpoint.parse(text))
                .getMessage();
        String expected = "endpoint: " + LogText.of(text) + " is wrong at character " + place + ": " + cause;
        assertTrue(message.startsWith(expected), () -> message + "\nis not\n" + expected);
    }

    @Test
    void messagesStayOnOneLineWhateverTheTextIs() {
        String message = assertThrows(IllegalArgumentException.class, () -> Endpoint.parse("a\nb\u001b[31m\u2028"))
                .getMessage();
        assertEquals(
                "endpoint: a\\nb\\u{1b}[31m\\u{2028} is wrong at character 1: it begins with none of tcp://HOST:PORT,"
                        + " unix:PATH and inherited:",
                message);
    }

    @Test
    void noTextIsRefused() {
        assertEquals(
                "endpoint: missing",
                assertThrows(IllegalArgumentException.class, () -> Endpoint.parse(null))
                        .getMessage());
    }
}
