// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.CloseReason;
import dev.sluice.CloseReason.DeadlinePassed;
import dev.sluice.examples.proxy.Ends;
import dev.sluice.examples.proxy.Readings;
import dev.sluice.http.HttpAccessLogFile;
import dev.sluice.relay.RelayReport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
final class AccessLines {
    private AccessLines() {}

    /** A relay has ended, or could not be made, in which case there is no report. */
    static void ended(
            HttpAccessLogFile log, String listener, BackendTarget target, RelayReport report, long nowMillis) {
        CloseReason client = report == null ? null : report.client();
        CloseReason backend = report == null ? null : report.upstream();
        String line = String.format(
                Locale.ROOT,
                "%s %s %s %s %s %s %d %d %.2f %s %s",
                Instant.ofEpochMilli(nowMillis),
                listener,
                Ends.text(target.client()),
                target.upstreamName(),
                target.lease().backend().name(),
                Ends.text(target.address()),
                client == null ? 0 : client.at().bytesRead(),
                backend == null ? 0 : backend.at().bytesRead(),
                target.seconds(),
                end(client),
                report == null ? "not_connected" : end(backend));
        write(log, line);
    }

    /** A client had nowhere to go: no route takes it, or its upstream, which is named then, has no backend left. */
    static void refused(HttpAccessLogFile log, String listener, String client, String upstream, long nowMillis) {
        String why = upstream == null ? "no_route" : "no_backend";
        write(
                log,
                Instant.ofEpochMilli(nowMillis) + " " + listener + " " + client + " "
                        + (upstream == null ? "-" : upstream) + " - - 0 0 0.00 - " + why);
    }

    private static String end(CloseReason reason) {
        if (reason instanceof DeadlinePassed passed) {
            return "deadline_passed:" + Readings.label(passed.deadline());
        }
        return reason == null ? "-" : reason.kind().name().toLowerCase(Locale.ROOT);
    }

    private static void write(HttpAccessLogFile log, String line) {
        log.line(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }
}
