// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranges as text, and the ledger by example; {@link SourceAddressesProperties} holds it to a model. */
class SourceAddressesTest {
    private static final InetSocketAddress HERE = at("192.0.2.1", 7000);
    private static final InetSocketAddress THERE = at("192.0.2.1", 7001);
    private static final long SECOND = 1_000_000_000L;

    private final SourceAddresses three = SourceAddresses.parse("127.0.0.1:20000-20002");

    @Test
    void rangesAreReadAsTheyAreWritten() {
        String text = "127.0.0.2:20000-29999, [2001:db8::7]:1-65535, 127.0.0.2:30000-30000";
        SourceAddresses sources = SourceAddresses.parse(text);
        assertEquals(3, sources.ranges().size());
        assertEquals(
                text,
                String.join(
                        ", ", sources.ranges().stream().map(PortRange::toString).toList()));
        assertEquals(new SourceAddresses.Usage(10_001, 0, 0, 0), sources.usage(HERE));
        assertEquals(new SourceAddresses.Usage(65_535, 0, 0, 0), sources.usage(at("::1", 1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|sources: '' is no address and range of ports such as 127.0.0.2:20000-29999 or [2001:db8::7]:20000-29999",
                "localhost:1-2|sources: localhost:1-2 is no address and range",
                "127.1:1-2|sources: 127.1:1-2 is no address and range",
                "::1:1-2|sources: ::1:1-2 is no address and range",
                "[127.0.0.1]:1-2|sources: [127.0.0.1]:1-2 is no address and range",
                "127.0.0.1:80|sources: 127.0.0.1:80 is no address and range",
                "127.0.0.1:1-x|sources: the ports of 127.0.0.1:1-x are not two numbers within 1 to 65535",
                "127.0.0.1:-1-2|sources: the ports of 127.0.0.1:-1-2 are not two numbers within 1 to 65535",
                "127.0.0.1:0-2|sources.ports: 0-2 is no ascending range within 1 to 65535",
                "127.0.0.1:9-8|sources.ports: 9-8 is no ascending range within 1 to 65535",
                "127.0.0.1:1-65536|sources.ports: 1-65536 is no ascending range within 1 to 65535",
                "0.0.0.0:1-2|sources.address: 0.0.0.0 stands for all addresses; name each",
                "[::]:1-2|sources.address: :: stands for all addresses; name each",
                "127.0.0.1:1-9,127.0.0.1:9-12|sources: 127.0.0.1:9-12 and 127.0.0.1:1-9 have ports in common",
            })
    void whatIsNoneIsRefusedByName(String text, String start) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> SourceAddresses.parse(text));
        assertEquals(
                start.replace("''", ""),
                e.getMessage()
                        .substring(
                                0,
                                Math.min(
                                        start.replace("''", "").length(),
                                        e.getMessage().length())));
    }

    @Test
    void timesOutsideOfTheirRangeAreRefusedByName() {
        assertEquals(
                "sources.quarantine: PT-1S is not within PT0S to PT1H",
                assertThrows(IllegalArgumentException.class, () -> three.withQuarantine(Duration.ofSeconds(-1)))
                        .getMessage());
        assertEquals(
                "sources.retry: PT0.5S is not within PT1S to PT1H",
                assertThrows(IllegalArgumentException.class, () -> three.withRetry(Duration.ofMillis(500)))
                        .getMessage());
    }

    @Test
    void eachDestinationHasAllPorts() throws PortsExhausted {
        Set<InetSocketAddress> here = new HashSet<>();
        Set<InetSocketAddress> there = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            here.add(three.take(HERE, 0, 1));
            there.add(three.take(THERE, 0, 1));
        }
        assertEquals(Set.of(at("127.0.0.1", 20000), at("127.0.0.1", 20001), at("127.0.0.1", 20002)), here);
        assertEquals(here, there);
        assertEquals(2, three.destinations());
    }

    @Test
    void whenNoneIsLeftItIsSaidWhatThereWasAndWhatToAdd() throws PortsExhausted {
        three.take(HERE, 0, 0);
        three.quarantine(three.take(HERE, 0, 0), HERE, 0);
        three.refused(three.take(HERE, 0, 0), HERE, "Address already in use", 0);
        PortsExhausted e = assertThrows(PortsExhausted.class, () -> three.take(HERE, 0, 0));
        assertEquals(HERE, e.destination());
        assertEquals(new SourceAddresses.Usage(3, 1, 1, 1), e.usage());
        assertEquals(
                "no source port is left towards 192.0.2.1:7000: of 3 (127.0.0.1:20000-20002) 1 are in use,"
                        + " 1 are in quarantine while the kernel may have them in TIME_WAIT, and 1 were refused by the"
                        + " system (Address already in use); add a source address or a wider range of ports, or connect"
                        + " to another address or port too",
                e.getMessage());
    }

    @Test
    void withoutASourceOfItsIpVersionADestinationHasNone() {
        PortsExhausted e = assertThrows(PortsExhausted.class, () -> three.take(at("2001:db8::1", 443), 0, 0));
        assertEquals(
                "no source port is left towards [2001:db8::1]:443: there is no source address of IPv6; add" + " one",
                e.getMessage());
        assertEquals(0, three.destinations());
    }

    @Test
    void aPortThatWasGivenBackIsTheLastToBeTakenAgain() throws PortsExhausted {
        InetSocketAddress first = three.take(HERE, 0, 5);
        three.release(first, HERE, 0);
        assertNotEquals(first, three.take(HERE, 0, 5));
        assertNotEquals(first, three.take(HERE, 0, 5));
        assertEquals(first, three.take(HERE, 0, 5));
    }

    @Test
    void aQuarantinedPortComesBackAfterItsTime() throws PortsExhausted {
        SourceAddresses one = SourceAddresses.parse("127.0.0.1:20000-20000");
        InetSocketAddress port = one.take(HERE, -50, 0);
        one.quarantine(port, HERE, -50);
        assertThrows(PortsExhausted.class, () -> one.take(HERE, 60 * SECOND - 51, 0));
        assertEquals(port, one.take(HERE, 60 * SECOND * 9 / 8 - 50, 0));
        SourceAddresses impatient = one.withQuarantine(Duration.ZERO);
        impatient.quarantine(impatient.take(HERE, 0, 0), HERE, 0);
        assertEquals(port, impatient.take(HERE, 0, 0));
    }

    @Test
    void anAddressThatIsNotOursIsPassedOverForEveryDestination() throws PortsExhausted {
        SourceAddresses two = SourceAddresses.parse("127.0.0.1:20000-20001,127.0.0.2:20000-20001");
        InetSocketAddress first = two.take(HERE, 0, 0);
        two.addressRefused(first, HERE, "Cannot assign requested address", 0);
        Set<InetSocketAddress> there = Set.of(two.take(THERE, 0, 3), two.take(THERE, 0, 3));
        there.forEach(port -> assertNotEquals(first.getAddress(), port.getAddress()));
        PortsExhausted e = assertThrows(PortsExhausted.class, () -> two.take(THERE, 0, 3));
        assertEquals(new SourceAddresses.Usage(4, 2, 0, 2), e.usage());
        two.take(THERE, 61 * SECOND, 3);
    }

    @Test
    void aDestinationThatHoldsNothingIsForgotten() throws PortsExhausted {
        three.quarantine(three.take(HERE, 0, 0), HERE, 0);
        three.take(THERE, 59 * SECOND, 0);
        assertEquals(2, three.destinations());
        three.take(THERE, 68 * SECOND, 0);
        assertEquals(1, three.destinations());
    }

    @Test
    void howManyDestinationsMerelyRestIsBounded() throws PortsExhausted {
        for (int i = 1; i <= 20_000; i++) {
            InetSocketAddress destination = at("192.0.2.1", i);
            three.quarantine(three.take(destination, 0, 0), destination, 0);
        }
        three.take(HERE, 0, 0);
        assertEquals(16_384, three.destinations(), 1);
    }

    @Test
    void givingBackWhatIsNotHeldIsRefused() throws PortsExhausted {
        InetSocketAddress port = three.take(HERE, 0, 0);
        assertThrows(IllegalStateException.class, () -> three.release(port, THERE, 0));
        assertThrows(IllegalStateException.class, () -> three.release(at("127.0.0.1", 1), HERE, 0));
        three.quarantine(port, HERE, 0);
        assertThrows(IllegalStateException.class, () -> three.quarantine(port, HERE, 0));
    }

    @Test
    void aNameThatNobodyLookedUpIsRefused() {
        InetSocketAddress name = InetSocketAddress.createUnresolved("example.org", 80);
        assertThrows(UnresolvedAddressException.class, () -> three.take(name, 0, 0));
    }

    @Test
    void severalThreadsNeverHoldTheSamePort() {
        SourceAddresses sources = SourceAddresses.parse("127.0.0.1:20000-29999");
        Set<InetSocketAddress> all = ConcurrentHashMap.newKeySet();
        CompletableFuture<?>[] threads = IntStream.range(0, 4)
                .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                    try {
                        for (int i = 0; i < 2500; i++) {
                            sources.release(sources.take(THERE, i, 0), THERE, i);
                            assertEquals(true, all.add(sources.take(HERE, i, 0)));
                        }
                    } catch (PortsExhausted e) {
                        throw new AssertionError(e);
                    }
                }))
                .toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(threads).join();
        assertEquals(10_000, all.size());
        assertThrows(PortsExhausted.class, () -> sources.take(HERE, 0, 0));
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(address, port);
    }
}
