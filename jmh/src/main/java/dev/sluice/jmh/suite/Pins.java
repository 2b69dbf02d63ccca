// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.io.IOException;
import java.util.List;

/** Which processors the servers have, and which the clients. */
public record Pins(List<String> server, List<String> load, String told) {

    /** Servers get all but the last, clients the last, if there are two and {@code taskset}. */
    public static Pins find(int processors) throws InterruptedException {
        if (processors < 2) {
            return none("there is one processor");
        }
        if (!hasTaskset()) {
            return none("there is no taskset");
        }
        int last = processors - 1;
        String servers = last == 1 ? "0" : "0-" + (last - 1);
        return new Pins(
                List.of("taskset", "-c", servers),
                List.of("taskset", "-c", String.valueOf(last)),
                "servers on processor " + servers + ", clients on processor " + last + " (taskset)");
    }

    private static Pins none(String why) {
        return new Pins(
                List.of(),
                List.of(),
                "not pinned, since " + why + ": servers and clients take processors from each other");
    }

    private static boolean hasTaskset() throws InterruptedException {
        try {
            return new ProcessBuilder("taskset", "-c", "0", "true").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
