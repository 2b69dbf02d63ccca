// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.examples.proxy.ProxyProgram;
import dev.sluice.examples.proxy.WrongFile;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** How the commands of proxies run. */
final class ProxyRun {
    private ProxyRun() {}

    /** Starts a proxy. */
    @FunctionalInterface
    interface Start {
        ProxyProgram start() throws WrongFile, IOException;
    }

    /** Looks at a file. */
    @FunctionalInterface
    interface Look {
        void look() throws WrongFile, IOException;
    }

    /** Starts it and says where it is; SIGHUP has its files read again, SIGTERM ends it in order. Returns a status. */
    static int start(CommandSpec spec, Start start) throws IOException {
        ProxyProgram proxy;
        try {
            proxy = start.start();
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

    /** Fails if there are other options than that. */
    static void requireAlone(CommandSpec spec, String option) {
        long others = spec.commandLine().getParseResult().matchedOptions().stream()
                .filter(other -> !other.longestName().equals(option))
                .count();
        if (others > 0) {
            throw new ParameterException(spec.commandLine(), option + " says all: leave the other options out");
        }
    }

    /** {@code HOST:PORT}, with brackets where there are to be some. */
    static String address(String host, int port) {
        return (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
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
