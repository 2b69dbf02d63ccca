// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.CloseReason;
import dev.sluice.CloseReason.DeadlinePassed;
import dev.sluice.examples.proxy.Ends;
import dev.sluice.examples.proxy.Readings;
import dev.sluice.http.HttpAccessLogFile;
import dev.sluice.relay.RelayReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;

/**
 * A line for each client whose relay has ended, or never began. Eleven words with a space between, {@code -} where there is
 * nothing to say:
 *
 * <pre>
 * time-of-the-end listener client upstream backend backend's-address bytes-from-client bytes-from-backend seconds
 *     client's-end backend's-end
 * </pre>
 *
 * Any thread. Lines are written by a thread of their own; the file may be renamed away.
 */
final class AccessLog implements AutoCloseable {
    private final HttpAccessLogFile file;

    private AccessLog(HttpAccessLogFile file) {
        this.file = file;
    }

    /** Opens a file, or makes it. */
    static AccessLog open(String path) throws IOException {
        return new AccessLog(HttpAccessLogFile.open(Path.of(path)));
    }

    /** A relay has ended, or could not be made, in which case there is no report. */
    void ended(String listener, Way way, RelayReport report, long nowMillis) {
        CloseReason client = report == null ? null : report.client();
        CloseReason backend = report == null ? null : report.upstream();
        String line = String.format(
                Locale.ROOT,
                "%s %s %s %s %s %s %d %d %.2f %s %s",
                Instant.ofEpochMilli(nowMillis),
                listener,
                Ends.text(way.client()),
                way.upstreamName(),
                way.lease().backend().name(),
                Ends.text(way.address()),
                client == null ? 0 : client.at().bytesRead(),
                backend == null ? 0 : backend.at().bytesRead(),
                way.seconds(),
                end(client),
                report == null ? "not_connected" : end(backend));
        write(line);
    }

    /** A client had nowhere to go: no route takes it, or its upstream, which is named then, has no backend left. */
    void refused(String listener, String client, String upstream, long nowMillis) {
        String why = upstream == null ? "no_route" : "no_backend";
        write(Instant.ofEpochMilli(nowMillis) + " " + listener + " " + client + " "
                + (upstream == null ? "-" : upstream) + " - - 0 0 0.00 - " + why);
    }

    private static String end(CloseReason reason) {
        if (reason instanceof DeadlinePassed passed) {
            return "deadline_passed:" + Readings.label(passed.deadline());
        }
        return reason == null ? "-" : reason.kind().name().toLowerCase(Locale.ROOT);
    }

    private void write(String line) {
        file.line(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() {
        file.close();
    }
}
