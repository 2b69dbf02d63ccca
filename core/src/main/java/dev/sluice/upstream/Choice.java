// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/** What a {@link Balancer} does. Any thread, without a lock. */
interface Choice {
    /** None {@link View#mayPick may be picked}. */
    int NONE = -1;

    /** The index of one that {@linkplain View#mayPick may be picked}, or {@link #NONE}. */
    int choose(View view, long key, Lease tried, long now);

    /** Whether the key means something; else any will do. */
    default boolean heedsKeys() {
        return false;
    }

    /** A view is about to take the place of another. One thread at a time. */
    default void changing(View to) {}

    static Choice of(Balancer balancer, long seed) {
        return switch (balancer) {
            case ROUND_ROBIN -> new RoundRobin(false);
            case FEWEST_CONNECTIONS -> new RoundRobin(true);
            case TWO_RANDOM_CHOICES -> new TwoRandomChoices(new Dice(seed));
            case SOURCE_HASH, MAGLEV -> new ByKey();
        };
    }

    /** Below 0 if {@code a} connections at weight {@code weightA} are fewer than {@code b} at theirs, 0 if they are the same. */
    static long compare(int a, int weightA, int b, int weightB) {
        return (long) a * weightB - (long) b * weightA;
    }
}
