// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/** What an {@link Upstream} thinks of a backend. */
public enum BackendState {
    /** It is used by its full weight. */
    UP,
    /** It is used by a weight that still rises: see {@link Upstream.Builder#slowStart}. */
    STARTING,
    /** It has failed too often and is not used for a while. */
    EJECTED,
    /** It was ejected, and one connection at a time tries it. */
    PROBATION,
    /** Checks say that it doesn't work. */
    DOWN,
    /** It is no longer in the list, and still has connections. */
    LEAVING
}
