// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What this machine, this checkout and its JDKs call themselves. */
final class Surroundings {
    // The fields of the first line in /proc/stat, whose unit is always 10 ms where Linux runs on PCs (proc(5)).
    private static final int USER = 1;
    private static final int NICE = 2;
    private static final int SYSTEM = 3;
    private static final int IRQ = 6;
    private static final int SOFT_IRQ = 7;
    private static final int STOLEN = 8;

    // The fields of /proc/self/stat behind the name, which are in the same unit.
    private static final int CHILDREN_USER = 13;
    private static final int CHILDREN_SYSTEM = 14;

    private static final long NANOS_PER_TICK = 10_000_000;

    private static final String UNKNOWN = "unknown";

    private Surroundings() {}

    /** All processors, also those that this process may not use. */
    static int processors() throws IOException {
        return Math.max(1, cpuLines("processor").size());
    }

    static String machine() throws IOException {
        List<String> models = cpuLines("model name");
        return processors() + " processors, " + (models.isEmpty() ? System.getProperty("os.arch") : models.get(0));
    }

    private static List<String> cpuLines(String key) throws IOException {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.exists(cpuinfo)) {
            return List.of();
        }
        return Files.readAllLines(cpuinfo).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .toList();
    }

    static String kernel() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version");
    }

    static String ownJdk() {
        return System.getProperty("java.vm.vendor") + " " + Runtime.version();
    }

    /** What another JDK says of itself. */
    static String jdk(String java) throws InterruptedException {
        return said(java, "-version").lines().skip(1).findFirst().orElse(UNKNOWN);
    }

    /** The commit that is checked out, and whether files differ from it. */
    static String commit() throws InterruptedException {
        String commit = said("git", "rev-parse", "--short=12", "HEAD").strip();
        if (commit.isEmpty()) {
            return UNKNOWN;
        }
        String changes = said("git", "status", "--porcelain", "--untracked-files=no", "--", ":!docs");
        return changes.isBlank() ? commit : commit + " with changes";
    }

    /** Processor time of all processes since the machine started, what a host took from it included. */
    static long busyNanos() throws IOException {
        Path stat = Path.of("/proc/stat");
        if (!Files.exists(stat)) {
            return 0;
        }
        String[] ticks =
                Files.readString(stat).lines().findFirst().orElseThrow().split("\\s+");
        long busy = 0;
        for (int field : new int[] {USER, NICE, SYSTEM, IRQ, SOFT_IRQ, STOLEN}) {
            busy += Long.parseLong(ticks[field]);
        }
        return busy * NANOS_PER_TICK;
    }

    /** Processor time of children of this process that have ended, of which somebody has waited for the end. */
    static long endedChildrenNanos() throws IOException {
        Path stat = Path.of("/proc/self/stat");
        if (!Files.exists(stat)) {
            return 0;
        }
        String said = Files.readString(stat);
        String[] behindName = said.substring(said.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(behindName[CHILDREN_USER]) + Long.parseLong(behindName[CHILDREN_SYSTEM]))
                * NANOS_PER_TICK;
    }

    static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** How many descriptors a process may have. */
    static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    // What a program prints, or nothing if it isn't there or fails.
    private static String said(String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? said : "";
        } catch (IOException e) {
            return "";
        }
    }
}
