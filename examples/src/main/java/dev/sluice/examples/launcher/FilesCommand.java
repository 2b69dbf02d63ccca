// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Server;
import dev.sluice.examples.files.FileServer;
import dev.sluice.http.HttpProtocol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Serves a folder. It returns once the server listens; the server's threads keep the process alive. */
@Command(description = "Serves the files of a folder over HTTP.")
public final class FilesCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 7005;

    @Mixin
    private final ServerOptions options = new ServerOptions(DEFAULT_PORT);

    @Mixin
    private final AccessLogOption accessLog = new AccessLogOption();

    @Parameters(paramLabel = "FOLDER", arity = "0..1", description = "The folder (default: the current one).")
    private Path folder = Path.of(".");

    @Option(names = "--list", description = "Lists folders that have no index.html.")
    private boolean lists;

    @Override
    public Integer call() throws IOException {
        HttpProtocol protocol = accessLog.on(HttpProtocol.gathering(new FileServer(folder, lists)), options);
        Server server = options.start(endpoint -> Server.builder().listen(endpoint, protocol));
        System.out.println("listening on " + server.listeners().get(0));
        return 0;
    }
}
