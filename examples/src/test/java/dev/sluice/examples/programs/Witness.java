// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Connection;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpRequest;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.tls.TlsInfo;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers as a server behind a proxy, and keeps what it has seen of each request. */
final class Witness {
    static final String ANSWER = "seen";

    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    /** A request and its connection; what isn't there is null. */
    record Seen(
            SocketAddress client,
            ProxyHeader header,
            TlsInfo tls,
            String host,
            String forwardedFor,
            String forwardedProto) {}

    void answer(HttpRequest request, HttpReply reply) {
        Connection connection = reply.connection();
        seen.add(new Seen(
                connection.remoteAddress(),
                connection.proxyHeader(),
                connection.tlsInfo(),
                request.field("Host"),
                request.field("X-Forwarded-For"),
                request.field("X-Forwarded-Proto")));
        reply.send("text/plain", ANSWER);
    }

    /** The only request that has come. */
    Seen only() {
        assertEquals(1, seen.size(), seen::toString);
        return seen.get(0);
    }

    List<Seen> all() {
        return seen;
    }

    void hasSeenNothing() {
        assertTrue(seen.isEmpty(), seen::toString);
    }
}
