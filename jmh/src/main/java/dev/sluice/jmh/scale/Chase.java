// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.util.SplittableRandom;

/**
 * The control for times: as many objects as the connections have, of the same mean size, and a walk from object to object
 * through those of one connection drawn at random. No program is in it, so what it costs more among very many is the
 * memory's latency. Where the collector has put a connection's objects isn't known, so it is done both ways.
 */
final class Chase {
    private static final int NODE_BYTES = 40;

    private final Node[] first;
    private final int length;
    private final SplittableRandom random = new SplittableRandom(1);

    private static final class Node {
        private Node next;
        private long value = 1; // the other two fill it up
        private long second;
        private long third;

        private long sum() {
            return value + second + third;
        }
    }

    /**
     * For {@code connections} of so many bytes each.
     *
     * @param scattered whether the objects of one connection lie far from each other, or side by side
     */
    Chase(int connections, long bytes, boolean scattered) {
        first = new Node[connections];
        length = (int) Math.max(1, bytes / NODE_BYTES);
        int all = connections * length;
        for (int i = 0; i < all; i++) {
            int connection = scattered ? i % connections : i / length;
            Node node = new Node();
            node.next = first[connection];
            first[connection] = node;
        }
    }

    /** Walks through {@code walks} of them; returns the number of objects visited. */
    long walk(int walks) {
        long sum = 0;
        for (int i = 0; i < walks; i++) {
            for (Node node = first[random.nextInt(first.length)]; node != null; node = node.next) {
                sum += node.sum();
            }
        }
        return sum;
    }

    int length() {
        return length;
    }
}
