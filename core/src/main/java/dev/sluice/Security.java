// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.TlsConnection.Phase;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.ServerTls;

/**
 * How the connections of a frame level are encrypted, on one of the two sides.
 *
 * @param server null on a client's side
 * @param client null on a server's side
 * @param first where a connection begins
 * @param onCommand whether they are until their protocol wants it otherwise in clear
 */
record Security(ServerTls server, ClientTls client, Phase first, boolean onCommand) {

    /** On the server's side; null without TLS. */
    static Security of(Endpoint endpoint) {
        if (endpoint.tls() == null) {
            return null;
        }
        Phase first =
                switch (endpoint.tlsStart()) {
                    case AT_ONCE -> Phase.HELLO;
                    case IF_CLIENT_DOES -> Phase.SNIFF;
                    case ON_COMMAND -> Phase.IN_CLEAR;
                };
        return new Security(endpoint.tls(), null, first, first == Phase.IN_CLEAR);
    }

    /** On the client's side; null without TLS. */
    static Security of(ClientTls client, boolean onCommand) {
        Phase first = onCommand ? Phase.IN_CLEAR : Phase.HANDSHAKE;
        return client == null ? null : new Security(null, client, first, onCommand);
    }

    /** The same where something else comes first, in clear. */
    Security behindClear() {
        return new Security(server, client, Phase.IN_CLEAR, onCommand);
    }
}
