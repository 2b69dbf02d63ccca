// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many connections each source address holds: a whole IPv4 address, or the first 64 bits of an IPv6 address, for
 * whoever has one of a /64 has all of them. Unix domain sockets have no source and are not counted. An entry goes with
 * the last connection of its source. Any thread, and exact: each change is one atomic step of the map.
 */
final class Sources {
    /** Above what an IPv6 source can begin with (ff00::/8 are groups, not senders), so the two kinds never meet. */
    private static final long IPV4 = 0xFFFF_FFFF_0000_0000L;

    private final int max;
    private final ConcurrentHashMap<Long, Integer> held = new ConcurrentHashMap<>();

    Sources(int max) {
        this.max = max;
    }

    /** Counts one more connection, unless its source holds as many as it may. */
    boolean tryEnter(SocketAddress remote) {
        if (!(remote instanceof InetSocketAddress inet)) {
            return true;
        }
        Long source = source(inet.getAddress());
        while (true) {
            Integer now = held.get(source);
            if (now == null ? held.putIfAbsent(source, 1) == null : now < max && held.replace(source, now, now + 1)) {
                return true;
            }
            if (now != null && now >= max) {
                return false;
            }
        }
    }

    /** One that had entered has ended. */
    void leave(SocketAddress remote) {
        if (remote instanceof InetSocketAddress inet) {
            held.computeIfPresent(source(inet.getAddress()), (source, now) -> now == 1 ? null : now - 1);
        }
    }

    /** How many sources hold connections. */
    int size() {
        return held.size();
    }

    /** How many connections a source holds. */
    int held(InetAddress address) {
        return held.getOrDefault(source(address), 0);
    }

    static long source(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return IPV4 | bits(bytes, 0, 4);
        }
        boolean mapped = bits(bytes, 0, 8) == 0 && bits(bytes, 8, 12) == 0xFFFF; // ::ffff:a.b.c.d, RFC 4291, 2.5.5.2
        return mapped ? IPV4 | bits(bytes, 12, 16) : bits(bytes, 0, 8);
    }

    private static long bits(byte[] bytes, int from, int to) {
        long bits = 0;
        for (int i = from; i < to; i++) {
            bits = bits << 8 | bytes[i] & 0xFF;
        }
        return bits;
    }
}
