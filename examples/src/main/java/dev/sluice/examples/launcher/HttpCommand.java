// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.Https;
import dev.sluice.examples.files.FileServer;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the server of HTTP. It returns once the server listens; the server's threads keep the process alive. */
@Command(description = "Answers HTTP: /plaintext, /json, POST /echo, /slow?ms=N, /stream?lines=N and /events.")
public final class HttpCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 7004;
    private static final int DEFAULT_TLS_PORT = 7443;

    private final boolean https; // no server without TLS

    @Mixin
    private final ServerOptions options;

    @Mixin
    private final AccessLogOption accessLog = new AccessLogOption();

    @Option(
            names = "--virtual-threads",
            description = "Handlers run on virtual threads, one for each request; needs JDK 21 or later.")
    private boolean virtualThreads;

    @ArgGroup
    private Instead instead = new Instead();

    /** What it does instead of all that, or besides; one at most. */
    private static final class Instead {
        @Option(names = "--echo", description = "Answers every request with the body that it was sent.")
        private boolean echo;

        @Option(names = "--whoami", description = "Answers every request with the client's address and port.")
        private boolean whoAmI;

        @Option(
                names = "--site",
                paramLabel = "FOLDER",
                description =
                        "Answers what begins with /static/ with a folder's files, too: /static/x.css with FOLDER/static/x.css.")
        private Path site;

        HttpHandler handler() throws IOException {
            if (site != null) {
                return new FileServer(site, false).at("/static/", Http.application());
            }
            if (echo) {
                return Http::echo;
            }
            return whoAmI ? Http::whoAmI : Http.application();
        }
    }

    @Option(
            names = "--hsts",
            paramLabel = "SECONDS",
            description =
                    "Of https only: tells browsers to use nothing but HTTPS for this host's name, at any port, for so"
                            + " long, such as 31536000, a year (default: nothing is said).")
    private Long hsts;

    private HttpCommand(int defaultPort, boolean https) {
        options = new ServerOptions(defaultPort);
        this.https = https;
    }

    /** A command that speaks TLS if it is told to. */
    public static HttpCommand http() {
        return new HttpCommand(DEFAULT_PORT, false);
    }

    /** The same with TLS, and with replies that tell browsers to be careful. */
    public static HttpCommand https() {
        HttpCommand command = new HttpCommand(DEFAULT_TLS_PORT, true);
        command.options.requireTls();
        return command;
    }

    private HttpHandler handler() throws IOException {
        if (hsts != null && (hsts < 0 || !https)) {
            throw new IllegalArgumentException(
                    "--hsts: " + (https ? hsts + " is less than 0" : "only https says that"));
        }
        if (!https) {
            return instead.handler();
        }
        HttpHandler handler = Https.careful(instead.handler());
        return hsts == null ? handler : Https.binding(handler, hsts);
    }

    @Override
    public Integer call() throws IOException {
        if (virtualThreads) {
            options.workers(virtualThreads());
        }
        HttpProtocol protocol = accessLog.on(HttpProtocol.gathering(handler()), options);
        Server server = options.start(endpoint -> Server.builder().listen(endpoint, protocol));
        System.out.println("listening on " + server.listeners().get(0));
        return 0;
    }

    // By name, so that this is compiled for JDKs that have none.
    private static Executor virtualThreads() {
        try {
            return (Executor)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    "--virtual-threads: JDK " + Runtime.version().feature() + " has none, it must be 21 or later");
        }
    }
}
