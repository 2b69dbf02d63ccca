// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.time.Duration;

/**
 * What has become of a backend, for pages and metrics. The figures are read one after the other while others go on counting.
 *
 * @param backend its description
 * @param state what is thought of it
 * @param inStateFor since when, as time that has passed
 * @param picked how many times it was picked
 * @param connected how many connections came to be
 * @param failed how many connects failed, and connections that failed early
 * @param active how many leases it has now
 * @param ejections how many times it was ejected
 * @param lastFailure what was said of its last failure, of a connection or of a check; null if there was none
 */
public record BackendStatus(
        Backend backend,
        BackendState state,
        Duration inStateFor,
        long picked,
        long connected,
        long failed,
        int active,
        int ejections,
        String lastFailure) {}
