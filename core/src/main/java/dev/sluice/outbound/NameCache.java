// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Remembers for a while what a resolver has answered, and asks it one question at a time about each name, however many wait
 * for the answer. That a host doesn't exist is remembered too; any other failure is not. Names are the same in upper and
 * lower case.
 *
 * <table>
 * <caption>Defaults and ranges</caption>
 * <tr><th>what</th><th>default</th><th>range</th><th>then</th></tr>
 * <tr><td>age of addresses</td><td>30 s</td><td>0 to 24 h</td><td>the name is looked up again</td></tr>
 * <tr><td>age of "no such host"</td><td>5 s</td><td>0 to 1 h</td><td>the name is looked up again</td></tr>
 * <tr><td>names</td><td>1,024</td><td>1 to 1,000,000</td><td>the one that was used longest ago is forgotten</td></tr>
 * <tr><td>lookups at a time</td><td>256</td><td>1 to names</td><td>a further one fails with an {@code IOException}</td></tr>
 * <tr><td>addresses of a name</td><td>64</td><td></td><td>those behind them are not used</td></tr>
 * </table>
 *
 * <p>A Java process keeps answers of its own resolver as well, by default for 30 s and 10 s (the security properties
 * {@code networkaddress.cache.ttl} and {@code networkaddress.cache.negative.ttl}); the ages add up. The methods may be called
 * from any thread.
 */
public final class NameCache implements Resolver {
    private static final int MOST_ADDRESSES = 64;
    private static final Duration LONGEST_FOUND = Duration.ofHours(24);
    private static final Duration LONGEST_MISSING = Duration.ofHours(1);
    private static final int MOST_NAMES = 1_000_000;

    private final Resolver behind;
    private final LongSupplier nanoClock;
    private final Duration found;
    private final Duration missing;
    private final int mostNames;
    private final int mostLookups;

    // guarded by this
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true); // by their last use
    private int lookups;

    private static final class Entry {
        final CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
        final CompletionStage<List<InetAddress>> given = answer.minimalCompletionStage(); // which nobody else completes
        boolean known;
        long knownUntilNanos;
    }

    private NameCache(
            Resolver behind, LongSupplier nanoClock, Duration found, Duration missing, int mostNames, int mostLookups) {
        this.behind = behind;
        this.nanoClock = nanoClock;
        this.found = found;
        this.missing = missing;
        this.mostNames = mostNames;
        this.mostLookups = mostLookups;
    }

    /**
     * Makes an empty cache with the defaults above.
     *
     * @param resolver who is asked what isn't known
     * @param nanoClock a clock that never runs backwards, in nanoseconds from any start
     */
    public static NameCache of(Resolver resolver, LongSupplier nanoClock) {
        if (resolver == null || nanoClock == null) {
            throw new IllegalArgumentException((resolver == null ? "resolver" : "nanoClock") + ": missing");
        }
        return new NameCache(resolver, nanoClock, Duration.ofSeconds(30), Duration.ofSeconds(5), 1024, 256);
    }

    /**
     * Another cache, an empty one, that remembers addresses and "no such host" for other times.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it
     */
    public NameCache withAges(Duration ofAddresses, Duration ofMissing) {
        check("names.found", ofAddresses, LONGEST_FOUND);
        check("names.missing", ofMissing, LONGEST_MISSING);
        return new NameCache(behind, nanoClock, ofAddresses, ofMissing, mostNames, mostLookups);
    }

    /**
     * Another cache, an empty one, of other bounds.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it
     */
    public NameCache withBounds(int names, int lookupsAtATime) {
        check("names.names", names, MOST_NAMES);
        check("names.lookups", lookupsAtATime, names);
        return new NameCache(behind, nanoClock, found, missing, names, lookupsAtATime);
    }

    private static void check(String field, Duration age, Duration most) {
        if (age == null || age.isNegative() || age.compareTo(most) > 0) {
            throw new IllegalArgumentException(field + ": " + age + " is not within PT0S to " + most);
        }
    }

    private static void check(String field, int number, int most) {
        if (number < 1 || number > most) {
            throw new IllegalArgumentException(field + ": " + number + " is not within 1 to " + most);
        }
    }

    /** How many names are remembered or being looked up. */
    public synchronized int names() {
        return entries.size();
    }

    /** How many names are being looked up. */
    public synchronized int lookups() {
        return lookups;
    }

    @Override
    public CompletionStage<List<InetAddress>> resolve(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        Entry entry;
        synchronized (this) {
            entry = entries.get(name);
            if (entry != null && (!entry.known || nanoClock.getAsLong() - entry.knownUntilNanos < 0)) {
                return entry.given;
            }
            if (lookups == mostLookups) {
                return CompletableFuture.failedStage(
                        new IOException(mostLookups + " names are being looked up, and no more may be"));
            }
            entry = new Entry();
            entries.put(name, entry);
            lookups++;
            forgetOne();
        }
        ask(name, entry);
        return entry.given;
    }

    // Those that are being looked up are never more than all that may be there.
    private void forgetOne() {
        Iterator<Entry> eldest = entries.values().iterator();
        while (entries.size() > mostNames) {
            if (eldest.next().known) {
                eldest.remove();
            }
        }
    }

    private void ask(String name, Entry entry) {
        CompletionStage<List<InetAddress>> asked;
        try {
            asked = behind.resolve(name);
        } catch (RuntimeException | Error e) {
            answered(name, entry, null, e);
            return;
        }
        asked.whenComplete((addresses, failure) -> answered(name, entry, addresses, failure));
    }

    private void answered(String name, Entry entry, List<InetAddress> addresses, Throwable failure) {
        List<InetAddress> used = null;
        Throwable why =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (why == null) {
            try {
                used = used(name, addresses);
            } catch (UnknownHostException | RuntimeException e) {
                why = e;
            }
        }
        synchronized (this) {
            lookups--;
            if (why == null || why instanceof UnknownHostException) {
                entry.known = true;
                entry.knownUntilNanos = nanoClock.getAsLong() + (why == null ? found : missing).toNanos();
            } else {
                entries.remove(name, entry);
            }
        }
        if (why != null) {
            entry.answer.completeExceptionally(why);
        } else {
            entry.answer.complete(used);
        }
    }

    private static List<InetAddress> used(String name, List<InetAddress> addresses) throws UnknownHostException {
        if (addresses == null || addresses.isEmpty()) {
            throw new UnknownHostException(name);
        }
        return List.copyOf(addresses.subList(0, Math.min(MOST_ADDRESSES, addresses.size())));
    }
}
