// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import java.net.InetSocketAddress;
import java.util.List;

/** The ranges of one IP version, with all their ports in one line: each has an index. */
final class PortList {
    private static final int MOST_NAMED = 4;

    final List<PortRange> ranges;
    private final int[] starts; // where each range begins; behind the last, where that ends

    PortList(List<PortRange> ranges) {
        this.ranges = ranges;
        this.starts = new int[ranges.size() + 1];
        for (int i = 0; i < ranges.size(); i++) {
            starts[i + 1] = starts[i] + ranges.get(i).size();
        }
    }

    /** How many ports there are. */
    int size() {
        return starts[ranges.size()];
    }

    /** The index of the first port of a range. */
    int start(int range) {
        return starts[range];
    }

    int rangeOf(int index) {
        int range = 0;
        while (index >= starts[range + 1]) {
            range++;
        }
        return range;
    }

    InetSocketAddress at(int index) {
        int range = rangeOf(index);
        PortRange of = ranges.get(range);
        return new InetSocketAddress(of.address(), of.first() + index - starts[range]);
    }

    /** The index of an address and port, or -1. */
    int indexOf(InetSocketAddress local) {
        int port = local.getPort();
        for (int i = 0; i < ranges.size(); i++) {
            PortRange range = ranges.get(i);
            if (port >= range.first() && port <= range.last() && range.address().equals(local.getAddress())) {
                return starts[i] + port - range.first();
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(MOST_NAMED, ranges.size()); i++) {
            text.append(i == 0 ? "" : ", ").append(ranges.get(i));
        }
        return ranges.size() <= MOST_NAMED
                ? text.toString()
                : text + " and " + (ranges.size() - MOST_NAMED) + " more ranges";
    }
}
