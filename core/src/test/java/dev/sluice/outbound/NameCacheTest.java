// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class NameCacheTest {
    private static final List<InetAddress> ONE = List.of(InetAddress.getLoopbackAddress());

    private final List<String> asked = new ArrayList<>();
    private final List<CompletableFuture<List<InetAddress>>> answers = new ArrayList<>();
    private long now = Long.MAX_VALUE - 1000; // clocks may pass the end of long

    private final Resolver resolver = host -> {
        asked.add(host);
        CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
        answers.add(answer);
        return answer;
    };
    private NameCache cache = NameCache.of(resolver, () -> now);

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private static List<InetAddress> found(CompletionStage<List<InetAddress>> stage) {
        return stage.toCompletableFuture().getNow(null);
    }

    private static Throwable failure(CompletionStage<List<InetAddress>> stage) {
        List<Throwable> failures = new ArrayList<>();
        stage.whenComplete((addresses, failure) -> failures.add(failure));
        Throwable failure = failures.get(0);
        return failure instanceof CompletionException ? failure.getCause() : failure; // as dependent stages get it
    }

    @Test
    void asksOnceHoweverManyWait() {
        CompletionStage<List<InetAddress>> one = cache.resolve("db.example");
        CompletionStage<List<InetAddress>> other = cache.resolve("DB.example");
        assertEquals(List.of("db.example"), asked);
        assertEquals(1, cache.lookups());
        assertFalse(one.toCompletableFuture().isDone());
        answers.get(0).complete(ONE);
        assertEquals(ONE, found(one));
        assertEquals(ONE, found(other));
        assertEquals(0, cache.lookups());
    }

    @Test
    void remembersAddressesForTheirAge() {
        cache.resolve("db.example");
        answers.get(0).complete(ONE);
        pass(Duration.ofSeconds(30).minusNanos(1));
        assertEquals(ONE, found(cache.resolve("db.example")));
        pass(Duration.ofNanos(1));
        CompletionStage<List<InetAddress>> again = cache.resolve("db.example");
        assertEquals(2, asked.size());
        assertFalse(again.toCompletableFuture().isDone());
        assertEquals(1, cache.names());
    }

    @Test
    void remembersThatThereIsNoSuchHostForLess() {
        cache.resolve("no.example");
        answers.get(0).completeExceptionally(new UnknownHostException("no.example"));
        pass(Duration.ofSeconds(5).minusNanos(1));
        assertInstanceOf(UnknownHostException.class, failure(cache.resolve("no.example")));
        assertEquals(1, asked.size());
        pass(Duration.ofNanos(1));
        cache.resolve("no.example");
        assertEquals(2, asked.size());
    }

    @Test
    void aHostWithoutAddressesIsNone() {
        CompletionStage<List<InetAddress>> waits = cache.resolve("no.example");
        answers.get(0).complete(List.of());
        assertInstanceOf(UnknownHostException.class, failure(waits));
    }

    @Test
    void otherFailuresAreToldAndNotRemembered() {
        CompletionStage<List<InetAddress>> waits = cache.resolve("db.example");
        IOException why = new IOException("no answer");
        answers.get(0).completeExceptionally(why);
        assertSame(why, failure(waits));
        assertEquals(0, cache.names());
        cache.resolve("db.example");
        assertEquals(2, asked.size());
    }

    @Test
    void aResolverThatThrowsIsAFailure() {
        cache = NameCache.of(
                host -> {
                    throw new IllegalStateException("broken");
                },
                () -> now);
        assertEquals("broken", failure(cache.resolve("db.example")).getMessage());
        assertEquals(0, cache.names());
        assertEquals(0, cache.lookups());
    }

    @Test
    void forgetsTheNameThatWasUsedLongestAgoAndNeverOneThatIsLookedUp() {
        cache = cache.withBounds(3, 2);
        cache.resolve("waits");
        cache.resolve("a");
        answers.get(1).complete(ONE);
        cache.resolve("b");
        answers.get(2).complete(ONE);
        assertEquals(ONE, found(cache.resolve("a")));
        cache.resolve("c");
        assertEquals(3, cache.names());
        assertEquals(ONE, found(cache.resolve("a")));
        assertFalse(cache.resolve("waits").toCompletableFuture().isDone());
        assertEquals(List.of("waits", "a", "b", "c"), asked);
        answers.get(3).complete(ONE);
        cache.resolve("b");
        assertEquals(5, asked.size());
    }

    @Test
    void noMoreLookupsAtATimeThanMayBe() {
        cache = cache.withBounds(10, 2);
        cache.resolve("a");
        cache.resolve("b");
        Throwable refused = failure(cache.resolve("c"));
        assertInstanceOf(IOException.class, refused);
        assertEquals("2 names are being looked up, and no more may be", refused.getMessage());
        assertEquals(List.of("a", "b"), asked);
        assertFalse(cache.resolve("a").toCompletableFuture().isDone());
        answers.get(0).complete(ONE);
        cache.resolve("c");
        assertEquals(List.of("a", "b", "c"), asked);
    }

    @Test
    void anAnswerWithAHoleInItIsAFailure() {
        CompletionStage<List<InetAddress>> waits = cache.resolve("db.example");
        answers.get(0).complete(Collections.singletonList(null));
        assertInstanceOf(NullPointerException.class, failure(waits));
        assertEquals(0, cache.names());
    }

    @Test
    void usesTheFirst64Addresses() {
        CompletionStage<List<InetAddress>> waits = cache.resolve("many.example");
        answers.get(0).complete(Collections.nCopies(1000, ONE.get(0)));
        assertEquals(64, found(waits).size());
    }

    @Test
    void whoIsGivenAnAnswerCannotChangeIt() {
        CompletionStage<List<InetAddress>> mine = cache.resolve("db.example");
        assertTrue(mine.toCompletableFuture().complete(List.of()));
        answers.get(0).complete(ONE);
        assertEquals(ONE, found(cache.resolve("db.example")));
    }

    @Test
    void boundsOutOfTheirRangeAreRefused() {
        assertEquals(
                "names.found: PT-1S is not within PT0S to PT24H",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> cache.withAges(Duration.ofSeconds(-1), Duration.ZERO))
                        .getMessage());
        assertEquals(
                "names.missing: PT2H is not within PT0S to PT1H",
                assertThrows(IllegalArgumentException.class, () -> cache.withAges(Duration.ZERO, Duration.ofHours(2)))
                        .getMessage());
        assertEquals(
                "names.lookups: 4 is not within 1 to 3",
                assertThrows(IllegalArgumentException.class, () -> cache.withBounds(3, 4))
                        .getMessage());
    }
}
