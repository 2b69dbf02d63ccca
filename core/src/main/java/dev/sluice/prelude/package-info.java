// SPDX-License-Identifier: Apache-2.0
/**
 * What stands in front of a protocol on a connection and says where it comes from: the header of the PROXY protocol, which a
 * proxy sends before the bytes of its client ({@link dev.sluice.prelude.ProxyHeader}). Nothing here knows a connection: bytes
 * in, values out.
 *
 * <p>Source: <a href="https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt">The PROXY protocol, versions 1 and
 * 2</a>.
 */
package dev.sluice.prelude;
