// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayTarget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;

/**
 * Passes TLS on to the backend of the name that the client asks for, without opening it: client and backend agree on their
 * keys, and the client sees the backend's own certificate. Try it with {@code curl --resolve}.
 */
public final class Sni {
    private Sni() {}

    // snippet: router
    /** A router, still to be started; who asks for another name, or for none, is refused. */
    public static Server.Builder server(Endpoint endpoint, Map<String, InetSocketAddress> backends) {
        return Server.builder().listen(endpoint, Relay.byHello(request -> {
            String name = request.hello().serverName();
            InetSocketAddress backend = name == null ? null : backends.get(name);
            return backend == null ? null : RelayTarget.of(backend);
        }));
    }
    // end snippet

    /** Listens on the port that is the first argument. The others are pairs, a name and where its backend is: HOST PORT. */
    public static void main(String[] args) throws IOException {
        Map<String, InetSocketAddress> backends = new TreeMap<>();
        for (int i = 1; i < args.length; i += 3) {
            backends.put(args[i], new InetSocketAddress(args[i + 1], Integer.parseInt(args[i + 2])));
        }
        Server server = server(Endpoint.tcp("127.0.0.1", Integer.parseInt(args[0])), backends)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // SIGTERM and SIGINT: what is owed is sent
        System.out.println("listening on " + server.listeners().get(0));
    }
}
