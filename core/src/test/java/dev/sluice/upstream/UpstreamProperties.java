// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class UpstreamProperties {
    private static final int KEYS = 20_000;

    @Property(tries = 100)
    void aRoundGivesEachExactlyItsWeight(@ForAll("weights") int[] weights) {
        Group group = new Group(Balancer.ROUND_ROBIN, weights);
        int round = Arrays.stream(weights).sum();
        for (int n = 1; n <= 3; n++) {
            for (int i = 0; i < round; i++) {
                group.pick().ended();
            }
            for (BackendStatus status : group.upstream.status()) {
                assertEquals((long) n * status.backend().weight(), status.picked());
            }
        }
    }

    /** With Adams' method of apportionment, which this is, nobody gets more than its share rounded up. */
    @Property(tries = 100)
    void fewestConnectionsGivesNobodyMoreThanItsShareRoundedUp(
            @ForAll("weights") int[] weights, @ForAll @IntRange(max = 3000) int picks) {
        Group group = new Group(Balancer.FEWEST_CONNECTIONS, weights);
        int round = Arrays.stream(weights).sum();
        for (int i = 0; i < picks; i++) {
            group.pick();
        }
        for (BackendStatus status : group.upstream.status()) {
            long most = ((long) picks * status.backend().weight() + round - 1) / round;
            assertTrue(status.active() <= most, () -> status.active() + " of " + most);
        }
    }

    @Property(tries = 50)
    void weightsHoldForIdleBackendsToo(@ForAll("weights") int[] weights) {
        int round = Arrays.stream(weights).sum();
        Group fewest = new Group(Balancer.FEWEST_CONNECTIONS, weights);
        Group random = new Group(Balancer.TWO_RANDOM_CHOICES, weights);
        for (int i = 0; i < KEYS; i++) {
            fewest.pick().ended();
            random.pick().ended();
        }
        for (int i = 0; i < weights.length; i++) {
            double share = (double) KEYS * weights[i] / round;
            assertEquals(share, fewest.upstream.status().get(i).picked(), 2);
            assertEquals(share, random.upstream.status().get(i).picked(), 6 * Math.sqrt(share) + 10);
        }
    }

    @Property(tries = 50)
    void twoRandomChoicesAreNearlyAsEven(@ForAll("weights") int[] weights) {
        Group group = new Group(Balancer.TWO_RANDOM_CHOICES, weights);
        int round = Arrays.stream(weights).sum();
        int picks = 5000;
        for (int i = 0; i < picks; i++) {
            group.pick();
        }
        for (BackendStatus status : group.upstream.status()) {
            double share = (double) picks * status.backend().weight() / round;
            assertEquals(share, status.active(), 10 + share / 10);
        }
    }

    @Property(tries = 30)
    void keysAreSpreadByWeight(@ForAll("weights") int[] weights, @ForAll Random random) {
        for (Balancer balancer : List.of(Balancer.SOURCE_HASH, Balancer.MAGLEV)) {
            Group group = new Group(balancer, weights);
            int round = Arrays.stream(weights).sum();
            for (int i = 0; i < KEYS; i++) {
                group.pick(random.nextLong()).ended();
            }
            for (BackendStatus status : group.upstream.status()) {
                double share = (double) KEYS * status.backend().weight() / round;
                assertEquals(share, status.picked(), 6 * Math.sqrt(share) + 0.02 * share + 10, balancer::toString);
            }
        }
    }

    @Property(tries = 20)
    void maglevMovesFewKeysWhenOneIsTakenOutOfTheList(
            @ForAll @IntRange(min = 2, max = 50) int number, @ForAll Random random) {
        Group group = new Group(Group.equal(number), builder -> builder.balancer(Balancer.MAGLEV));
        Map<Integer, String> before = places(group);
        List<Backend> fewer = new ArrayList<>(Group.equal(number));
        String gone = fewer.remove(random.nextInt(number)).name();
        Collections.shuffle(fewer, random);
        group.upstream.backends(fewer);
        int moved = 0;
        for (int key = 0; key < KEYS; key++) {
            String now = group.name(Hash.mix(key));
            moved += !now.equals(before.get(key)) && !before.get(key).equals(gone) ? 1 : 0;
        }
        assertTrue(moved < KEYS / 20, moved + " of " + KEYS + " moved that need not");
    }

    @Property(tries = 10)
    void whoIsDownMovesItsOwnKeysOnly(@ForAll @IntRange(min = 2, max = 20) int number) {
        for (Balancer balancer : List.of(Balancer.SOURCE_HASH, Balancer.MAGLEV)) {
            Group group = new Group(Group.equal(number), builder -> builder.balancer(balancer));
            Map<Integer, String> before = places(group);
            String gone = before.get(0);
            for (int i = 0; i < 5; i++) {
                group.pick(Hash.mix(0)).failed(null);
            }
            assertEquals(BackendState.EJECTED, group.state(gone));
            Map<Integer, String> now = places(group);
            for (int key = 0; key < KEYS; key++) {
                if (before.get(key).equals(gone)) {
                    assertNotEquals(gone, now.get(key));
                } else {
                    assertEquals(before.get(key), now.get(key));
                }
            }
        }
    }

    @Property(tries = 300)
    void noneIsPickedThatIsNotToBeUsed(@ForAll Balancer balancer, @ForAll Random random) {
        Health health = Health.defaults()
                .withFailuresInRow(2)
                .withMostEjectedPercent(random.nextInt(101))
                .withPanicPercent(random.nextBoolean() ? 0 : random.nextInt(101));
        Group group = new Group(
                Group.weighted(1, 2, 3, 4, 5),
                b -> b.balancer(balancer).health(health).slowStart(Duration.ofSeconds(random.nextInt(20))));
        List<Lease> held = new ArrayList<>();
        for (int step = 0; step < 400; step++) {
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> pickOne(group, random.nextLong(), held);
                case 3 -> endOne(held, random);
                case 4 -> group.pass(Duration.ofMillis(random.nextInt(4000)));
                default -> {
                    if (random.nextInt(10) == 0) {
                        group.upstream.backends(Group.weighted(
                                random.ints(random.nextInt(7), 1, 9).toArray()));
                    }
                }
            }
            long active = group.upstream.status().stream()
                    .mapToLong(BackendStatus::active)
                    .sum();
            assertEquals(held.size(), active);
        }
        held.forEach(Lease::ended);
        group.assertNothingIsActive();
    }

    private static void pickOne(Group group, long key, List<Lease> held) {
        Map<String, BackendState> states = new HashMap<>();
        group.upstream.status().forEach(s -> states.put(s.backend().name() + s.state(), s.state()));
        boolean panic = group.upstream.isInPanic();
        Pick pick = group.upstream.pick(key);
        if (pick instanceof Lease lease) {
            held.add(lease);
            String name = lease.backend().name();
            if (!panic) {
                assertNotNull(
                        states.getOrDefault(
                                name + "UP", states.getOrDefault(name + "STARTING", states.get(name + "PROBATION"))),
                        () -> name + " of " + states);
            }
        } else if (pick == NoBackend.ALL_DOWN) {
            assertTrue(!panic && !states.containsValue(BackendState.UP), states::toString);
        }
    }

    private static void endOne(List<Lease> held, Random random) {
        if (!held.isEmpty()) {
            Lease lease = held.remove(random.nextInt(held.size()));
            switch (random.nextInt(5)) {
                case 0 -> lease.answered();
                case 1 -> lease.connected();
                case 2, 3 -> lease.failed(null);
                default -> {}
            }
            lease.ended();
        }
    }

    private static Map<Integer, String> places(Group group) {
        Map<Integer, String> places = new HashMap<>();
        for (int key = 0; key < KEYS; key++) {
            places.put(key, group.name(Hash.mix(key)));
        }
        return places;
    }

    @Provide
    Arbitrary<int[]> weights() {
        return Arbitraries.integers()
                .between(1, 256)
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(12);
    }
}
