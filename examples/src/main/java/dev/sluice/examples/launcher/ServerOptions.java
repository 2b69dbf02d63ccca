// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.ProxyProtocol;
import dev.sluice.Server;
import dev.sluice.Topology;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** What every server of the launcher can be told, and how it is started and stopped with that. */
public final class ServerOptions {
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Name or address to listen on (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port to listen on; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            converter = EndpointConverter.class,
            description = "Where to listen, instead of --host and --port: tcp://HOST:PORT, also tcp://*:7000 and"
                    + " tcp://[::1]:7000, unix:PATH, or inherited: for the socket that this process is started with."
                    + " Settings may follow, as in unix:x.sock?backlog=100&permissions=rw-rw----.")
    private Endpoint listen;

    @Option(
            names = "--topology",
            paramLabel = "NAME",
            converter = TopologyName.Converter.class,
            description =
                    "Which threads accept, read and handle: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private TopologyName topology;

    @Option(
            names = "--readers",
            paramLabel = "N",
            description = "Reading threads, 1 to 1024; not for single (default: processors, here ${DEFAULT-VALUE}).")
    private int readers = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "Connections held at once; others wait to be accepted (default: ${DEFAULT-VALUE}).")
    private int maxConnections = Limits.defaults().connections();

    /** Whether clients come through proxies that say whose each connection is. */
    enum ProxyProtocolMode {
        off,
        required
    }

    @Option(
            names = "--proxy-protocol",
            paramLabel = "MODE",
            description = "Whether each connection begins with a header of the PROXY protocol:"
                    + " ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private ProxyProtocolMode proxyProtocol = ProxyProtocolMode.off;

    @Option(
            names = "--trusted",
            paramLabel = "NETWORK",
            split = ",",
            description = "Where proxies may come from with --proxy-protocol, as in 10.0.0.0/8,::1"
                    + " (default: ${DEFAULT-VALUE}).")
    private String[] trusted = {"127.0.0.0/8", "::1"};

    @Mixin
    private final TlsOptions tls = new TlsOptions();

    private Executor workers; // null unless somebody has said where handlers run

    private Runnable whenStopped = () -> {};

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Options with a default port, and a loop that accepts beside those that read. */
    public ServerOptions(int defaultPort) {
        this(defaultPort, TopologyName.ACCEPTOR_READERS);
    }

    /** Options with a default port and topology. */
    public ServerOptions(int defaultPort, TopologyName defaultTopology) {
        port = defaultPort;
        topology = defaultTopology;
    }

    /**
     * Starts a server, and sees to it that SIGTERM and SIGINT stop it.
     *
     * @param example given the endpoint, makes the server
     * @throws IllegalArgumentException if an option is out of its range
     * @throws IOException if the address can't be listened on
     */
    public Server start(Function<Endpoint, Server.Builder> example) throws IOException {
        if (readers < 1 || readers > 1024) { // also where the topology has no use for them
            throw new IllegalArgumentException("topology.readers: " + readers + " is not within 1 to 1024");
        }
        Endpoint endpoint = endpoint();
        if (proxyProtocol == ProxyProtocolMode.required) {
            endpoint = endpoint.withProxyProtocol(ProxyProtocol.requiredFrom(trusted));
        }
        Server server = example.apply(tls.on(endpoint))
                .topology(workers == null ? topology.topology(readers) : Topology.workers(readers, workers))
                .limits(Limits.defaults().withConnections(maxConnections))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndHalt(server), "stop"));
        return server;
    }

    /** The server speaks TLS, or isn't started. */
    void requireTls() {
        tls.require(Endpoint::withTls);
    }

    /** The server can go over to TLS, or isn't started. */
    void requireStartTls() {
        tls.require(Endpoint::withStartTls);
    }

    /** The server doesn't end TLS, and that is why. */
    void refuseTls(String why) {
        tls.refuse(why);
    }

    /** Handlers run there, whatever {@code --topology} says. */
    void workers(Executor executor) {
        workers = executor;
    }

    /** Does something once the server has stopped after a signal, before the process ends. */
    void whenStopped(Runnable action) {
        whenStopped = action;
    }

    private Endpoint endpoint() {
        ParseResult given = command.commandLine().getParseResult();
        if (listen == null) {
            return Endpoint.tcp(host, port);
        }
        if (given.hasMatchedOption("--host") || given.hasMatchedOption("--port")) {
            throw new ParameterException(
                    command.commandLine(), "--listen says where to listen already: leave --host and --port out");
        }
        return listen;
    }

    /** Reads an endpoint's text. */
    static final class EndpointConverter implements ITypeConverter<Endpoint> {
        @Override
        public Endpoint convert(String text) {
            try {
                return Endpoint.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    // After a signal the JVM would exit with 128 and the signal's number, whatever its hooks did. Halting here tells
    // that everything ended in order.
    private void stopAndHalt(Server server) {
        int status = 1;
        try {
            server.stop(GRACE);
            whenStopped.run();
            status = 0;
        } catch (InterruptedException e) {
            System.err.println("interrupted while stopping");
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }
}
