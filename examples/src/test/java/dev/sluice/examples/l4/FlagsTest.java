// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.proxy.ConfigException;
import dev.sluice.prelude.ProxyVersion;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A few words are a configuration. */
final class FlagsTest {

    static L4Flags flags(String... backends) {
        return new L4Flags("127.0.0.1:0", List.of(backends), "off", List.of(), "single", 1, 1000, "127.0.0.1:0", null);
    }

    @Test
    void whatIsNotSaidIsTheDefault() throws ConfigException {
        L4Config config = flags("10.0.0.1:80", "10.0.0.2:80").config();
        String text = """
                [listener.main]
                address = "127.0.0.1:0"
                [upstream.main]
                backends = ["10.0.0.1:80", "10.0.0.2:80"]
                [limits]
                connections = 1000
                [server]
                topology = "single"
                readers = 1
                [admin]
                address = "127.0.0.1:0"
                """;
        assertEquals(ConfigFile.parse(text), config);
    }

    @Test
    void backendsAreToldTheClientByEitherVersion() {
        L4Flags flags =
                new L4Flags("[::1]:0", List.of("a:1"), "v2", List.of("10.0.0.0/8"), "reuse-port", 2, 10, null, null);
        assertEquals(ProxyVersion.V2, flags.config().upstreams().get(0).sendProxy());
        assertEquals(1, flags.config().listeners().get(0).trusted().size());
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1", "10.0.0.1:0", "*:80", "x y:80"})
    void aBackendThatIsNoneIsRefused(String backend) {
        isRefused("--backend: ", flags(backend));
    }

    /** Each is told by the option that it stands behind. */
    @Test
    void aWordThatIsWrongIsRefused() {
        List<String> backends = List.of("a:1");
        isRefused("--topology: ", new L4Flags("[::1]:0", backends, "off", List.of(), "ring", 1, 1, null, null));
        isRefused("--readers: ", new L4Flags("[::1]:0", backends, "off", List.of(), "single", 0, 1, null, null));
        isRefused(
                "--max-connections: ", new L4Flags("[::1]:0", backends, "off", List.of(), "single", 1, 0, null, null));
        isRefused("--admin: ", new L4Flags("[::1]:0", backends, "off", List.of(), "single", 1, 1, "x", null));
        isRefused("--trusted: ", new L4Flags("[::1]:0", backends, "off", List.of("x"), "single", 1, 1, null, null));
        isRefused("--send-proxy: ", new L4Flags("[::1]:0", backends, "v3", List.of(), "single", 1, 1, null, null));
    }

    private static void isRefused(String option, L4Flags flags) {
        String message =
                assertThrows(IllegalArgumentException.class, flags::config).getMessage();
        assertTrue(message.startsWith(option), message);
    }

    @Test
    void aBackendTwiceIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> flags("a:1", "a:1").config());
    }
}
