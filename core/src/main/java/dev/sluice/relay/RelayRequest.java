// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import dev.sluice.Connection;
import dev.sluice.prelude.ClientHello;

/**
 * A client that is to be relayed.
 *
 * @param client its connection, which is paused until it has a backend; it has the client's address, also behind a proxy
 *     that sends the PROXY protocol, and ours. Its attachment is the relay's own
 * @param hello what it has said in clear at the beginning of TLS, and the backend will read too; null unless the protocol is
 *     {@link Relay#byHello}
 */
public record RelayRequest(Connection client, ClientHello hello) {}
