// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The ways in which a stream is split. Each is a list of indexes, ascending, that ends with the length. */
final class Splits {
    /** Up to this length a stream is split at every index, and cut short there; longer ones at as many random ones. */
    static final int EVERY_INDEX = 512;

    private static final int EVERY_PAIR = 48;
    private static final int RANDOM_SPLITS = 50;

    private Splits() {}

    static void forEach(int length, Random random, Consumer<int[]> test) {
        test.accept(new int[] {length});
        test.accept(IntStream.rangeClosed(1, length).toArray());
        for (int at : indexes(length, random)) {
            test.accept(new int[] {at, length});
        }
        for (int i = 0; i < RANDOM_SPLITS && length > 1; i++) {
            test.accept(randomly(length, random));
        }
    }

    static void forEachPair(int length, Consumer<int[]> test) {
        if (length > EVERY_PAIR) {
            return;
        }
        for (int first = 1; first < length; first++) {
            for (int second = first + 1; second < length; second++) {
                test.accept(new int[] {first, second, length});
            }
        }
    }

    /** Where to split or cut short a stream: everywhere, or at random places of a long one. */
    static int[] indexes(int length, Random random) {
        return length <= EVERY_INDEX
                ? IntStream.range(1, length).toArray()
                : random.ints(EVERY_INDEX, 1, length).sorted().distinct().toArray();
    }

    static int[] randomly(int length, Random random) {
        int pieces = 1 + random.nextInt(Math.min(length, 12));
        return IntStream.concat(random.ints(pieces, 1, length), IntStream.of(length))
                .sorted()
                .distinct()
                .toArray();
    }
}
