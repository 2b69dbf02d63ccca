// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The ledger beside a naive model of it: a map of each destination's ports, and of what rests the times between which it may end. */
class SourceAddressesProperties {
    private static final long QUARANTINE = Duration.ofSeconds(8).toNanos();
    private static final long RETRY = Duration.ofSeconds(3).toNanos();

    private enum State {
        HELD,
        QUARANTINED,
        REFUSED
    }

    private record Entry(State state, long since) {
        /** Whether it may be that the port is still taken. */
        boolean mayStill(long now) {
            long rest = state == State.QUARANTINED ? QUARANTINE : RETRY;
            return state == State.HELD || now < since + rest + (rest + 7) / 8;
        }

        /** Whether it must be that it is. */
        boolean mustStill(long now) {
            return state == State.HELD || now < since + (state == State.QUARANTINED ? QUARANTINE : RETRY);
        }
    }

    private final List<InetSocketAddress> destinations = List.of(
            new InetSocketAddress("192.0.2.1", 1),
            new InetSocketAddress("192.0.2.1", 2),
            new InetSocketAddress("192.0.2.2", 1));

    @Property(tries = 300)
    void isAsAMapWouldBe(
            @ForAll @IntRange(min = 1, max = 130) int first,
            @ForAll @IntRange(min = 1, max = 5000) int second,
            @ForAll Random random)
            throws PortsExhausted {
        SourceAddresses sources = SourceAddresses.parse(
                        "127.0.0.1:10000-" + (9999 + first) + ",127.0.0.2:10000-" + (9999 + second))
                .withQuarantine(Duration.ofNanos(QUARANTINE))
                .withRetry(Duration.ofNanos(RETRY));
        List<Map<InetSocketAddress, Entry>> model = List.of(new HashMap<>(), new HashMap<>(), new HashMap<>());
        List<List<InetSocketAddress>> held = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        int keep = random.nextInt(100); // how full it gets
        long now = random.nextLong() / 2;
        for (int step = 0; step < 1500; step++) {
            now += random.nextInt(20) == 0 ? random.nextInt(1_000_000_000) : 0;
            int which = random.nextInt(destinations.size());
            if (random.nextInt(100) < keep || held.get(which).isEmpty()) {
                take(sources, which, model.get(which), held.get(which), first + second, now);
            } else {
                giveBack(sources, which, model.get(which), held.get(which), random, now);
            }
        }
    }

    private void take(
            SourceAddresses sources,
            int which,
            Map<InetSocketAddress, Entry> model,
            List<InetSocketAddress> held,
            int ports,
            long now) {
        try {
            InetSocketAddress port = sources.take(destinations.get(which), now, 7);
            Entry before = model.put(port, new Entry(State.HELD, now));
            assertFalse(before != null && before.mustStill(now), () -> port + " was " + before);
            held.add(port);
        } catch (PortsExhausted e) {
            long busy =
                    model.values().stream().filter(entry -> entry.mayStill(now)).count();
            assertEquals(ports, busy);
            assertEquals(ports, e.usage().ports());
            assertEquals(
                    ports,
                    e.usage().held() + e.usage().quarantined() + e.usage().refused());
        }
        SourceAddresses.Usage usage = sources.usage(destinations.get(which));
        assertEquals(held.size(), usage.held());
        within(model, State.QUARANTINED, now, usage.quarantined());
        within(model, State.REFUSED, now, usage.refused());
    }

    private static void within(Map<InetSocketAddress, Entry> model, State state, long now, int count) {
        long least = model.values().stream()
                .filter(e -> e.state() == state && e.mustStill(now))
                .count();
        long most = model.values().stream()
                .filter(e -> e.state() == state && e.mayStill(now))
                .count();
        assertTrue(least <= count && count <= most, () -> state + ": " + least + " <= " + count + " <= " + most);
    }

    private void giveBack(
            SourceAddresses sources,
            int which,
            Map<InetSocketAddress, Entry> model,
            List<InetSocketAddress> held,
            Random random,
            long now) {
        InetSocketAddress to = destinations.get(which);
        InetSocketAddress port = held.remove(random.nextInt(held.size()));
        switch (random.nextInt(3)) {
            case 0 -> {
                sources.release(port, to, now);
                model.remove(port);
            }
            case 1 -> {
                sources.quarantine(port, to, now);
                model.put(port, new Entry(State.QUARANTINED, now));
            }
            default -> {
                sources.refused(port, to, "why", now);
                model.put(port, new Entry(State.REFUSED, now));
            }
        }
    }

    /** What is set, found and counted in pages is what is set, found and counted in a plain array. */
    @Property(tries = 300)
    void bitsInPagesAreBits(@ForAll @IntRange(min = 1, max = 9000) int size, @ForAll Random random) {
        PortBits bits = new PortBits(size);
        boolean[] model = new boolean[size];
        int filled = random.nextInt(size + 1);
        for (int i = 0; i < filled; i++) { // all of the front, so that there are full pages
            bits.set(i);
            model[i] = true;
        }
        PortBits others = new PortBits(size);
        for (int step = 0; step < 200; step++) {
            int index = random.nextInt(size);
            if (model[index] && !others.get(index) && random.nextBoolean()) {
                others.set(index);
            } else if (model[index] && !others.get(index)) {
                bits.clear(index);
                model[index] = false;
            } else if (!model[index]) {
                bits.set(index);
                model[index] = true;
            }
            assertSame(model, bits, random);
        }
        bits.clearAll(others);
        for (int i = 0; i < size; i++) {
            model[i] &= !others.get(i);
            assertEquals(model[i], bits.get(i));
        }
        assertSame(model, bits, random);
    }

    private static void assertSame(boolean[] model, PortBits bits, Random random) {
        int from = random.nextInt(model.length);
        int to = from + random.nextInt(model.length - from + 1);
        int next = -1;
        int clear = 0;
        for (int i = to - 1; i >= from; i--) {
            if (!model[i]) {
                next = i;
                clear++;
            }
        }
        assertEquals(next, bits.nextClear(from, to));
        assertEquals(clear, bits.clearBetween(from, to));
        int count = 0;
        for (boolean set : model) {
            count += set ? 1 : 0;
        }
        assertEquals(count, bits.count());
    }
}
