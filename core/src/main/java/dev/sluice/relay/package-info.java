// SPDX-License-Identifier: Apache-2.0
/**
 * Standing in the middle: relays between clients and backends on layer 4, with TLS passed through unopened and routed by the
 * name that its first message says.
 */
package dev.sluice.relay;
