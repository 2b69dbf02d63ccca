// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Server;
import dev.sluice.examples.Sni;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the router of TLS by name. */
@Command(description = "Passes TLS on, unopened, to the backend of the name that is asked for.")
public final class SniCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions(7443);

    @Option(
            names = "--route",
            paramLabel = "NAME=HOST:PORT",
            required = true,
            description = "Where TLS for a name goes, as in a.example=10.0.0.7:443. May be given several times.")
    private final Map<String, String> routes = new TreeMap<>();

    @Override
    public Integer call() throws IOException {
        Map<String, InetSocketAddress> backends = new TreeMap<>();
        routes.forEach((name, address) -> backends.put(name, address(name, address)));
        Server server = options.start(endpoint -> Sni.server(endpoint, backends));
        System.out.println("listening on " + server.listeners().get(0));
        return 0;
    }

    private static InetSocketAddress address(String name, String text) {
        int colon = text.lastIndexOf(':');
        try {
            return InetSocketAddress.createUnresolved(
                    text.substring(0, Math.max(colon, 0)).replaceAll("^\\[(.*)]$", "$1"),
                    Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--route " + name + "=" + text + ": a host and a port are needed, as in 10.0.0.7:443", e);
        }
    }
}
