// SPDX-License-Identifier: Apache-2.0
/**
 * What stands in front of a protocol on a connection, and says where it comes from or where it is to go: the header of the
 * PROXY protocol, which a proxy sends before the bytes of its client ({@link dev.sluice.prelude.ProxyHeader}), and the
 * first message of TLS, which names the host that it is meant for ({@link dev.sluice.prelude.ClientHello}).
 *
 * <p>Nothing here knows a connection: bytes in, values out. A PROXY header is consumed, since it is for the receiver; a
 * ClientHello is only looked at, since whoever ends the TLS needs all of its bytes. An endpoint that is to
 * read PROXY headers is made by {@code dev.sluice.Endpoint.withProxyProtocol}.
 *
 * <p>Addresses are read and written by {@link dev.sluice.prelude.IpText} and {@link dev.sluice.prelude.IpNetwork}, which
 * ask nobody for names.
 *
 * <p>Sources: <a href="https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt">The PROXY protocol, versions 1 and
 * 2</a>; RFC 8446 (TLS 1.3), RFC 6066 (server names), RFC 7301 (ALPN), RFC 8701 (GREASE), RFC 9849 (ECH).
 */
package dev.sluice.prelude;
