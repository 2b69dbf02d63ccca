// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** How an accepting loop picks the Reader of a new connection. */
public enum ReaderChoice {
    /** One after the other. Even if connections are alike. */
    ROUND_ROBIN,
    /** The one that holds fewest connections. Even after uneven leaving; looks at every Reader. */
    FEWEST_CONNECTIONS,
    /** The one that holds fewer of two taken at random. Nearly as even, at the same cost however many Readers there are. */
    TWO_RANDOM_CHOICES,
    /** By the client's address, so that all connections of one client share a Reader. Uneven if clients are few. */
    SOURCE_ADDRESS;

    /** Picks for one accepting loop, on its thread. */
    interface Picker {
        Reader pick(SocketAddress remote);
    }

    Picker picker(Reader[] readers, RandomGenerator random) {
        if (readers.length == 1) {
            return remote -> readers[0];
        }
        return switch (this) {
            case ROUND_ROBIN -> new RoundRobin(readers);
            case FEWEST_CONNECTIONS -> remote -> fewest(readers);
            case TWO_RANDOM_CHOICES -> remote -> fewerOfTwo(readers, random);
            case SOURCE_ADDRESS -> remote -> readers[Math.floorMod(hash(remote), readers.length)];
        };
    }

    private static Reader fewest(Reader[] readers) {
        Reader best = readers[0];
        for (Reader reader : readers) {
            if (reader.connections() < best.connections()) {
                best = reader;
            }
        }
        return best;
    }

    private static Reader fewerOfTwo(Reader[] readers, RandomGenerator random) {
        int first = random.nextInt(readers.length);
        int second = random.nextInt(readers.length - 1);
        Reader one = readers[first];
        Reader other = readers[second < first ? second : second + 1];
        return other.connections() < one.connections() ? other : one;
    }

    // The same from run to run and on every JDK, so that a client finds the same Reader again.
    private static int hash(SocketAddress remote) {
        int h = remote instanceof InetSocketAddress inet
                ? Arrays.hashCode(inet.getAddress().getAddress())
                : 0;
        h ^= h >>> 16;
        h *= 0x85ebca6b;
        h ^= h >>> 13;
        h *= 0xc2b2ae35;
        return h ^ (h >>> 16);
    }

    private static final class RoundRobin implements Picker {
        private final Reader[] readers;
        private int next;

        RoundRobin(Reader[] readers) {
            this.readers = readers;
        }

        @Override
        public Reader pick(SocketAddress remote) {
            Reader reader = readers[next];
            next = next + 1 == readers.length ? 0 : next + 1;
            return reader;
        }
    }
}
