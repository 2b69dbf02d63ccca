// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/** Why there is no backend to pick. */
public enum NoBackend implements Pick {
    /** The upstream has none. */
    EMPTY,
    /** Each is down, ejected, or in probation and on trial already. */
    ALL_DOWN,
    /** Each that may be used, and was not tried yet, has as many connections as {@link Backend#connections} allows. */
    AT_LIMIT,
    /** Each that may be used was tried before. */
    ALL_TRIED
}
