// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.Environment;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * A named group of servers that do the same work, one of which is picked for each connection. It connects to nobody: it says
 * whom to connect to, and is told what came of it. An example is in the package's description.
 *
 * <p>Its methods may be called from any thread. A pick takes no lock and makes one small object; a failure, and a list or
 * state that changes, takes a lock for a moment.
 */
public final class Upstream {
    /** How many backends there may be in one. */
    public static final int MAX_BACKENDS = 4096;

    private final String name;
    private final Choice choice;
    private final Members members;
    private final long trialNanos;
    private final LongSupplier clock;
    private final Dice dice; // of checks
    private final AtomicReference<HealthChecks> checks = new AtomicReference<>(); // null: there are none

    private Upstream(Builder builder) {
        this.name = builder.name;
        this.choice = Choice.of(builder.balancer, builder.environment.random().nextLong());
        this.trialNanos = builder.health.ejection().toNanos();
        this.clock = builder.environment.nanoClock();
        this.dice = new Dice(builder.environment.random().nextLong());
        this.members = new Members(name, builder.balancer, choice, builder.health, builder.slowStart, clock);
        members.replace(checked(builder.backends), false);
    }

    /** Begins the configuration; the name is for logs, 1 to 255 characters and no control characters. */
    public static Builder builder(String name) {
        return new Builder(Ranges.name("upstream.name", name));
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** The list as it is now. */
    public List<Backend> backends() {
        return List.of(members.view().roster.backends);
    }

    /**
     * Replaces the list. Backends that are equal in name and address to one that was there keep all that is known of them,
     * whatever their weight and limit are now; those that are new begin with a weight that rises, as
     * {@link Builder#slowStart} says. Those that are gone get no more connections; what they have is left alone.
     *
     * @throws IllegalArgumentException if there are more than {@link #MAX_BACKENDS}, or two of one name; nothing has
     *     changed then
     */
    public void backends(List<Backend> list) {
        members.replace(checked(list), true);
        HealthChecks now = checks.get();
        if (now != null) {
            now.listChanged();
        }
    }

    /**
     * Picks a backend.
     *
     * @param key for {@link Balancer#SOURCE_HASH} and {@link Balancer#MAGLEV}, such as {@link #keyOf(SocketAddress)}; else it
     *     means nothing
     */
    public Pick pick(long key) {
        return pick(key, null);
    }

    /**
     * Picks another backend than one that was tried, for a second attempt.
     *
     * @param tried the last that was tried; what was tried before it is avoided too. Null if there was none
     */
    public Pick pick(long key, Lease tried) {
        View v = members.view();
        long now = 0;
        if (v.timed) {
            now = clock.getAsLong();
            if (now - v.validUntil >= 0) {
                v = members.refreshed(now);
            }
        }
        while (true) {
            int i = choice.choose(v, key, tried, now);
            if (i == Choice.NONE) {
                return v.whyNone(tried, now);
            }
            Lease lease = take(v, i, tried, now);
            if (lease != null) {
                return lease;
            }
        }
    }

    /**
     * Picks for a client: by {@link #keyOf(SocketAddress)} where the {@link Balancer} heeds keys; elsewhere none is made.
     *
     * @param client its address, or null if it isn't known: all those are one client
     * @param tried as above
     */
    public Pick pick(SocketAddress client, Lease tried) {
        return pick(client != null && choice.heedsKeys() ? keyOf(client) : 0, tried);
    }

    /** Takes one that was chosen, or returns null if others were faster. */
    private Lease take(View v, int i, Lease tried, long now) {
        Member member = v.roster.members[i];
        Backend backend = v.roster.backends[i];
        if (!member.take(backend.connections())) {
            return null;
        }
        int trial = 0;
        if (v.onTrial[i]) {
            trial = member.beginTrial(now, trialNanos);
            if (trial == 0) {
                member.active.decrementAndGet();
                return null;
            }
        }
        member.picked.incrementAndGet();
        return new Lease(member, tried, member.ejections, trial);
    }

    /** What has become of each, in the order of the list; behind it those that are leaving. */
    public List<BackendStatus> status() {
        return members.status();
    }

    /** Whether all backends are used, up or not, because fewer are up than {@link Health#panicPercent}. */
    public boolean isInPanic() {
        return members.view().panic;
    }

    /**
     * The key of a client by its address, without its port: the same in each process. All clients of Unix domain sockets
     * without a name have one key.
     */
    public static long keyOf(SocketAddress client) {
        Ranges.present("client", client);
        if (client instanceof InetSocketAddress inet && !inet.isUnresolved()) {
            return Hash.of(inet.getAddress().getAddress());
        }
        return Hash.of(client.toString());
    }

    /** The key of a text, such as a session's name: the same in each process. */
    public static long keyOf(CharSequence text) {
        return Hash.of(Ranges.present("text", text));
    }

    // ---- checks

    /** Sets who checks, if that was {@code before}. */
    boolean setChecks(HealthChecks before, HealthChecks after) {
        if (!checks.compareAndSet(before, after)) {
            return false;
        }
        if (after == null) {
            members.unchecked();
        }
        return true;
    }

    List<Member> members() {
        return List.of(members.view().roster.members);
    }

    Dice dice() {
        return dice;
    }

    private static List<Backend> checked(List<Backend> list) {
        List<Backend> copy = List.copyOf(Ranges.present("upstream.backends", list));
        Ranges.check("upstream.backends", copy.size(), 0, MAX_BACKENDS);
        Set<String> names = new HashSet<>();
        for (Backend backend : copy) {
            if (!names.add(backend.name())) {
                throw new IllegalArgumentException("upstream.backends: two are called " + backend.name());
            }
        }
        return copy;
    }

    /** What an upstream is made from. */
    public static final class Builder {
        private final String name;
        private List<Backend> backends = List.of();
        private Balancer balancer = Balancer.TWO_RANDOM_CHOICES;
        private Health health = Health.defaults();
        private Duration slowStart = Duration.ZERO;
        private Environment environment = Environment.system();

        private Builder(String name) {
            this.name = name;
        }

        /** The list, 0 to 4,096 of different names; by default empty. */
        public Builder backends(List<Backend> list) {
            backends = list;
            return this;
        }

        /** By default {@link Balancer#TWO_RANDOM_CHOICES}. */
        public Builder balancer(Balancer newBalancer) {
            balancer = newBalancer;
            return this;
        }

        /** By default {@link Health#defaults}. */
        public Builder health(Health newHealth) {
            health = newHealth;
            return this;
        }

        /**
         * Over how long the weight of a backend rises, from a thirty-second of it in steps of a thirty-second, after it was added
         * or has come back: time for it to fill its caches. 0 to 1 h; by default 0. Those in the first list don't need it.
         */
        public Builder slowStart(Duration time) {
            slowStart = time;
            return this;
        }

        /** Of which the clock and the randomness are used; by default {@link Environment#system}. */
        public Builder environment(Environment newEnvironment) {
            environment = newEnvironment;
            return this;
        }

        /**
         * Checks the configuration.
         *
         * @throws IllegalArgumentException if a value is out of its range; the message names it
         */
        public Upstream build() {
            Ranges.present("upstream.balancer", balancer);
            Ranges.present("upstream.health", health).check();
            Ranges.check("upstream.slowStart", slowStart, Duration.ZERO, Duration.ofHours(1));
            Ranges.present("upstream.environment", environment);
            return new Upstream(this);
        }
    }
}
