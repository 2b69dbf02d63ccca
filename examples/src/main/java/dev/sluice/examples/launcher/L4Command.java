// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.examples.l4.L4;
import dev.sluice.examples.l4.L4Flags;
import dev.sluice.examples.proxy.ProxyProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the proxy. It returns once that listens; the proxy's threads keep the process alive. */
@Command(
        description = {
            "Passes connections on to backends, byte for byte: a proxy and load balancer of layer 4.",
            "By a file (see docs/l4-configuration.md), which SIGHUP reads again, or for one upstream by options."
        })
public final class L4Command implements Callable<Integer> {
    enum SendProxy {
        off,
        v1,
        v2
    }

    @Mixin
    private final ProxyOptions options = new ProxyOptions(7006);

    @Option(
            names = "--send-proxy",
            paramLabel = "VERSION",
            description = "Tells backends the client's address by the PROXY protocol: ${COMPLETION-CANDIDATES}"
                    + " (default: ${DEFAULT-VALUE}).")
    private SendProxy sendProxy = SendProxy.off;

    @Option(
            names = "--proxy-protocol",
            paramLabel = "MODE",
            description = "Whether each connection begins with a header of the PROXY protocol:"
                    + " ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private ServerOptions.ProxyProtocolMode proxyProtocol = ServerOptions.ProxyProtocolMode.off;

    @Option(
            names = "--trusted",
            paramLabel = "NETWORK",
            split = ",",
            description = "Where proxies may come from with --proxy-protocol (default: ${DEFAULT-VALUE}).")
    private String[] trusted = {"127.0.0.0/8", "::1"};

    @Option(names = "--access-log", paramLabel = "FILE", description = "Appends a line for each relay to this file.")
    private String accessLog;

    @Spec
    private CommandSpec spec;

    /** With nothing said yet. */
    public L4Command() {}

    @Override
    public Integer call() throws IOException {
        return ProxyRun.start(spec, options, L4::start, this::byOptions);
    }

    private ProxyProgram byOptions() throws IOException {
        boolean required = proxyProtocol == ServerOptions.ProxyProtocolMode.required;
        return L4.start(new L4Flags(
                options.address(),
                options.backends,
                sendProxy.name(),
                required ? List.of(trusted) : List.of(),
                options.topology,
                options.readers,
                options.maxConnections,
                options.admin,
                accessLog));
    }

    /** Says what is wrong in a file. */
    @Command(name = "check", description = "Says \"ok\", or all that is wrong in a file, and ends; status 1 if it is.")
    int check(@Parameters(paramLabel = "FILE", description = "The configuration.") Path file) throws IOException {
        return ProxyRun.check(spec, () -> L4.check(file));
    }
}
