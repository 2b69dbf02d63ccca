// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static dev.sluice.examples.Await.await;
import static dev.sluice.examples.l7.RunningL7.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.examples.Instances;
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
    private static final int FIRST = 50;
    private static final int RELOADS = 1_000;
    private static final int LISTENERS = 200;
    private static final long MOST = 60; // more than is on its way out, and a fraction of what there was in all

    @TempDir
    private Path folder;

    /** What is different in each. */
    private interface Text {
        String of(int number);
    }

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
            int[] number = {0};
            for (int i = 0; i < FIRST; i++) {
                reload(proxy, text, number);
            }
            Instances before = Instances.now();
            for (int i = 0; i < reloads; i++) {
                reload(proxy, text, number); // nobody looks at the figures meanwhile
            }
            await(
                    () -> {
                        reload(proxy, text, number);
                        return Instances.now().moreSince(before, MOST).isEmpty();
                    },
                    () -> number[0] + " reloads left " + Instances.now().moreSince(before, MOST));
            assertEquals(number[0], proxy.sum("l7_reloads_total"));
            assertEquals(number[0], proxy.sum("l7_requests_total"));
        }
    }

    private static void reload(RunningL7 proxy, Text text, int[] number) {
        try {
            proxy.reloadWell(text.of(++number[0]));
            String answer = proxy.get("h", "/");
            assertEquals(200, status(answer), answer);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String tls(int number) {
        return "[upstream.main.tls]\ninsecure = true\nserver-name = \"name" + number + ".example\"\n";
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
                int[] number = {0};
                for (int i = 0; i < 2 * PastNames.MOST; i++) {
                    reload(proxy, text, number);
                }
                await(
                        () -> {
                            reload(proxy, text, number);
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
