// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import dev.sluice.jmh.Program;
import java.util.List;

/** Who serves: where it listens, and the processes that work for it. */
record Arrangement(String name, int port, List<Program> programs) {

    /** Processor time of all of them, user's and system's, in seconds. */
    double cpuSeconds() {
        return programs.stream().mapToLong(Program::cpuNanos).sum() / 1e9;
    }
}
