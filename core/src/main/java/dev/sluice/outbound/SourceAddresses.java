// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Local addresses and ports that connections are made from, and the ledger of which is taken towards which destination.
 * A connection is known by four numbers: two addresses and two ports. So each destination (an address and a port) can be
 * reached once from each source port, and the same source port serves any number of destinations at once.
 *
 * <pre>{@code
 * SourceAddresses sources = SourceAddresses.parse("10.0.0.2:10000-31999, 10.0.0.3:10000-31999");
 * Connector connector = Connector.builder(protocol).sources(sources).start();
 * }</pre>
 *
 * <p>Use it where many connections go to few destinations: for others the kernel chooses well by itself. The ports should be
 * outside of {@code net.ipv4.ip_local_port_range}, from which the kernel gives to whoever doesn't choose, and nobody should
 * listen on them; one that is taken by somebody else is found out and passed over. Share one object among all connectors that
 * use the same ports.
 *
 * <p>A port is free for a destination, held, in quarantine, or refused. In quarantine it is for a minute after its connection
 * was closed from here first, since the kernel then keeps the connection in {@code TIME_WAIT}. Refused it is for a minute
 * after the system would not give it, for instance because another process has it.
 *
 * <p>Memory: 512 bytes for each 4,096 ports of a destination that were ever used, and up to nine times that for those that
 * rest. A destination for which nothing is held is forgotten once all its ports have rested, and at once when 16,384 others
 * are in that state since; that loses only what the kernel knows as well. The methods may be called from any thread,
 * and take a microsecond or two.
 */
public final class SourceAddresses {
    /** Most ranges: 256. */
    public static final int MOST_RANGES = 256;

    private static final Duration DEFAULT_REST = Duration.ofSeconds(60); // TCP_TIMEWAIT_LEN of Linux
    private static final Duration LONGEST_REST = Duration.ofHours(1);
    private static final Duration SHORTEST_RETRY = Duration.ofSeconds(1);
    private static final int MOST_IDLE = 16_384;
    private static final boolean[] NO_RANGE = new boolean[MOST_RANGES];

    private final List<PortRange> ranges;
    private final Duration quarantine;
    private final Duration retry;
    private final long longestRest;
    private final PortList ipv4;
    private final PortList ipv6;

    // guarded by this
    private final Map<InetSocketAddress, Destination> inUse = new HashMap<>();
    private final Map<InetSocketAddress, Destination> idle = new LinkedHashMap<>(); // nothing held; in that order
    private final Map<InetAddress, Long> refusedUntil = new HashMap<>();
    private boolean started;
    private long startNanos;
    private long now; // since startNanos, never backwards

    /**
     * What has become of the ports for one destination. All others are free.
     *
     * @param ports how many there are, of the destination's IP version
     * @param held used by connections, or by attempts to connect
     * @param quarantined resting since their connections were closed from here first
     * @param refused by the system: taken by somebody else, or of an address that this machine doesn't have
     */
    public record Usage(int ports, int held, int quarantined, int refused) {}

    private SourceAddresses(List<PortRange> ranges, Duration quarantine, Duration retry) {
        this.ranges = ranges;
        this.quarantine = quarantine;
        this.retry = retry;
        this.longestRest = Math.max(Resting.longest(quarantine.toNanos()), Resting.longest(retry.toNanos()));
        List<PortRange> four = new ArrayList<>();
        List<PortRange> six = new ArrayList<>();
        ranges.forEach(range -> (range.address() instanceof Inet4Address ? four : six).add(range));
        this.ipv4 = new PortList(four);
        this.ipv6 = new PortList(six);
    }

    /**
     * Reads ranges with commas between: {@code 127.0.0.2:20000-29999, [2001:db8::7]:20000-29999}.
     *
     * @throws IllegalArgumentException if it is something else, or ranges overlap; the message says which
     */
    public static SourceAddresses parse(String text) {
        List<PortRange> ranges = new ArrayList<>();
        for (String range : text.split(",", -1)) {
            ranges.add(PortRange.parse(range.strip()));
        }
        return of(ranges);
    }

    /**
     * Takes 1 to 256 ranges.
     *
     * @throws IllegalArgumentException if that is not the number, or two of them have a port in common
     */
    public static SourceAddresses of(List<PortRange> ranges) {
        if (ranges.isEmpty() || ranges.size() > MOST_RANGES) {
            throw new IllegalArgumentException(
                    "sources: " + ranges.size() + " ranges are not within 1 to " + MOST_RANGES);
        }
        for (int i = 0; i < ranges.size(); i++) {
            for (PortRange before : ranges.subList(0, i)) {
                if (ranges.get(i).overlaps(before)) {
                    throw new IllegalArgumentException(
                            "sources: " + ranges.get(i) + " and " + before + " have ports in common");
                }
            }
        }
        return new SourceAddresses(List.copyOf(ranges), DEFAULT_REST, DEFAULT_REST);
    }

    /**
     * The same ranges, and a ledger of its own, with another time in quarantine: zero to 1 hour, by default 60 seconds, which
     * is what Linux has. It may be zero where both ends use TCP timestamps: Linux then takes a port again at once that was
     * bound explicitly (RFC 7323 tells the two connections apart).
     */
    public SourceAddresses withQuarantine(Duration time) {
        check("sources.quarantine", time, Duration.ZERO);
        return new SourceAddresses(ranges, time, retry);
    }

    /** The same ranges, and a ledger of its own, with another time until a refused port is tried again: 1 second to 1 hour. */
    public SourceAddresses withRetry(Duration time) {
        check("sources.retry", time, SHORTEST_RETRY);
        return new SourceAddresses(ranges, quarantine, time);
    }

    private static void check(String field, Duration time, Duration least) {
        if (time == null || time.compareTo(least) < 0 || time.compareTo(LONGEST_REST) > 0) {
            throw new IllegalArgumentException(field + ": " + time + " is not within " + least + " to " + LONGEST_REST);
        }
    }

    /** The ranges, in the order in which they are used. */
    public List<PortRange> ranges() {
        return ranges;
    }

    /** How many destinations the ledger knows. */
    public synchronized int destinations() {
        return inUse.size() + idle.size();
    }

    /** What had become of the ports for a destination when the ledger was last asked for one of any. */
    public synchronized Usage usage(InetSocketAddress destination) {
        requireResolved(destination);
        Destination there = inUse.getOrDefault(destination, idle.get(destination));
        return usage(there != null ? there : unknown(destination, 0));
    }

    /**
     * Takes the next free port for a destination. They are taken in turn, so that one which was given back rests as long as
     * possible; where that begins depends on {@code salt} and on the destination.
     *
     * @param destination where the connection goes, resolved
     * @param nanos the time, from a clock that doesn't run backwards
     * @param salt any number; should not be known to others (RFC 6056)
     * @return an address to bind to, with {@code SO_REUSEADDR}; held until it is given back by one of the methods below
     * @throws PortsExhausted if there is none
     */
    public synchronized InetSocketAddress take(InetSocketAddress destination, long nanos, long salt)
            throws PortsExhausted {
        requireResolved(destination);
        moveOn(nanos);
        Destination there = inUse.get(destination);
        boolean isIdle = there == null;
        if (isIdle) {
            there = idle.get(destination);
        }
        if (there == null) {
            there = unknown(destination, salt);
        }
        there.release(now);
        int index = there.take(withoutRanges(there.ports));
        if (index < 0) {
            throw new PortsExhausted(destination, there.ports, usage(there), there.latestRefusal());
        }
        if (isIdle) {
            idle.remove(destination);
            inUse.put(destination, there);
        }
        return there.ports.at(index);
    }

    /** Gives back a port whose connection never was, was reset, or was closed by the other end first: it is free at once. */
    public synchronized void release(InetSocketAddress local, InetSocketAddress destination, long nanos) {
        Destination there = holder(local, destination, nanos);
        there.freeAgain(there.ports.indexOf(local));
        settle(there);
    }

    /** Gives back a port whose connection was closed from here first: it is free after its time in quarantine. */
    public synchronized void quarantine(InetSocketAddress local, InetSocketAddress destination, long nanos) {
        Destination there = holder(local, destination, nanos);
        there.quarantine(there.ports.indexOf(local), now);
        settle(there);
    }

    /**
     * Gives back a port that the system would not give: it is tried again after a while.
     *
     * @param why what the system said, for messages
     */
    public synchronized void refused(InetSocketAddress local, InetSocketAddress destination, String why, long nanos) {
        Destination there = holder(local, destination, nanos);
        there.refuse(there.ports.indexOf(local), why, now);
        settle(there);
    }

    /** The same, where it is the address that the system doesn't have: none of its ports is tried for a while, for anybody. */
    public synchronized void addressRefused(
            InetSocketAddress local, InetSocketAddress destination, String why, long nanos) {
        refused(local, destination, why, nanos);
        refusedUntil.put(local.getAddress(), now + retry.toNanos());
    }

    // ---- with the lock held

    private void moveOn(long nanos) {
        if (!started) {
            started = true;
            startNanos = nanos;
        }
        now = Math.max(now, nanos - startNanos); // threads don't all come with what they read in order
        Iterator<Destination> oldest = idle.values().iterator();
        while (oldest.hasNext() && (oldest.next().forgetAt <= now || idle.size() > MOST_IDLE)) {
            oldest.remove();
        }
    }

    private Destination holder(InetSocketAddress local, InetSocketAddress destination, long nanos) {
        moveOn(nanos);
        Destination there = inUse.get(destination);
        int index = there == null ? -1 : there.ports.indexOf(local);
        if (index < 0 || !there.isHeld(index)) {
            throw new IllegalStateException(local + " is not held for " + destination);
        }
        there.release(now);
        return there;
    }

    private void settle(Destination there) {
        if (there.held() == 0) {
            inUse.remove(there.address);
            there.forgetAt = now + longestRest;
            idle.put(there.address, there);
        }
    }

    private boolean[] withoutRanges(PortList ports) {
        if (refusedUntil.isEmpty()) {
            return NO_RANGE;
        }
        refusedUntil.values().removeIf(until -> until <= now);
        boolean[] without = new boolean[ports.ranges.size()];
        for (int i = 0; i < without.length; i++) {
            without[i] = refusedUntil.containsKey(ports.ranges.get(i).address());
        }
        return without;
    }

    private Usage usage(Destination there) {
        there.release(now);
        boolean[] without = withoutRanges(there.ports);
        int refused = there.refused();
        for (int i = 0; i < there.ports.ranges.size(); i++) {
            refused += without[i] ? there.freeIn(i) : 0;
        }
        return new Usage(there.ports.size(), there.held(), there.quarantined(), refused);
    }

    private Destination unknown(InetSocketAddress destination, long salt) {
        return new Destination(destination, ports(destination), quarantine.toNanos(), retry.toNanos(), salt);
    }

    private PortList ports(InetSocketAddress destination) {
        return destination.getAddress() instanceof Inet4Address ? ipv4 : ipv6;
    }

    private static void requireResolved(InetSocketAddress destination) {
        if (destination.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        if (destination.getAddress().isAnyLocalAddress()) {
            throw new IllegalArgumentException("destination: it stands for all addresses of a machine; name one");
        }
    }
}
