// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UpstreamTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void takesEqualBackendsInTurn() {
        assertEquals("abcabcabc", new Group(Balancer.ROUND_ROBIN, 1, 1, 1).names(9));
    }

    @Test
    void spreadsTheTurnsOfAHeavyBackendOverTheRound() {
        assertEquals("aaabaacaaabaac", new Group(Balancer.ROUND_ROBIN, 5, 1, 1).names(14));
    }

    @Test
    void picksWhoeverHasTheFewestConnectionsForItsWeight() {
        Group group = new Group(Balancer.FEWEST_CONNECTIONS, 1, 3);
        List<Lease> held = IntStream.range(0, 8).mapToObj(i -> group.pick()).toList();
        assertEquals(2, group.status("a").active());
        assertEquals(6, group.status("b").active());
        held.forEach(lease -> {
            if (lease.backend().name().equals("a")) {
                lease.ended();
            }
        });
        assertEquals("a", group.pick().backend().name());
    }

    @Test
    void twoRandomChoicesAreTheSameForTheSameSeed() {
        String first = new Group(Balancer.TWO_RANDOM_CHOICES, 1, 2, 3).names(50);
        assertEquals(first, new Group(Balancer.TWO_RANDOM_CHOICES, 1, 2, 3).names(50));
        assertTrue(first.contains("a") && first.contains("b") && first.contains("c"), first);
    }

    @ParameterizedTest
    @EnumSource(names = {"SOURCE_HASH", "MAGLEV"})
    void aKeyStaysWhereItIs(Balancer balancer) {
        Group group = new Group(balancer, 1, 1, 1, 1);
        Group other = new Group(balancer, 1, 1, 1, 1);
        for (int key = 0; key < 100; key++) {
            assertEquals(group.name(key), group.name(key));
            assertEquals(group.name(key), other.name(key));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anotherAttemptAvoidsWhatWasTried(Balancer balancer) {
        Group group = new Group(balancer, 1, 7, 2);
        Lease first = group.pick(5);
        Lease second = assertInstanceOf(Lease.class, group.upstream.pick(5, first));
        Lease third = assertInstanceOf(Lease.class, group.upstream.pick(5, second));
        assertEquals(
                3,
                List.of(first, second, third).stream()
                        .map(Lease::backend)
                        .distinct()
                        .count());
        assertEquals(NoBackend.ALL_TRIED, group.upstream.pick(5, third));
    }

    @ParameterizedTest
    @EnumSource
    void neverPassesALimitOfConnections(Balancer balancer) {
        List<Backend> backends =
                Group.equal(3).stream().map(b -> b.withConnections(2)).toList();
        Group group = new Group(backends, builder -> builder.balancer(balancer));
        List<Lease> held = IntStream.range(0, 6).mapToObj(group::pick).toList();
        assertEquals(NoBackend.AT_LIMIT, group.upstream.pick(1));
        group.upstream.status().forEach(status -> assertEquals(2, status.active()));
        held.get(3).ended();
        assertEquals(held.get(3).backend(), group.pick(1).backend());
    }

    @ParameterizedTest
    @EnumSource
    void saysThatThereIsNone(Balancer balancer) {
        Group group = new Group(balancer);
        assertEquals(NoBackend.EMPTY, group.upstream.pick(1));
        group.upstream.backends(Group.equal(1));
        assertEquals("a", group.pick(1).backend().name());
    }

    @Test
    void aListThatChangesKeepsWhatIsKnown() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1, 1);
        Lease a = group.pick();
        Lease b = group.pick();
        List<Backend> backends = Group.equal(3);
        group.upstream.backends(List.of(backends.get(0).withWeight(5), backends.get(2)));

        assertEquals(1, group.status("a").active());
        assertEquals(5, group.status("a").backend().weight());
        assertEquals(BackendState.LEAVING, group.state("b"));
        assertFalse(group.names(20).contains("b"));
        b.ended();
        assertEquals(2, group.upstream.status().size());
        a.ended();
        group.assertNothingIsActive();
    }

    @Test
    void whoComesBackBeforeItHasLeftIsTheSame() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1, 1);
        group.pick();
        group.upstream.backends(Group.equal(0));
        assertEquals(BackendState.LEAVING, group.state("a"));
        group.upstream.backends(Group.equal(2));
        assertEquals(1, group.status("a").active());
        assertEquals(2, group.upstream.status().size());
        assertEquals(BackendState.UP, group.state("a"));
    }

    @Test
    void anotherAddressIsAnotherBackend() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1);
        group.pick();
        group.upstream.backends(List.of(Backend.of("a", InetSocketAddress.createUnresolved("elsewhere", 1))));
        assertEquals(
                List.of(0, 1),
                group.upstream.status().stream().map(BackendStatus::active).toList());
    }

    @Test
    void refusesTwoOfOneNameAndChangesNothing() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1, 1);
        List<Backend> twice = List.of(Group.backend(3), Group.backend(3));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> group.upstream.backends(twice))
                .getMessage()
                .contains("two are called d"));
        assertEquals("ab", group.names(2));
    }

    @Test
    void ejectsAfterFailuresInARow() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1, 1);
        group.fail("a", 4);
        assertEquals(BackendState.UP, group.state("a"));
        group.fail("a", 1);
        assertEquals(BackendState.EJECTED, group.state("a"));
        assertEquals("bbbb", group.names(4));
        assertEquals(5, group.status("a").failed());
        assertEquals(1, group.status("a").ejections());
        assertEquals(Group.REFUSED.getMessage(), group.status("a").lastFailure());
    }

    @Test
    void triesWithOneConnectionAfterwards() {
        Group group = ejected();
        group.pass(Duration.ofSeconds(10));
        Lease trial = pickOf(group, "a");
        assertTrue(trial.isTrial());
        assertFalse(pickOf(group, "b").isTrial());
        assertEquals(BackendState.PROBATION, group.state("a"));
        assertFalse(group.names(10).contains("a"));
        trial.connected();
        assertFalse(group.names(10).contains("a"));
        trial.answered();
        assertEquals(BackendState.UP, group.state("a"));
        assertTrue(group.names(10).contains("a"));
    }

    @Test
    void ejectsForLongerIfTheTrialFails() {
        Group group = ejected();
        group.pass(Duration.ofSeconds(10));
        pickOf(group, "a").failed(null);
        assertEquals(BackendState.EJECTED, group.state("a"));
        group.pass(Duration.ofSeconds(19));
        assertEquals(BackendState.EJECTED, group.state("a"));
        group.pass(SECOND);
        assertEquals(BackendState.PROBATION, group.state("a"));
        assertEquals(2, group.status("a").ejections());
        assertEquals("null", group.status("a").lastFailure());
    }

    @Test
    void aTrialThatWasGivenUpMakesRoomForAnother() {
        Group group = ejected();
        group.pass(Duration.ofSeconds(10));
        pickOf(group, "a").ended();
        pickOf(group, "a").ended();
        assertEquals(BackendState.PROBATION, group.state("a"));
    }

    @Test
    void whoGaveUpSaysNothing() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1, 1);
        group.fail("a", 4);
        Lease given = pickOf(group, "a");
        given.connected();
        given.gaveUp();
        given.failed(null); // it is over
        assertEquals(4, group.status("a").failed());
        group.fail("a", 1);
        assertEquals(BackendState.EJECTED, group.state("a"), "it was no success that would have begun the row anew");
        group.pass(Duration.ofSeconds(10));
        Lease trial = pickOf(group, "a");
        trial.connected();
        trial.gaveUp();
        assertEquals(BackendState.PROBATION, group.state("a"));
        pickOf(group, "a").answered();
        assertEquals(BackendState.UP, group.state("a"));
        assertTrue(given.isOver());
    }

    @Test
    void aTrialWithoutAnOutcomeIsNotWaitedForForEver() {
        Group group = ejected();
        group.pass(Duration.ofSeconds(10));
        Lease silent = pickOf(group, "a");
        group.pass(Duration.ofSeconds(9));
        assertFalse(group.names(10).contains("a"));
        group.pass(SECOND);
        Lease second = pickOf(group, "a");
        silent.ended();
        assertFalse(group.names(10).contains("a"), "the end of an old trial doesn't make room beside a new one");
        second.answered();
        assertEquals(BackendState.UP, group.state("a"));
    }

    @Test
    void connectionsFromBeforeAnEjectionSayNothing() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1, 1);
        Lease old = pickOf(group, "a");
        old.connected();
        Lease older = pickOf(group, "a");
        group.fail("a", 5);
        old.answered();
        assertEquals(BackendState.EJECTED, group.state("a"));
        group.pass(Duration.ofSeconds(10));
        older.failed(null);
        assertEquals(BackendState.PROBATION, group.state("a"));
    }

    @Test
    void noMoreThanAShareIsEjected() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1, 1, 1);
        group.fail("a", 5);
        group.fail("b", 20);
        assertEquals(BackendState.EJECTED, group.state("a"));
        assertEquals(BackendState.UP, group.state("b"));
        Group alone = new Group(Balancer.ROUND_ROBIN, 1);
        alone.fail("a", 20);
        assertEquals(BackendState.UP, alone.state("a"));
    }

    @Test
    void allDownIsSaid() {
        Group group = allEjected(0);
        assertEquals(NoBackend.ALL_DOWN, group.upstream.pick(1));
        assertFalse(group.upstream.isInPanic());
    }

    @Test
    void panicUsesAll() {
        Group group = allEjected(50);
        assertTrue(group.upstream.isInPanic());
        String names = group.names(4);
        assertTrue(names.contains("a") && names.contains("b"), names);
        pickOf(group, "a").answered();
        assertEquals(BackendState.UP, group.state("a"), "a success in panic counts");
        assertFalse(group.upstream.isInPanic());
        assertEquals("aaaa", group.names(4));
    }

    @Test
    void theWeightOfWhoeverIsAddedRises() {
        Group group =
                new Group(Group.equal(1), b -> b.balancer(Balancer.ROUND_ROBIN).slowStart(Duration.ofSeconds(32)));
        assertEquals(BackendState.UP, group.state("a"));
        group.upstream.backends(Group.equal(2));
        assertEquals(BackendState.STARTING, group.state("b"));
        assertEquals(1, count("b", group.names(33)));
        group.pass(Duration.ofSeconds(15));
        assertEquals(16, count("b", group.names(48)));
        group.pass(Duration.ofSeconds(16));
        assertEquals(BackendState.UP, group.state("b"));
        assertEquals(32, count("b", group.names(64)));
    }

    @Test
    void aKeyComesOnceToWhoeverStarts() {
        Group group = new Group(Group.equal(4), b -> b.balancer(Balancer.MAGLEV).slowStart(Duration.ofSeconds(32)));
        List<Backend> five = Group.equal(5);
        group.upstream.backends(five);
        List<String> before = null;
        for (int step = 0; step < 32; step++) {
            List<String> now = IntStream.range(0, 3000)
                    .mapToObj(key -> group.name(Hash.mix(key)))
                    .toList();
            for (int key = 0; before != null && key < 3000; key++) {
                if (!now.get(key).equals(before.get(key))) {
                    assertEquals("e", now.get(key));
                }
            }
            before = now;
            group.pass(SECOND);
        }
    }

    @Test
    void aConnectionThatNeverCameToBeSaysNothing() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1);
        Lease lease = group.pick();
        lease.ended();
        lease.connected();
        lease.failed(null);
        BackendStatus status = group.status("a");
        assertEquals(List.of(1L, 0L, 0L), List.of(status.picked(), status.connected(), status.failed()));
        assertEquals(0, status.active());
        assertTrue(lease.isOver());
        assertEquals("a, over", lease.toString());
    }

    @Test
    void anAnswerCountsAsAConnection() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1);
        Lease lease = group.pick();
        lease.answered();
        lease.connected();
        lease.ended();
        lease.ended();
        assertEquals(1, group.status("a").connected());
        group.assertNothingIsActive();
    }

    @Test
    void ourOwnTroubleIsNotTheBackendsFault() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1);
        group.pick().connectFailed(new IOException("limits.connections of 1 are held"));
        assertEquals(0, group.status("a").failed());
        group.pick().connectFailed(new IOException("cannot connect", Group.REFUSED));
        assertEquals(1, group.status("a").failed());
        for (String ours : List.of("Cannot assign requested address", "Address already in use")) {
            group.pick().connectFailed(new IOException("cannot connect", new BindException(ours)));
        }
        assertEquals(1, group.status("a").failed());
        group.pick().connectFailed(new IOException("cannot connect", new BindException("Permission denied")));
        assertEquals(2, group.status("a").failed(), "a firewall's no is about that backend");
        group.assertNothingIsActive();
    }

    @Test
    void ourOwnTroubleBehindAConnectionThatWasDeadIsNoSuccess() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1, 1);
        group.fail("a", 4);
        Lease lease = pickOf(group, "a");
        lease.connected(); // a kept one, that had ended
        lease.connectFailed(new IOException("limits.connections of 1 are held"));
        group.fail("a", 1);
        assertEquals(BackendState.EJECTED, group.state("a"));
        group.assertNothingIsActive();
    }

    @Test
    void keysAreOfTheAddressAndNotOfThePort() throws UnknownHostException {
        InetAddress one = InetAddress.getByAddress(new byte[] {10, 0, 0, 1});
        InetAddress two = InetAddress.getByAddress(new byte[] {10, 0, 0, 2});
        assertEquals(Upstream.keyOf(new InetSocketAddress(one, 1)), Upstream.keyOf(new InetSocketAddress(one, 2)));
        assertNotEquals(Upstream.keyOf(new InetSocketAddress(one, 1)), Upstream.keyOf(new InetSocketAddress(two, 1)));
        assertEquals(-1L, Long.signum(Upstream.keyOf("the same in each process")));
    }

    @ParameterizedTest
    @EnumSource(Balancer.class)
    void aClientIsPickedForByItsAddressWhereKeysAreHeeded(Balancer balancer) throws UnknownHostException {
        Group byKey = new Group(balancer, 1, 1, 1, 1, 1, 1, 1);
        Group byClient = new Group(balancer, 1, 1, 1, 1, 1, 1, 1);
        for (int i = 0; i < 100; i++) {
            SocketAddress client =
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) i}), 1 + i);
            Pick picked = byClient.upstream.pick(client, null);
            assertEquals(byKey.pick(Upstream.keyOf(client)).backend(), ((Lease) picked).backend());
        }
        assertEquals(byKey.pick(0).backend(), ((Lease) byClient.upstream.pick(null, null)).backend());
    }

    @Test
    void valuesOutOfTheirRangeAreNamed() {
        assertRefused("backend.weight: 0 is not within 1 to 256", () -> Group.backend(0)
                .withWeight(0));
        assertRefused("backend.connections: 0", () -> Group.backend(0).withConnections(0));
        assertRefused("backend.name", () -> Backend.of("a\nb", InetSocketAddress.createUnresolved("a", 1)));
        assertRefused("backend.address: missing", () -> Backend.of("a", null));
        assertRefused(
                "upstream.slowStart",
                () -> Upstream.builder("a").slowStart(Duration.ofDays(1)).build());
        assertRefused(
                "upstream.balancer: missing",
                () -> Upstream.builder("a").balancer(null).build());
        assertRefused("upstream.name", () -> Upstream.builder(""));
        assertRefused("health.longestEjection", () -> Upstream.builder("a")
                .health(Health.defaults().withLongestEjection(SECOND))
                .build());
    }

    private static void assertRefused(String message, org.junit.jupiter.api.function.Executable executable) {
        String said = assertThrows(IllegalArgumentException.class, executable).getMessage();
        assertTrue(said.startsWith(message), said);
    }

    private static Group ejected() {
        Group group = new Group(Balancer.ROUND_ROBIN, 1, 1);
        group.fail("a", 5);
        return group;
    }

    private static Group allEjected(int panicPercent) {
        Health health = Health.defaults().withMostEjectedPercent(100).withPanicPercent(panicPercent);
        Group group =
                new Group(Group.equal(2), b -> b.balancer(Balancer.ROUND_ROBIN).health(health));
        List<Lease> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(group.pick());
        }
        all.forEach(lease -> lease.failed(null));
        assertEquals(BackendState.EJECTED, group.state("a"));
        assertEquals(BackendState.EJECTED, group.state("b"));
        return group;
    }

    private static Lease pickOf(Group group, String name) {
        for (int i = 0; i < 10; i++) {
            Lease lease = group.pick();
            if (lease.backend().name().equals(name)) {
                return lease;
            }
            lease.ended();
        }
        throw new AssertionError(name + " is not picked");
    }

    private static long count(String name, String names) {
        return names.chars().filter(c -> c == name.charAt(0)).count();
    }
}
