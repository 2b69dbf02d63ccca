// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.Output;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.prelude.ProxyHeaderFramer;

/** What an endpoint of proxies speaks before its protocol: one header, which says whose the bytes behind it are. */
final class ProxyPrelude implements DuplexProtocol<ProxyHeader> {
    private final ProxyProtocol policy;
    private final FrameLevel<?>[] behind; // of the endpoint's protocol, by Reader

    ProxyPrelude(ProxyProtocol policy, FrameLevel<?>[] behind) {
        this.policy = policy;
        this.behind = behind;
    }

    @Override
    public Framer<ProxyHeader> newFramer(int maxFrameBytes) {
        return new ProxyHeaderFramer(ProxyHeaderFramer.DEFAULT_HEADER_BYTES);
    }

    @Override
    public void opened(Connection connection) throws Exception {
        if (!policy.trusts(connection.remoteAddress())) {
            FrameException why = FrameException.malformed(0, "no proxy that is trusted with the PROXY protocol");
            SocketConnection c = (SocketConnection) connection;
            c.level().refuse(c, at -> new CloseReason.BadFrame(at, why));
        }
    }

    @Override
    public void received(ProxyHeader header, Connection connection) throws Exception {
        SocketConnection c = (SocketConnection) connection;
        c.proxied(header, behind[c.reader().index()]);
    }

    /** Who finds no room is told so in the words of the protocol, as proxies understand those too. */
    @Override
    public void refuse(Connection connection, CloseReason reason, Output out) throws Exception {
        if (reason instanceof CloseReason.Refused) {
            behind[connection.reader().index()].protocol.refuse(connection, reason, out);
        }
    }
}
