// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

/**
 * One server behind the proxy.
 *
 * @param name in logs and metrics; its address unless given
 * @param address of the server
 * @param weight its share beside the others, 0 to 256; 0 gets no new connections
 */
public record BackendConfig(String name, HostPort address, int weight) {}
