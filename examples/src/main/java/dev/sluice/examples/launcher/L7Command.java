// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.examples.l7.L7;
import dev.sluice.examples.l7.L7Flags;
import dev.sluice.examples.proxy.ProxyProgram;
import java.io.IOException;
import java.nio.file.Path;
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
            "Passes HTTP requests on to backends over connections that clients share: a reverse proxy of layer 7.",
            "By a file (see docs/l7-configuration.md), which SIGHUP reads again, or for one upstream by options."
        })
public final class L7Command implements Callable<Integer> {
    @Mixin
    private final ProxyOptions options = new ProxyOptions(7008);

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description =
                    "Speaks TLS, with the certificate and those of its issuers in this file, in PEM. SIGHUP has it read"
                            + " again. The example certs makes some to throw away.")
    private String certificates;

    @Option(names = "--key", paramLabel = "FILE", description = "The key of that certificate, in PEM.")
    private String key;

    @Option(
            names = "--pool",
            paramLabel = "N",
            description = "Connections to backends at once, 1 to 1000000 (default: ${DEFAULT-VALUE}).")
    private int pool = 1024;

    @Option(names = "--access-log", paramLabel = "FILE", description = "Appends a line for each request to this file.")
    private String accessLog;

    @Spec
    private CommandSpec spec;

    /** With nothing said yet. */
    public L7Command() {}

    @Override
    public Integer call() throws IOException {
        return ProxyRun.start(spec, options, L7::start, this::byOptions);
    }

    private ProxyProgram byOptions() throws IOException {
        return L7.start(new L7Flags(
                options.address(),
                certificates,
                key,
                options.backends,
                pool,
                options.topology,
                options.readers,
                options.maxConnections,
                options.admin,
                accessLog));
    }

    /** Says what is wrong in a file. */
    @Command(name = "check", description = "Says \"ok\", or all that is wrong in a file, and ends; status 1 if it is.")
    int check(@Parameters(paramLabel = "FILE", description = "The configuration.") Path file) throws IOException {
        return ProxyRun.check(spec, () -> L7.check(file));
    }
}
