// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static dev.sluice.examples.ManyReloads.LISTENERS;
import static dev.sluice.examples.ManyReloads.RELOADS;
import static dev.sluice.examples.ManyReloads.tls;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
final class L4ManyReloadsTest {

    @TempDir
    private Path folder;

    private static NamedBackend backend() throws Exception {
        ServerTls tls = ServerTls.builder()
                .defaultIdentity(
                        TlsSides.identity(TestCa.create("a CA to throw away").server("localhost")))
                .sessions(1, Duration.ofHours(1))
                .build();
        return NamedBackend.tls("a", tls);
    }

    private void staysAsItWas(int reloads, Text text) throws Exception {
        try (TestProxy proxy = new TestProxy(folder, text.of(0))) {
            ManyReloads many = new ManyReloads(text, next -> reload(proxy, next));
            many.leaveNothing(reloads);
            assertEquals(many.made(), proxy.snapshot().reloads());
        }
    }

    private static void reload(TestProxy proxy, String text) throws Exception {
        proxy.reload(text);
        assertEquals("a", proxy.ask());
    }

    private static String listener() {
        return "[listener.main]\naddress = \"127.0.0.1:0\"\n";
    }

    private static String upstream(NamedBackend backend) {
        return "[upstream.main]\nbackends = [\"" + backend.address() + "\"]\n";
    }

    @Test
    void tlsToBackends() throws Exception {
        try (NamedBackend backend = backend()) {
            staysAsItWas(RELOADS, number -> listener() + upstream(backend) + tls(number));
        }
    }

    @Test
    void sourceAddressesAndTlsAndChecks() throws Exception {
        try (NamedBackend backend = backend()) {
            staysAsItWas(
                    LISTENERS,
                    number -> listener()
                            + upstream(backend)
                            + "source-addresses = [\"127.0.0." + (2 + number % 200) + ":" + (20_000 + number)
                            + "-29999\"]\n"
                            + "[upstream.main.health]\ncheck = \"connect\"\ninterval = \"10ms\"\n"
                            + tls(number));
        }
    }

    @Test
    void listeners() throws Exception {
        try (NamedBackend backend = backend()) {
            staysAsItWas(
                    LISTENERS,
                    number -> listener() + upstream(backend) + tls(number) + "[limits]\nconnections = "
                            + (1_000 + number) + "\n");
        }
    }

    @Test
    void namesOfThePastAreForgottenInTheEnd() throws Exception {
        try (NamedBackend backend = NamedBackend.lines("a")) {
            Text text = number -> "[listener.l" + number + "]\naddress = \"127.0.0.1:0\"\n[upstream.u" + number
                    + "]\nbackends = [\"" + backend.address() + "\"]\n";
            try (TestProxy proxy = new TestProxy(folder, text.of(0))) {
                new ManyReloads(text, next -> reload(proxy, next)).next(5 * PastNames.MOST);
                int remembered = proxy.snapshot().listeners().size(); // with some that are leaving
                assertTrue(remembered < 3 * PastNames.MOST, () -> remembered + " listeners");
                assertTrue(remembered > PastNames.MOST, "the last of the past are told of");
            }
        }
    }
}
