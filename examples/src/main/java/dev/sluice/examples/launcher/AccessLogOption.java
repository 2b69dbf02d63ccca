// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.http.HttpAccessLog;
import dev.sluice.http.HttpAccessLogFile;
import dev.sluice.http.HttpProtocol;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a server of HTTP writes a line for each request. */
public final class AccessLogOption {
    @Option(
            names = "--access-log",
            paramLabel = "FILE",
            description = "Appends a line for each request to this file, in Apache's combined format. When the file was"
                    + " renamed, as logrotate does, a new one is made.")
    private Path path;

    /** Without a log until the option says otherwise. */
    public AccessLogOption() {}

    /**
     * The protocol with the log that was asked for, whose lines are written once the server has stopped.
     *
     * @throws IOException if the file can't be written
     */
    HttpProtocol on(HttpProtocol protocol, ServerOptions options) throws IOException {
        if (path == null) {
            return protocol;
        }
        HttpAccessLogFile file = HttpAccessLogFile.open(path);
        options.whenStopped(file::close);
        return protocol.withAccessLog(HttpAccessLog.combined(file));
    }
}
