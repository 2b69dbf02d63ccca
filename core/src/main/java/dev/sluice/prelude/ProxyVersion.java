// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

/** How a {@link ProxyHeader} is written. */
public enum ProxyVersion {
    /** A line of text: addresses of TCP over IPv4 or IPv6, or that they are unknown. */
    V1,
    /** A binary block: addresses of IP and Unix domain sockets, of streams and datagrams, and anything else as TLVs. */
    V2
}
