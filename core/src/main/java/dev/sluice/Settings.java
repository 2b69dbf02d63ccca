// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/** What the loops of a server or a connector are made from, while it is being configured. */
final class Settings {
    String name;
    Limits limits = Limits.defaults();
    Deadlines deadlines = Deadlines.defaults();
    MemoryBudget budget = MemoryBudget.ofProcess();
    Environment environment = Environment.system();
    boolean poisonBuffers;

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
    }
}
