// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.ListenerConfig;

/**
 * Where clients come from.
 *
 * @param at what other proxies have as well
 * @param tls its certificates
 */
record L7ListenerConfig(ListenerConfig at, TlsConfig tls) {}
