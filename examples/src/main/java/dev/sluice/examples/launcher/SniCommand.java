// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Server;
import dev.sluice.examples.Sni;
import dev.sluice.examples.proxy.HostPattern;
import dev.sluice.examples.proxy.Readings;
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
        routes.forEach((name, address) -> backends.put(name(name), address(name, address)));
        options.refuseTls("TLS is passed on unopened here, and its certificates are the backends'; l4 opens it");
        Server server = options.start(endpoint -> Sni.server(endpoint, backends));
        System.out.println("listening on " + server.listeners().get(0));
        return 0;
    }

    /** As ClientHellos are read: in small letters. */
    private static String name(String text) {
        HostPattern host;
        try {
            host = HostPattern.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--route: " + e.getMessage(), e);
        }
        if (host.below()) {
            throw new IllegalArgumentException(
                    "--route: \"" + host + "\" stands for many names, which l4 has routes for; here each is named");
        }
        return host.name();
    }

    private static InetSocketAddress address(String name, String text) {
        try {
            return Readings.peerAddress(text).toPeer();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--route " + name + ": " + e.getMessage(), e);
        }
    }
}
