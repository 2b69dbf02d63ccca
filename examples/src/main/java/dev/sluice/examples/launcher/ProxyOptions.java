// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What both proxies can be told. */
final class ProxyOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "All that the proxy does, instead of the options below.")
    Path config;

    @Option(
            names = "--backend",
            paramLabel = "HOST:PORT",
            description = "Whom to pass on to; may be given several times.")
    List<String> backends = List.of();

    @Option(names = "--host", paramLabel = "HOST", description = "Where to listen (default: ${DEFAULT-VALUE}).")
    String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Where to listen; 0 takes a free port (default: ${DEFAULT-VALUE}).")
    int port;

    @Option(
            names = "--topology",
            paramLabel = "NAME",
            description = "single, acceptor-readers or reuse-port (default: ${DEFAULT-VALUE}).")
    String topology = "acceptor-readers";

    @Option(
            names = "--readers",
            paramLabel = "N",
            description = "Reading threads, 1 to 1024; not for single (default: processors, here ${DEFAULT-VALUE}).")
    int readers = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "Connections held at once, of both sides together (default: ${DEFAULT-VALUE}).")
    int maxConnections = 100_000;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "Where /, /metrics and /health are (default: nowhere).")
    String admin;

    /** Options with a default port. */
    ProxyOptions(int defaultPort) {
        port = defaultPort;
    }

    /** Where to listen, with brackets where there are to be some. */
    String address() {
        return (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
    }
}
