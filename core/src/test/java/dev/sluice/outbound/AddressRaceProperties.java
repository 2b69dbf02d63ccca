// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AddressRaceProperties {
    private static final long DELAY = 250;

    /** Every 4th step lets one fail, the others let time pass; the rules are worked out anew beside it. */
    @Property
    void oneIsBegunWhenNobodyRunsWhenOneHasFailedOrAfterTheDelayAndNeverElse(
            @ForAll @IntRange(min = 1, max = 8) int addresses,
            @ForAll long start,
            @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 400) Integer> steps) {
        AddressRace race = new AddressRace(addresses, DELAY);
        long now = start; // which may pass the end of long
        int begun = 0;
        int running = 0;
        long latest = 0;
        boolean failedSince = false;
        for (int step : steps) {
            boolean may = begun < addresses && (running == 0 || failedSince || now - latest >= DELAY);
            assertEquals(may, race.mayBegin(now));
            if (may) {
                assertEquals(begun, race.begin(now));
                begun++;
                running++;
                latest = now;
                failedSince = false;
            } else if (step % 4 == 0 && running > 0) {
                race.failed(now);
                running--;
                failedSince = true;
            } else {
                now += step;
            }
            assertEquals(running, race.running());
            assertEquals(begun < addresses, race.hasMore());
            assertEquals(running == 0 && begun == addresses, race.isLost());
            if (race.hasMore() && begun > 0) {
                assertEquals(now - race.nextAtNanos() >= 0 || running == 0, race.mayBegin(now));
            }
        }
    }

    @Example
    void nobodyBeginsOnceItHasEnded() {
        AddressRace race = new AddressRace(3, DELAY);
        race.begin(0);
        race.end();
        assertFalse(race.mayBegin(1000));
        assertFalse(race.isLost());
        race.failed(0);
        assertFalse(race.mayBegin(1000));
        assertTrue(race.isLost());
    }

    @Property
    void theOrderAlternatesAndKeepsEachFamilysOwn(
            @ForAll @Size(max = 20) List<@IntRange(min = 0, max = 15) Integer> drawn) throws UnknownHostException {
        List<InetAddress> given = new ArrayList<>();
        for (int n : drawn) {
            given.add(address(n % 2 == 0 ? "192.0.2." + n : "2001:db8::" + Integer.toHexString(n)));
        }
        List<InetAddress> ordered = AddressRace.order(given);
        assertEquals(new HashSet<>(given), new HashSet<>(ordered));
        assertEquals(family(given, true), family(ordered, true));
        assertEquals(family(given, false), family(ordered, false));
        if (!ordered.isEmpty()) {
            assertEquals(given.get(0), ordered.get(0));
        }
        int fewer = Math.min(family(given, true).size(), family(given, false).size());
        for (int i = 1; i < 2 * fewer; i++) {
            assertTrue(isSix(ordered.get(i)) != isSix(ordered.get(i - 1)), () -> "they don't alternate: " + ordered);
        }
    }

    private static List<InetAddress> family(List<InetAddress> addresses, boolean six) {
        return addresses.stream()
                .filter(address -> isSix(address) == six)
                .distinct()
                .toList();
    }

    private static boolean isSix(InetAddress address) {
        return address instanceof Inet6Address;
    }

    private static InetAddress address(String literal) throws UnknownHostException {
        return InetAddress.getByName(literal);
    }
}
