// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.Environment;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

    private final String name;
    private final Balancer balancer;
    private final Choice choice;
    private final Health health;
    private final long slowStartNanos;
    private final long trialNanos;
    private final LongSupplier clock;
    private final Dice dice; // of checks
    private final Seldom failing = new Seldom();
    private final AtomicReference<HealthChecks> checks = new AtomicReference<>(); // null: there are none

    private final ReentrantLock lock = new ReentrantLock();
    private volatile View view; // written under the lock
    private final List<Member> leaving = new ArrayList<>(); // the lock

    private Upstream(Builder builder) {
        this.name = builder.name;
        this.balancer = builder.balancer;
        this.choice = Choice.of(balancer, builder.environment.random().nextLong());
        this.health = builder.health;
        this.slowStartNanos = builder.slowStart.toNanos();
        this.trialNanos = health.ejection().toNanos();
        this.clock = builder.environment.nanoClock();
        this.dice = new Dice(builder.environment.random().nextLong());
        replace(builder.backends, false);
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
        return List.of(view.roster.backends);
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
        replace(list, true);
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
        View v = view;
        long now = 0;
        if (v.timed) {
            now = clock.getAsLong();
            if (now - v.validUntil >= 0) {
                v = refreshed(now);
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
        List<BackendStatus> all = new ArrayList<>();
        lock.lock();
        try {
            long now = clock.getAsLong();
            if (view.timed && now - view.validUntil >= 0) {
                change(view.roster, now);
            }
            for (Member member : view.roster.members) {
                all.add(status(member, now));
            }
            leaving.removeIf(member -> member.active.get() == 0);
            leaving.forEach(member -> all.add(status(member, now)));
        } finally {
            lock.unlock();
        }
        return all;
    }

    /** Whether all backends are used, up or not, because fewer are up than {@link Health#panicPercent}. */
    public boolean isInPanic() {
        return view.panic;
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

    // ---- what leases say

    void succeeded(Member member, int ejections, int trial) {
        member.successes.incrementAndGet();
        if (!member.calm) {
            lock.lock();
            try {
                long now = clock.getAsLong();
                if (member.health.succeeded(now, ejections)) {
                    LOG.info("upstream {}: backend {} is back", name, member.backend.name());
                    start(member, now);
                    change(view.roster, now);
                }
                member.calm = member.health.isCalm();
            } finally {
                lock.unlock();
            }
        }
        endTrial(member, trial);
    }

    void failed(Member member, int ejections, int trial, Throwable cause) {
        member.failures.incrementAndGet();
        member.lastFailure = cause instanceof IOException && cause.getMessage() != null
                ? cause.getMessage() // which says what has failed
                : String.valueOf(cause);
        long leftOut = failing.ask(clock.getAsLong());
        if (leftOut >= 0) {
            String more = leftOut == 0 ? "" : " (" + leftOut + " failures were left out since the last)";
            LOG.warn("upstream {}: backend {} has failed: {}{}", name, member.backend.name(), member.lastFailure, more);
        }
        if (health.ejects()) {
            lock.lock();
            try {
                noteFailure(member, ejections);
            } finally {
                lock.unlock();
            }
        }
        endTrial(member, trial);
    }

    private void noteFailure(Member member, int ejections) {
        long now = clock.getAsLong();
        boolean changed = member.health.failed(now, ejections, member.successes.get(), mayEjectOneMore());
        member.calm = member.health.isCalm();
        if (changed) {
            member.ejections = member.health.ejections();
            LOG.warn(
                    "upstream {}: backend {} is ejected for {} ms, its last failure was {}",
                    name,
                    member.backend.name(),
                    (member.health.ejectedUntil() - now) / 1_000_000,
                    member.lastFailure);
            change(view.roster, now);
        }
    }

    void gaveUp(Member member, int trial) {
        endTrial(member, trial);
    }

    private static void endTrial(Member member, int trial) {
        if (trial != 0) {
            member.endTrial(trial);
        }
    }

    private boolean mayEjectOneMore() {
        Member[] members = view.roster.members;
        int ejected = 0;
        for (Member member : members) {
            ejected += member.health.isEjected() ? 1 : 0;
        }
        return (ejected + 1) * 100 <= members.length * health.mostEjectedPercent();
    }

    // ---- checks

    /** Sets who checks, if that was {@code before}. */
    boolean setChecks(HealthChecks before, HealthChecks after) {
        if (!checks.compareAndSet(before, after)) {
            return false;
        }
        if (after == null) {
            lock.lock();
            try {
                uncheck(clock.getAsLong());
            } finally {
                lock.unlock();
            }
        }
        return true;
    }

    private void uncheck(long now) {
        leaving.forEach(member -> member.health.unchecked(now));
        for (Member member : view.roster.members) {
            if (member.health.unchecked(now)) {
                start(member, now);
            }
        }
        change(view.roster, now);
    }

    List<Member> members() {
        return List.of(view.roster.members);
    }

    Dice dice() {
        return dice;
    }

    /** A check has ended; {@code why} is null if it was good. */
    void checked(Member member, boolean good, String why, HealthCheck check) {
        if (!good) {
            member.lastFailure = why;
        }
        lock.lock();
        try {
            long now = clock.getAsLong();
            if (member.health.checked(now, good, check.fall(), check.rise())) {
                if (good) {
                    LOG.info("upstream {}: backend {} is up", name, member.backend.name());
                    start(member, now);
                } else {
                    LOG.warn("upstream {}: backend {} is down, {}", name, member.backend.name(), why);
                }
                change(view.roster, now);
                member.calm = member.health.isCalm();
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- views

    private View refreshed(long now) {
        if (lock.tryLock()) { // who doesn't get it uses what there is
            try {
                if (now - view.validUntil >= 0) {
                    change(view.roster, now);
                }
            } finally {
                lock.unlock();
            }
        }
        return view;
    }

    private void replace(List<Backend> list, boolean running) {
        Backend[] backends = checked(list).toArray(Backend[]::new);
        KeyMap keys = keys(backends); // may take a few milliseconds
        lock.lock();
        try {
            long now = clock.getAsLong();
            Member[] members = new Member[backends.length];
            for (int i = 0; i < members.length; i++) {
                Member known = member(backends[i]);
                members[i] = known != null ? known : newMember(backends[i], now, running);
            }
            Set<Member> kept = new HashSet<>(List.of(members)); // not iterated
            if (view != null) {
                for (Member member : view.roster.members) {
                    if (!kept.contains(member)) {
                        leaving.add(member);
                    }
                }
            }
            leaving.removeIf(member -> kept.contains(member) || member.active.get() == 0);
            for (int i = 0; i < members.length; i++) {
                members[i].backend = backends[i];
            }
            change(new Roster(members, backends, keys), now);
            leaving.forEach(member -> leave(member, now));
        } finally {
            lock.unlock();
        }
    }

    private Member newMember(Backend backend, long now, boolean running) {
        Member member = new Member(this, backend, new HealthMachine(health, now), now);
        if (running) {
            start(member, now);
        }
        return member;
    }

    private Member member(Backend backend) {
        if (view != null) {
            for (Member member : view.roster.members) {
                if (member.backend.isSameAs(backend)) {
                    return member;
                }
            }
        }
        for (Member member : leaving) {
            if (member.backend.isSameAs(backend)) {
                return member;
            }
        }
        return null;
    }

    private void start(Member member, long now) {
        member.starting = slowStartNanos > 0;
        member.startedAt = now;
    }

    /** Makes a new view of what is known now. The lock. */
    private void change(Roster roster, long now) {
        ViewMaker maker = new ViewMaker(roster, health.panicPercent(), slowStartNanos, now);
        View next = maker.make();
        for (int i = 0; i < roster.size(); i++) {
            show(roster.members[i], maker.state(i), now);
        }
        if (next.panic && (view == null || !view.panic)) {
            LOG.warn("upstream {}: fewer than {} % are up, so all are used", name, health.panicPercent());
        }
        choice.changing(next);
        view = next;
    }

    private static void leave(Member member, long now) {
        member.weightInTurn = 0;
        show(member, BackendState.LEAVING, now);
    }

    private static void show(Member member, BackendState state, long now) {
        if (member.state != state) {
            member.state = state;
            member.since = now;
        }
    }

    private BackendStatus status(Member member, long now) {
        return new BackendStatus(
                member.backend,
                member.state,
                Duration.ofNanos(now - member.since),
                member.picked.get(),
                member.connected.get(),
                member.failures.get(),
                member.active.get(),
                member.ejections,
                member.lastFailure);
    }

    private KeyMap keys(Backend[] backends) {
        if (backends.length == 0) {
            return null;
        }
        return switch (balancer) {
            case SOURCE_HASH -> KeyMap.ranges(backends);
            case MAGLEV -> KeyMap.maglev(backends);
            default -> null;
        };
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
