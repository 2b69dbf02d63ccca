// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import dev.sluice.Protocol;
import dev.sluice.TcpOptions;

/**
 * Protocols of a layer 4 proxy: what clients send goes to a backend and the other way round, byte for byte. Give one to a
 * server like any other:
 *
 * <pre>{@code
 * RelayTarget backend = RelayTarget.of(new InetSocketAddress("10.0.0.7", 6379));
 * Server server = Server.builder()
 *         .listen(Endpoint.parse("0.0.0.0:6379"), Relay.to(request -> backend))
 *         .start();
 * }</pre>
 *
 * <p><b>Back pressure</b> goes through: who doesn't read makes the other be read no more, once
 * {@link dev.sluice.Limits#highMark} is unsent. Up to 128 KiB more may be on their way then, so
 * {@link dev.sluice.Limits#outboundBytes} must leave room for them. <b>Ends</b> go through one direction at a time: a
 * client that ends its stream still gets what the backend sends. A reset goes through as a reset, and whatever else
 * cuts one side in the middle, such as a limit or the end of a drain, resets both, so that what was cut doesn't look
 * whole. A relay of which neither side has done anything for {@link dev.sluice.Deadlines#idle}, and has got all there
 * is for it, ends in order. An idle relay holds no buffer.
 *
 * <p>Both connections of a relay belong to one Reader and count against {@link dev.sluice.Limits#connections} as two. A
 * client for whose backend there is none left is let go, so have clients wait before that:
 * {@link dev.sluice.Endpoint#withConnections} with half as many. They end when the server's drain window is over, or
 * before, when their peers have ended. A protocol belongs to one server, whose endpoints may share it.
 */
public final class Relay {
    private Relay() {}

    /** Connects as soon as a client has come, before it has sent anything. */
    public static Protocol<?> to(RelayRouter router) {
        return to(router, TcpOptions.defaults());
    }

    /** The same with other options for the sockets of the backends' side. */
    public static Protocol<?> to(RelayRouter router, TcpOptions options) {
        return new RelayProtocol(router, false, options);
    }

    /**
     * Reads the ClientHello of TLS first, which is within {@link dev.sluice.Deadlines#firstByte} and {@link
     * dev.sluice.Deadlines#frame}, takes up to 64 KiB or {@link dev.sluice.Limits#frameBytes}, and goes on to the backend
     * untouched: TLS is passed through, not opened. A client that sends anything else is told so by an alert.
     */
    public static Protocol<?> byHello(RelayRouter router) {
        return byHello(router, TcpOptions.defaults());
    }

    /** The same with other options for the sockets of the backends' side. */
    public static Protocol<?> byHello(RelayRouter router, TcpOptions options) {
        return new RelayProtocol(router, true, options);
    }
}
