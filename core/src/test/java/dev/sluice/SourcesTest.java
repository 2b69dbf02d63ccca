// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class SourcesTest {

    private static SocketAddress at(String host, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(host), port);
    }

    @Test
    void aSourceIsAWholeIPv4AddressOrThe64BitsOfAnIPv6Network() throws Exception {
        Sources sources = new Sources(1);
        assertTrue(sources.tryEnter(at("192.0.2.1", 1)));
        assertFalse(sources.tryEnter(at("192.0.2.1", 2)));
        assertTrue(sources.tryEnter(at("192.0.2.2", 1)));
        assertTrue(sources.tryEnter(at("2001:db8:1:2::1", 1)));
        assertFalse(sources.tryEnter(at("2001:db8:1:2:ffff:ffff:ffff:ffff", 1)));
        assertTrue(sources.tryEnter(at("2001:db8:1:3::1", 1)));
        assertEquals(4, sources.size());
    }

    @Test
    void anIPv4AddressMappedIntoIPv6IsThatIPv4Address() throws Exception {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, (byte) 192, 0, 2, 1};
        InetAddress six = Inet6Address.getByAddress(null, mapped, -1);
        assertTrue(six instanceof Inet6Address);
        assertEquals(Sources.source(InetAddress.getByName("192.0.2.1")), Sources.source(six));
        assertNotEquals(
                Sources.source(InetAddress.getByName("192.0.2.1")),
                Sources.source(InetAddress.getByName("0:0:c000:201::1")));
    }

    @Test
    void unixDomainSocketsAreNotCounted() {
        Sources sources = new Sources(1);
        SocketAddress unix = UnixDomainSocketAddress.of("");
        assertTrue(sources.tryEnter(unix));
        assertTrue(sources.tryEnter(unix));
        sources.leave(unix);
        assertEquals(0, sources.size());
    }

    @Test
    void anEntryGoesWithTheLastConnectionOfItsSource() throws Exception {
        Sources sources = new Sources(2);
        assertTrue(sources.tryEnter(at("::1", 1)));
        assertTrue(sources.tryEnter(at("::1", 2)));
        sources.leave(at("::1", 1));
        assertEquals(1, sources.held(InetAddress.getByName("::1")));
        sources.leave(at("::1", 2));
        assertEquals(0, sources.size());
    }

    @Test
    void manyThreadsNeitherPassTheLimitNorLoseACount() throws Exception {
        int max = 3;
        int hosts = 5;
        Sources sources = new Sources(max);
        AtomicIntegerArray held = new AtomicIntegerArray(hosts);
        List<String> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            SplittableRandom random = new SplittableRandom(t);
            threads.add(new Thread(() -> {
                for (int i = 0; i < 20_000; i++) {
                    int host = random.nextInt(hosts);
                    SocketAddress address = new InetSocketAddress("10.0.0." + host, i);
                    if (sources.tryEnter(address)) {
                        int now = held.incrementAndGet(host);
                        if (now > max) {
                            wrong.add(host + " holds " + now);
                        }
                        held.decrementAndGet(host);
                        sources.leave(address);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), wrong);
        assertEquals(0, sources.size());
    }
}
