// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.time.Duration;

/** What the loops of a server or a connector are made from, while it is being configured. */
final class Settings {
    String name;
    Limits limits = Limits.defaults();
    Deadlines deadlines = Deadlines.defaults();
    MemoryBudget budget = MemoryBudget.ofProcess();
    Environment environment = Environment.system();
    Duration blockedAfter = Duration.ofSeconds(1);
    boolean poisonBuffers;
    Duration rebalance; // null: never

    Settings(String name) {
        this.name = name;
    }

    /** Throws an exception that names the first value that is missing or out of its range. */
    void check() {
        Check.present("name", name);
        Check.present("limits", limits).check();
        Check.present("deadlines", deadlines).check();
        Check.present("budget", budget);
        Check.present("environment", environment);
        if (rebalance != null) {
            Check.range("rebalance", rebalance, Duration.ofMillis(10), Duration.ofHours(1));
        }
        Check.present("blockedAfter", blockedAfter);
        if (!blockedAfter.isZero()
                && (blockedAfter.compareTo(Duration.ofMillis(1)) < 0
                        || blockedAfter.compareTo(Duration.ofHours(1)) > 0)) {
            throw new IllegalArgumentException(
                    "blockedAfter: " + blockedAfter + " is neither zero nor within PT0.001S to PT1H");
        }
    }
}
