// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.AfterGoodbye;
import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.DuplexProtocol;
import dev.sluice.frame.Framer;
import dev.sluice.frame.Output;
import java.util.Set;

/** {@link HttpClientProtocol} for proxies: who sends and who receives hold each other back, and it is known who waits. */
final class BackendProtocol implements DuplexProtocol<HttpPart> {
    private static final Set<Trait> TRAITS = Set.of(
            Trait.BOUND_TO_READER,
            Trait.FRAMES_MAY_TAKE_LONG,
            Trait.READS_WHILE_UNSENT,
            Trait.RESETS_WHEN_CUT, // or a tunnel would look whole
            Trait.CONNECTS_WHILE_DRAINING);

    private final HttpClientProtocol protocol;

    BackendProtocol(HttpLimits limits) {
        this.protocol = HttpClientProtocol.streaming().withLimits(limits);
    }

    @Override
    public Set<Trait> traits() {
        return TRAITS;
    }

    @Override
    public Framer<HttpPart> newFramer(int maxFrameBytes) {
        return protocol.newFramer(maxFrameBytes);
    }

    @Override
    public void prepare(Framer<HttpPart> framer, Connection connection) {
        protocol.prepare(framer, connection);
    }

    @Override
    public void opened(Connection connection) {
        protocol.opened(connection);
    }

    @Override
    public void received(HttpPart part, Connection connection) throws Exception {
        protocol.received(part, connection);
    }

    @Override
    public void writable(Connection connection) {
        HttpCaller.of(connection).writable();
    }

    /** A response that doesn't come is the proxy's to judge, which knows how long it may take. */
    @Override
    public boolean endsIdle(Connection connection) {
        return HttpCaller.of(connection).unanswered() == 0;
    }

    @Override
    public AfterGoodbye draining(Connection connection) {
        return HttpCaller.of(connection).unanswered() == 0 ? AfterGoodbye.END_WHEN_IDLE : AfterGoodbye.WAIT_FOR_PEER;
    }

    /** What comes is no response, for instance: whoever waits is told now, and not when the backend has taken note of the end. */
    @Override
    public void refuse(Connection connection, CloseReason reason, Output out) throws Exception {
        HttpCaller.of(connection).closed(reason);
        connection.abort();
    }

    @Override
    public void closed(Connection connection, CloseReason reason) throws Exception {
        protocol.closed(connection, reason);
    }
}
