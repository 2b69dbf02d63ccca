// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.Alarm;
import dev.sluice.Connector;
import dev.sluice.Reader;
import java.net.SocketAddress;
import java.time.Duration;

/** One backend that is checked again and again, on one Reader. */
final class CheckTarget {
    private static final long LONGEST_UNTIL_FIRST_NANOS = Duration.ofSeconds(1).toNanos();

    private final Member member;
    private final SocketAddress address;
    private final HealthCheck check;
    private final Connector connector;
    private final Reader reader;
    private final Dice dice;

    // its thread
    private final Alarm alarm;
    private CheckRun run; // null between two
    private boolean stopped;

    CheckTarget(Member member, HealthCheck check, Connector connector, Reader reader, Dice dice) {
        this.member = member;
        this.address = member.address();
        this.check = check;
        this.connector = connector;
        this.reader = reader;
        this.dice = dice;
        this.alarm = reader.alarm(this::timeHasCome);
    }

    /** Any thread. */
    void start() {
        reader.execute(() -> {
            if (!stopped) {
                long nanos = Math.min(check.interval().toNanos(), LONGEST_UNTIL_FIRST_NANOS);
                alarm.set(Duration.ofNanos(dice.below(nanos)));
            }
        });
    }

    /** Any thread. */
    void stop() {
        reader.execute(() -> {
            stopped = true;
            alarm.cancel();
            if (run != null) {
                run.cancel();
                run = null;
            }
        });
    }

    private void timeHasCome() {
        if (run != null) {
            run.timedOut();
            return;
        }
        alarm.set(check.timeout());
        run = new CheckRun(this, check);
        run.begin(connector, address);
    }

    /** Its run has ended; {@code good} is null if nothing was found out. */
    void ended(Boolean good, String why) {
        run = null;
        if (stopped) {
            return;
        }
        if (good != null) {
            member.members.checked(member, good, why, check);
        }
        alarm.set(Duration.ofNanos(nextInterval()));
    }

    private long nextInterval() {
        long nanos = check.interval().toNanos();
        long most = nanos / 100 * check.jitterPercent();
        return most == 0 ? nanos : nanos - most + dice.below(2 * most);
    }
}
