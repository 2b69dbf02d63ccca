// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/** What {@link Upstream#pick} has found: a {@link Lease} of a backend, or {@link NoBackend}. */
public sealed interface Pick permits Lease, NoBackend {}
