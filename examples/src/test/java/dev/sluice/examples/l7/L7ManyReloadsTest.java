// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static dev.sluice.examples.Await.await;
import static dev.sluice.examples.ManyReloads.LISTENERS;
import static dev.sluice.examples.ManyReloads.RELOADS;
import static dev.sluice.examples.ManyReloads.tls;
import static dev.sluice.examples.l7.RunningL7.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.examples.ManyReloads;
import dev.sluice.examples.ManyReloads.Text;
import dev.sluice.examples.TlsSides;
import dev.sluice.examples.proxy.PastNames;
import dev.sluice.testing.TestCa;
import dev.sluice.tls.ServerTls;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However often its configuration is replaced, a proxy takes no more memory than for the one that it has. */
final class L7ManyReloadsTest {
    private static final String LISTENER = "[listener.main]\naddress = \"127.0.0.1:0\"\n";

    @TempDir
    private Path folder;

    private static NamedHttp backend() throws Exception {
        ServerTls tls = ServerTls.builder()
                .defaultIdentity(
                        TlsSides.identity(TestCa.create("a CA to throw away").server("localhost")))
                .sessions(1, Duration.ofHours(1))
                .build();
        return new NamedHttp("a", Endpoint.tcp("127.0.0.1", 0).withTls(tls));
    }

    private void staysAsItWas(int reloads, Text text) throws Exception {
        try (RunningL7 proxy = new RunningL7(folder, text.of(0))) {
            ManyReloads many = new ManyReloads(text, next -> reload(proxy, next));
            many.leaveNothing(reloads);
            assertEquals(many.made(), proxy.sum("l7_reloads_total"));
            assertEquals(many.made(), proxy.sum("l7_requests_total"));
        }
    }

    private static void reload(RunningL7 proxy, String text) throws Exception {
        proxy.reloadWell(text);
        String answer = proxy.get("h", "/");
        assertEquals(200, status(answer), answer);
    }

    private static String upstream(NamedHttp backend) {
        return "[upstream.main]\nbackends = [\"" + backend.address() + "\"]\n";
    }

    @Test
    void tlsToBackends() throws Exception {
        try (NamedHttp backend = backend()) {
            staysAsItWas(RELOADS, number -> LISTENER + upstream(backend) + tls(number));
        }
    }

    @Test
    void tlsToBackendsWithChecks() throws Exception {
        try (NamedHttp backend = backend()) {
            staysAsItWas(
                    LISTENERS,
                    number -> LISTENER + upstream(backend)
                            + "[upstream.main.health]\ncheck = \"http\"\ninterval = \"10ms\"\n" + tls(number));
        }
    }

    @Test
    void listeners() throws Exception {
        try (NamedHttp backend = backend()) {
            staysAsItWas(
                    LISTENERS,
                    number -> LISTENER + upstream(backend) + tls(number) + "[limits]\nconnections = " + (1_000 + number)
                            + "\n");
        }
    }

    @Test
    void namesOfThePastAreForgottenInTheEnd() throws Exception {
        try (NamedHttp backend = new NamedHttp("a")) {
            Text text = number -> LISTENER + "[upstream.u" + number + "]\nbackends = [\"" + backend.address() + "\"]\n";
            try (RunningL7 proxy = new RunningL7(folder, text.of(0))) {
                ManyReloads many = new ManyReloads(text, next -> reload(proxy, next));
                many.next(2 * PastNames.MOST);
                await(
                        () -> {
                            many.next();
                            return remembered(proxy) <= PastNames.MOST + 1;
                        },
                        () -> remembered(proxy) + " upstreams are remembered");
                assertTrue(remembered(proxy) > PastNames.MOST / 2, "the last of the past are told of");
            }
        }
    }

    private static long remembered(RunningL7 proxy) {
        return proxy.page("/metrics")
                .lines()
                .filter(line -> line.startsWith("l7_pool_made_total{"))
                .count();
    }
}
