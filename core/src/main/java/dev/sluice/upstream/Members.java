// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends of an {@link Upstream}: which there are, what is known of the health of each, and the {@link View} of that which
 * picks go by. Any thread; what changes a view takes the one lock, for a moment.
 */
final class Members {
    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

    private final String name;
    private final Balancer balancer;
    private final Choice choice; // is told of each view
    private final Health health;
    private final long slowStartNanos;
    private final LongSupplier clock;
    private final Seldom failing = new Seldom();

    private final ReentrantLock lock = new ReentrantLock();
    private volatile View view; // written under the lock
    private final List<Member> leaving = new ArrayList<>(); // the lock

    Members(String name, Balancer balancer, Choice choice, Health health, Duration slowStart, LongSupplier clock) {
        this.name = name;
        this.balancer = balancer;
        this.choice = choice;
        this.health = health;
        this.slowStartNanos = slowStart.toNanos();
        this.clock = clock;
    }

    /** As it was made last; null before the first list. */
    View view() {
        return view;
    }

    /** A new one, since a time has come at which it changes by itself. */
    View refreshed(long now) {
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

    // ---- the list

    /**
     * Takes another list.
     *
     * @param running whether those that are new begin with a weight that rises
     */
    void replace(List<Backend> list, boolean running) {
        Backend[] backends = list.toArray(Backend[]::new);
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

    /** As {@link Upstream#status}. */
    List<BackendStatus> status() {
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

    // ---- what checks say

    /** Nobody checks them any more. */
    void unchecked() {
        lock.lock();
        try {
            uncheck(clock.getAsLong());
        } finally {
            lock.unlock();
        }
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
}
