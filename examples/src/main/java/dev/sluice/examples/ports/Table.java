// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.ports;

import java.net.InetSocketAddress;
import java.util.Locale;

/** Prints a row for each pair of source and destination: how many connections came to be, and why not one more. */
final class Table {
    private static final String ROW = "%-42s  %-21s  %-15s  %7s  %s%n";

    private final int ports;
    private int reached;

    Table(String title, int ports) {
        this.ports = ports;
        System.out.println(title);
        System.out.printf(ROW, "", "from", "to", "reached", "one more is refused with");
    }

    void row(String what, Caller caller, InetSocketAddress to) throws InterruptedException {
        int opened = caller.open(to, ports + 1);
        String target = to.getHostString() + ":" + to.getPort();
        System.out.printf(ROW, what, caller.from(), target, text(opened), caller.refusal());
        reached += opened;
    }

    void sum() {
        System.out.println(text(reached) + " connections are held\n");
    }

    private static String text(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
