// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sluice.TcpOptions.KeepAlive;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Endpoints as text, whatever they are. */
class EndpointProperties {

    @Property
    void anEndpointIsReadBackFromItsText(@ForAll("endpoints") Endpoint endpoint) {
        assertEquals(endpoint, Endpoint.parse(endpoint.toString()));
        assertEquals(endpoint.hashCode(), Endpoint.parse(endpoint.toString()).hashCode());
    }

    @Property
    void anyTextIsReadOrRefusedInOneLine(@ForAll("texts") String text) {
        Endpoint endpoint;
        try {
            endpoint = Endpoint.parse(text);
        } catch (IllegalArgumentException e) {
            assertFalse(e.getMessage().chars().anyMatch(Character::isISOControl), e.getMessage());
            return;
        }
        assertEquals(endpoint, Endpoint.parse(endpoint.toString()));
    }

    @Provide
    Arbitrary<Endpoint> endpoints() {
        Arbitrary<Endpoint> places = Arbitraries.oneOf(tcp(), unix(), Arbitraries.just(Endpoint.inherited()));
        return Combinators.combine(
                        places,
                        options(),
                        Arbitraries.integers().between(1, 65_535),
                        Arbitraries.integers().between(1, 100_000_000))
                .as((place, options, backlog, connections) -> (place.isInherited() ? place : place.withBacklog(backlog))
                        .withOptions(options)
                        .withConnections(connections));
    }

    private static Arbitrary<Endpoint> tcp() {
        Arbitrary<byte[]> addresses = Arbitraries.oneOf(
                Arbitraries.bytes().array(byte[].class).ofSize(4),
                Arbitraries.bytes().array(byte[].class).ofSize(16));
        return Combinators.combine(addresses, Arbitraries.integers().between(0, 65_535))
                .as((address, port) -> Endpoint.of(new InetSocketAddress(address(address), port)));
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static Arbitrary<Endpoint> unix() {
        Arbitrary<Path> paths = Arbitraries.strings()
                .withCharRange('\u0001', '\u007f')
                .ofMinLength(1)
                .ofMaxLength(40)
                .map(Path::of);
        Arbitrary<PosixFilePermission> bits = Arbitraries.of(PosixFilePermission.class);
        return Combinators.combine(paths, bits.set().injectNull(0.3)).as((path, permissions) -> {
            Endpoint endpoint = Endpoint.unix(path);
            return permissions == null ? endpoint : endpoint.withPermissions(permissions);
        });
    }

    private static Arbitrary<TcpOptions> options() {
        Arbitrary<Duration> seconds = Arbitraries.integers().between(0, 32_767).map(Duration::ofSeconds);
        Arbitrary<KeepAlive> times = Combinators.combine(
                        seconds, seconds, Arbitraries.integers().between(0, 127))
                .as(KeepAlive::of);
        Arbitrary<Boolean> truths = Arbitraries.of(true, false);
        Arbitrary<Integer> sizes = Arbitraries.integers().between(0, 1_073_741_823);
        return Combinators.combine(
                        truths,
                        Arbitraries.oneOf(Arbitraries.of(KeepAlive.ON, KeepAlive.OFF), times),
                        sizes,
                        sizes,
                        Arbitraries.integers().between(0, 255),
                        truths)
                .as(TcpOptions::new);
    }

    /** Texts that look like endpoints, with something wrong here and there. Host names are left out: they'd be looked up. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> pieces = Arbitraries.of(
                "tcp://",
                "unix:",
                "inherited:",
                "[::1]",
                "127.0.0.1",
                "*",
                ":",
                "7000",
                "0",
                "?",
                "&",
                "=",
                "/",
                "%",
                "%25",
                "%C3",
                "[",
                "]",
                "backlog",
                "backlog=1",
                "noDelay=true",
                "keepAlive=1,2,3",
                "\n",
                " ",
                "-",
                "..",
                "permissions=rwx------",
                "\u0000",
                "\ud800",
                "1.2.3",
                "fe80::1%1",
                "99999999999");
        Arbitrary<String> assembled = pieces.list().ofMaxSize(9).map(list -> String.join("", list));
        Arbitrary<String> edited = Combinators.combine(
                        endpoints(), Arbitraries.integers().between(0, 1000), pieces)
                .as((endpoint, at, piece) -> {
                    String text = endpoint.toString();
                    int cut = at % (text.length() + 1);
                    return text.substring(0, cut) + piece + text.substring(Math.min(text.length(), cut + at % 3));
                });
        return Arbitraries.oneOf(assembled, edited, Arbitraries.strings())
                .filter(text -> !text.matches("(?s)tcp://(?!\\[)[^?]*[A-Za-z].*"));
    }
}
