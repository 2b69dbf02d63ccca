// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/**
 * How an {@link Upstream} picks among the backends that may be used. All heed weights, a weight that still rises after a
 * backend has come, limits of connections, and what was tried before; {@code docs/balancing.md} compares them by figures.
 */
public enum Balancer {
    /**
     * In turn: each gets its share in each round, and those of great weight are spread over the round instead of getting
     * their share in one go ("smooth weighted round robin"). Knows nothing of how long connections last.
     */
    ROUND_ROBIN,

    /**
     * The one with the fewest connections for its weight; those that have equally few take turns. For connections that
     * last; looks at all backends for each pick. If several proxies balance for the same backends, they all choose the
     * same one at the same time.
     */
    FEWEST_CONNECTIONS,

    /**
     * Of two that are drawn by weight, the one with fewer connections for its weight. Nearly as even as
     * {@link #FEWEST_CONNECTIONS}, costs the same however many backends there are, and several proxies don't follow each other.
     */
    TWO_RANDOM_CHOICES,

    /**
     * By the key alone, as long as neither the list nor the weights change; then up to half of the keys go elsewhere. A backend
     * that is down moves its own keys only.
     */
    SOURCE_HASH,

    /**
     * By the key alone, and a list that changes moves few keys besides those it has to: consistent hashing by the table of
     * Maglev (Eisenbud et al., NSDI 2016, 3.4). Several proxies with the same list, in any order, agree.
     */
    MAGLEV
}
