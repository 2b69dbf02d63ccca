// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Who serves: where it listens, and the processes that work for it. */
record Arrangement(String name, int port, List<Process> processes) {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on all of today's Linux

    /** Processor time of all of them, user's and system's, in seconds. */
    double cpuSeconds() throws IOException {
        double sum = 0;
        for (Process process : processes) {
            String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
            // The 14th and 15th field; the second may have spaces in it.
            String[] behindName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            sum += (Long.parseLong(behindName[11]) + Long.parseLong(behindName[12])) / TICKS_PER_SECOND;
        }
        return sum;
    }
}
