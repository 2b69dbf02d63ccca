// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.CloseReason;
import dev.sluice.HandshakeCounters;
import dev.sluice.HandshakeEnd;
import dev.sluice.examples.proxy.Snapshot.BackendView;
import dev.sluice.examples.proxy.Snapshot.ListenerView;
import dev.sluice.examples.proxy.Snapshot.UpstreamView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What scrapers and people read. */
final class PagesTest {
    private static final Words WORDS = new Words("l4", "relays");

    private static final ListenerFigures FIGURES = new ListenerFigures(
            6,
            1,
            65_536,
            (1L << 53) - 1,
            2,
            1536,
            5,
            Map.of(CloseReason.Kind.PEER_CLOSED, 4L),
            Map.of(CloseReason.Cause.ACCEPT_RATE, 7L),
            new HandshakeCounters(11, 12, 0, Map.of(HandshakeEnd.NEVER_BEGUN, 13L)));

    private static final Snapshot SNAPSHOT = new Snapshot(
            Duration.ofMillis(3_723_250),
            true,
            2,
            1,
            List.of(
                    new ListenerView("https", "[::]:8443", 3, 9, FIGURES.plus(FIGURES.past())),
                    new ListenerView("old", null, 1, 0, ListenerFigures.NONE)),
            List.of(new UpstreamView(
                    "web",
                    true,
                    8,
                    Map.of("all_down", 3L, "at_limit", 0L),
                    100,
                    200,
                    List.of(
                            new BackendView("a", "10.0.0.1:80", 1, "up", Duration.ofSeconds(5), 3, 10, 9, 1, 0, null),
                            new BackendView(
                                    "odd \"\\\n",
                                    "10.0.0.2:80",
                                    3,
                                    "ejected",
                                    Duration.ofDays(2),
                                    0,
                                    4,
                                    0,
                                    4,
                                    2,
                                    "refused\n\u001b[2J")))));

    @Test
    void scrapersReadEachFigure() {
        ExpositionText metrics = ExpositionText.read(MetricsPage.of(SNAPSHOT, WORDS, out -> {}));
        assertEquals(3723.25, metrics.value("l4_uptime_seconds"));
        assertEquals(1, metrics.value("l4_draining"));
        assertEquals(1, metrics.value("l4_reloads_total{outcome=\"refused\"}"));
        assertEquals(3, metrics.value("l4_listener_relays{listener=\"https\"}"));
        assertEquals(6, metrics.value("l4_listener_connections{listener=\"https\"}"));
        assertEquals(3072, metrics.value("l4_listener_read_bytes_total{listener=\"https\"}"));
        assertEquals(8, metrics.value("l4_closed_connections_total{listener=\"https\",reason=\"peer_closed\"}"));
        assertEquals(14, metrics.value("l4_refused_clients_total{listener=\"https\",cause=\"accept_rate\"}"));
        assertEquals(11, metrics.value("l4_listener_handshakes{listener=\"https\",state=\"under_way\"}"));
        assertEquals(12, metrics.value("l4_listener_handshakes{listener=\"https\",state=\"waiting\"}"));
        assertEquals(26, metrics.value("l4_handshakes_total{listener=\"https\",outcome=\"never_begun\"}"));
        assertEquals(1, metrics.value("l4_upstream_panic{upstream=\"web\"}"));
        assertEquals(3, metrics.value("l4_upstream_without_backend_total{upstream=\"web\",reason=\"all_down\"}"));
        assertEquals(200, metrics.value("l4_upstream_relayed_bytes_total{upstream=\"web\",from=\"backend\"}"));
        assertEquals(1, metrics.value("l4_backend_up{upstream=\"web\",backend=\"a\",address=\"10.0.0.1:80\"}"));
        assertEquals(
                4,
                metrics.value(
                        "l4_backend_failures_total{upstream=\"web\",backend=\"odd \\\"\\\\\\n\",address=\"10.0.0.2:80\"}"));
    }

    @Test
    void unitsAreBaseUnits() {
        for (String name : ExpositionText.read(MetricsPage.of(SNAPSHOT, WORDS, out -> {}))
                .types()
                .keySet()) {
            assertTrue(name.matches("l4_[a-z_]+"), name);
            assertTrue(!name.matches(".*(milli|kilo|mib|minutes|percent).*"), name);
        }
    }

    @Test
    void aCountersNameSaysThatItIsOneAndComesOnce() {
        Exposition out = new Exposition().gauge("l4_x", "X.");
        assertThrows(IllegalArgumentException.class, () -> out.counter("l4_bytes", "Bytes."));
        assertThrows(IllegalArgumentException.class, () -> out.gauge("l4_x", "X."));
        assertThrows(IllegalArgumentException.class, () -> out.gauge("l4-y", "Y."));
    }

    @Test
    void fractionsAndLargeNumbersAreWritten() {
        String text = new Exposition()
                .gauge("l4_x", "A \"help\" with \\ and\nan end.")
                .sample(0.25)
                .sample(1e300, "a", "b")
                .toString();
        assertEquals("""
                # HELP l4_x A "help" with \\\\ and\\nan end.
                # TYPE l4_x gauge
                l4_x 0.25
                l4_x{a="b"} 1.0E300
                """, text);
    }

    @Test
    void peopleReadTables() {
        assertEquals("""
                l4, up 1 h 2 min, ending, 2 reloads taken, 1 refused for errors

                listener  address    relays  accepted           unrouted  not let in  read     written
                https     [::]:8443  3       18014398509481982  9         14          3.0 KiB  10 B
                old       closed     1       0                  0         0           0 B      0 B

                upstream web: 1 of 2 used, all because too few are good, 8 retries, clients without backend: 3 all_down
                  backend       address      weight  state    for      relays  picked  connected  failed  last failure
                  a             10.0.0.1:80  1       up       5 s      3       10      9          1       -
                  odd "\\\\u000a  10.0.0.2:80  3       ejected  2 d 0 h  0       4       0          4       refused\\u000a\\u001b[2J
                """, StatusPage.of(SNAPSHOT, WORDS));
    }
}
