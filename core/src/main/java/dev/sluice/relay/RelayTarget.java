// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import dev.sluice.Connection;
import dev.sluice.outbound.SourceAddresses;
import dev.sluice.tls.ClientTls;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * Where a client's bytes go, and what is told of it. One that only has an address may be shared by all clients; one that
 * counts is made for each. All is called on the client's Reader: {@link #failed}, or else {@link #connected} if a connection
 * came to be, and {@link #ended}.
 */
public interface RelayTarget {
    /** The backend: as {@code Connector.connect} takes it. */
    SocketAddress address();

    /**
     * From which addresses and ports it is connected to, or null for those of the kernel's choice. Backends that are reached
     * from the same addresses share one object, and it is always the same.
     */
    default SourceAddresses sources() {
        return null;
    }

    /**
     * How the backend is spoken to in TLS, or null for in clear. The client's own TLS, if it has any, ends here either way. Backends
     * that are spoken to alike share one object, and it is always the same, for it has their sessions. It may be replaced by another
     * while the server runs; nothing of it is kept behind the last of its connections.
     */
    default ClientTls tls() {
        return null;
    }

    /**
     * What the backend is sent before all else, such as a PROXY header; null for nothing. It goes in clear, also where {@link #tls TLS}
     * follows. Asked once, before there is a connection.
     *
     * @param client the client's connection
     */
    default ByteBuffer opening(Connection client) throws Exception {
        return null;
    }

    /**
     * There is a connection to the backend, whose handshake is over if it has one, and nothing of the client's was sent yet.
     */
    default void connected(Connection upstream) throws Exception {}

    /**
     * There is no connection, or its handshake has failed, and nothing of the client's was sent. Whoever always says another target is asked again and
     * again, and at once where no connect can even begin: let there be an end to it.
     *
     * @return where to instead, or null if nowhere: the client's connection ends then
     */
    default RelayTarget failed(Throwable why) throws Exception {
        return null;
    }

    /** Both connections have ended, or the client's before there was another. Not called after {@link #failed}. */
    default void ended(RelayReport report) throws Exception {}

    /** One that has only an address. */
    static RelayTarget of(SocketAddress address) {
        return new AddressOnly(address);
    }
}
