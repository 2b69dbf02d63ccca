// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.examples.proxy.ProxyProgram;
import dev.sluice.examples.proxy.WrongFile;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** How the commands of proxies run. */
final class ProxyRun {
    private ProxyRun() {}

    /** Starts a proxy by its file. */
    @FunctionalInterface
    interface ByFile {
        ProxyProgram start(Path file) throws WrongFile, IOException;
    }

    /** Starts a proxy by what its options say. */
    @FunctionalInterface
    interface ByOptions {
        ProxyProgram start() throws IOException;
    }

    /** Looks at a file. */
    @FunctionalInterface
    interface Look {
        void look() throws WrongFile, IOException;
    }

    /** Starts it and says where it is; SIGHUP has its files read again, SIGTERM ends it in order. Returns a status. */
    static int start(CommandSpec spec, ProxyOptions options, ByFile byFile, ByOptions byOptions) throws IOException {
        ProxyProgram proxy;
        try {
            proxy = options.config != null ? alone(spec, options, byFile) : toBackends(spec, options, byOptions);
        } catch (WrongFile e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndHalt(proxy), "stop"));
        if (proxy.hasFiles()) {
            HangupSignal.handle(proxy::reload);
        }
        proxy.listeners().forEach(address -> System.out.println("listening on " + address));
        if (proxy.pages() != null) {
            System.out.println("pages at http://" + proxy.pages() + "/");
        }
        return 0;
    }

    /** Says {@code ok}, or all that is wrong. Returns a status. */
    static int check(CommandSpec spec, Look look) throws IOException {
        try {
            look.look();
        } catch (WrongFile e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
        System.out.println("ok");
        return 0;
    }

    private static ProxyProgram alone(CommandSpec spec, ProxyOptions options, ByFile byFile)
            throws WrongFile, IOException {
        if (spec.commandLine().getParseResult().matchedOptions().size() > 1) {
            throw new ParameterException(spec.commandLine(), "--config says all: leave the other options out");
        }
        return byFile.start(options.config);
    }

    private static ProxyProgram toBackends(CommandSpec spec, ProxyOptions options, ByOptions byOptions)
            throws IOException {
        if (options.backends.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "say where to: --backend HOST:PORT, or --config FILE");
        }
        return byOptions.start();
    }

    private static void stopAndHalt(ProxyProgram proxy) {
        int status = 1;
        try {
            proxy.stop();
            status = 0;
        } catch (InterruptedException e) {
            System.err.println("interrupted while stopping");
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }
}
