// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.UpstreamConfig;

/**
 * Backends that do the same.
 *
 * @param at what other proxies have as well
 * @param pool the connections to them
 */
record L7UpstreamConfig(UpstreamConfig at, PoolConfig pool) {}
