// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import java.net.InetSocketAddress;

/** Which ports are taken towards one destination. */
final class Destination {
    final InetSocketAddress address;
    final PortList ports;
    private final PortBits busy; // held or resting
    private final long quarantineNanos;
    private final long retryNanos;
    private Resting quarantined; // null until there is one
    private Resting refused; // likewise
    private String latestRefusal; // null until there is one
    private int cursor;

    long forgetAt; // while nothing is held

    Destination(InetSocketAddress address, PortList ports, long quarantineNanos, long retryNanos, long salt) {
        this.address = address;
        this.ports = ports;
        this.busy = new PortBits(ports.size());
        this.quarantineNanos = quarantineNanos;
        this.retryNanos = retryNanos;
        this.cursor = ports.size() == 0 ? 0 : Math.floorMod(mixed(salt, address), ports.size());
    }

    // RFC 6056, section 3.3.3: where the ports of a destination begin is not to be guessed.
    private static int mixed(long salt, InetSocketAddress address) {
        long bits = salt;
        for (byte octet : address.getAddress().getAddress()) {
            bits = (bits ^ octet) * 0x9E3779B97F4A7C15L;
            bits ^= bits >>> 32;
        }
        bits = (bits ^ address.getPort()) * 0x9E3779B97F4A7C15L;
        return (int) (bits >>> 32);
    }

    int held() {
        return busy.count() - quarantined() - refused();
    }

    int quarantined() {
        return quarantined == null ? 0 : quarantined.count();
    }

    int refused() {
        return refused == null ? 0 : refused.count();
    }

    /** How many ports of a range are neither held nor resting. */
    int freeIn(int range) {
        return busy.clearBetween(ports.start(range), ports.start(range + 1));
    }

    String latestRefusal() {
        return latestRefusal;
    }

    /** Frees those that have rested long enough. */
    void release(long now) {
        if (quarantined != null) {
            quarantined.release(now, busy);
        }
        if (refused != null) {
            refused.release(now, busy);
        }
    }

    /** Takes the next one that is free, from where the last was found, but none of those ranges. Returns -1 if there is none. */
    int take(boolean[] withoutRanges) {
        int found = take(cursor, ports.size(), withoutRanges);
        return found >= 0 ? found : take(0, cursor, withoutRanges);
    }

    private int take(int from, int to, boolean[] withoutRanges) {
        int index = busy.nextClear(from, to);
        while (index >= 0) {
            int range = ports.rangeOf(index);
            if (!withoutRanges[range]) {
                busy.set(index);
                cursor = (index + 1) % ports.size();
                return index;
            }
            index = busy.nextClear(ports.start(range + 1), to);
        }
        return -1;
    }

    boolean isHeld(int index) {
        return busy.get(index)
                && (quarantined == null || !quarantined.contains(index))
                && (refused == null || !refused.contains(index));
    }

    void freeAgain(int index) {
        busy.clear(index);
    }

    void quarantine(int index, long now) {
        if (quarantineNanos == 0) {
            busy.clear(index);
            return;
        }
        if (quarantined == null) {
            quarantined = new Resting(ports.size(), quarantineNanos, now);
        }
        quarantined.add(index);
    }

    void refuse(int index, String why, long now) {
        latestRefusal = why;
        if (refused == null) {
            refused = new Resting(ports.size(), retryNanos, now);
        }
        refused.add(index);
    }
}
