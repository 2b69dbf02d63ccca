// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.tls.ClientTls;
import dev.sluice.tls.ServerTls;

/**
 * How the connections of a frame level are encrypted, on one of the two sides.
 *
 * @param server null on a client's side
 * @param client null on a server's side
 * @param first where a connection begins
 */
record Security(ServerTls server, ClientTls client, TlsConnection.Phase first) {

    static Security of(ServerTls server) {
        return server == null ? null : new Security(server, null, TlsConnection.Phase.HELLO);
    }

    static Security of(ClientTls client) {
        return client == null ? null : new Security(null, client, TlsConnection.Phase.HANDSHAKE);
    }

    /** The same where something else comes first, in clear. */
    Security behindClear() {
        return new Security(server, client, TlsConnection.Phase.IN_CLEAR);
    }
}
