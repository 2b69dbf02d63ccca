// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.proxy.ConfigException;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerTls;
import dev.sluice.examples.proxy.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What right files mean. */
final class ConfigFileTest {
    private static final String SMALLEST = """
            [listener.main]
            address = "*:8080"

            [upstream.main]
            backends = ["10.0.0.1:80", "10.0.0.2:80"]
            """;

    @Test
    void fiveLinesAreEnough() throws ConfigException {
        L7Config config = ConfigFile.parse(SMALLEST);
        assertEquals("*:8080", config.listeners().get(0).address().toString());
        assertNull(config.listeners().get(0).tls());
        assertEquals(List.of(RouteConfig.allOf(List.of("main"), "main")), config.routes());
        assertEquals(PoolConfig.DEFAULTS, config.upstream("main").pool());
        assertEquals(ForwardingConfig.DEFAULTS, config.forwarding());
        assertEquals(HttpConfig.DEFAULTS, config.http());
        assertEquals(LimitsConfig.DEFAULTS, config.limits());
        assertEquals(DeadlinesConfig.DEFAULTS, config.deadlines());
        assertEquals(ServerConfig.DEFAULTS, config.server());
        assertEquals(null, config.admin());
    }

    @Test
    void theExampleHasEveryKey() throws Exception {
        L7Config config = ConfigFile.read(example());
        assertEquals(
                List.of(new ListenerTls.Identity("www.pem", "www.key"), new ListenerTls.Identity("api.pem", "api.key")),
                config.listeners().get(1).tls().identities());
        RouteConfig api = config.routes().get(1);
        assertEquals(List.of("/api/", "/old-api/"), api.paths());
        assertEquals("/v2/", api.replace());
        assertEquals("api.internal", api.sendHost());
        assertEquals(Duration.ofSeconds(30), api.timeout());
        assertEquals(0, api.retries());
        assertEquals(10 << 20, api.body());
        assertEquals(null, config.routes().get(2).upstream());
        assertEquals(64, config.upstream("web").pool().connections());
        assertTrue(config.forwarding().forwarded());
        assertEquals("edge-1", config.forwarding().via());
        assertEquals(1L << 30, config.http().body());
        assertEquals(Duration.ofMinutes(2), config.deadlines().idle());
    }

    @Test
    void everyKeyThatIsReadIsInTheExampleAndOnThePage() throws Exception {
        String text = Files.readString(example());
        String page = page();
        for (String key : KnownKeys.ALL) {
            assertTrue(text.matches("(?s).*\\b" + key + " ?[=\\]].*"), () -> key + " is not in the example");
            assertTrue(page.matches("(?s).*[`.]" + key + "`.*"), () -> key + " is not on the page");
        }
    }

    @Test
    void theFilesOfThePageAreRight() throws Exception {
        String[] blocks = page().split("```toml\n");
        for (int i = 1; i < blocks.length; i++) {
            ConfigFile.parse(blocks[i].substring(0, blocks[i].indexOf("```")));
        }
        assertEquals(3, blocks.length, "the text before, and two files");
    }

    private static String page() throws IOException {
        return Files.readString(Path.of(System.getProperty("sluice.root", ".."), "docs/l7-configuration.md"));
    }

    @Test
    void whatIsWrittenReadsTheSame() throws Exception {
        L7Config config = ConfigFile.read(example());
        assertEquals(config, ConfigFile.parse(ConfigText.of(config)));
        L7Config smallest = ConfigFile.parse(SMALLEST);
        assertEquals(smallest, ConfigFile.parse(ConfigText.of(smallest)));
    }

    @Test
    void oneCertificateIsATableOfItsOwn() throws ConfigException {
        L7Config config =
                ConfigFile.parse(SMALLEST.replace("8080\"", "8080\"\ntls = { cert = \"a.pem\", key = \"a.key\" }"));
        assertEquals(
                List.of(new ListenerTls.Identity("a.pem", "a.key")),
                config.listeners().get(0).tls().identities());
    }

    @Test
    void aFewWordsAreAConfiguration() throws ConfigException {
        String text = """
                [listener.main]
                address = "127.0.0.1:0"
                tls = { cert = "a.pem", key = "a.key" }
                [upstream.main]
                backends = ["10.0.0.1:80", "10.0.0.2:80"]
                [upstream.main.pool]
                connections = 64
                [limits]
                connections = 1000
                [server]
                topology = "single"
                readers = 1
                [admin]
                address = "127.0.0.1:0"
                """;
        assertEquals(
                ConfigFile.parse(text),
                flags("a.pem", "a.key", "10.0.0.1:80", "10.0.0.2:80").config());
        assertThrows(IllegalArgumentException.class, () -> flags("a.pem", null, "a:1")
                .config());
        assertThrows(IllegalArgumentException.class, () -> flags(null, null, "a:1", "a:1")
                .config());
        assertThrows(
                IllegalArgumentException.class, () -> flags(null, null, "a:0").config());
    }

    static L7Flags flags(String certificates, String key, String... backends) {
        return new L7Flags(
                "127.0.0.1:0", certificates, key, List.of(backends), 64, "single", 1, 1000, "127.0.0.1:0", null);
    }

    static Path example() {
        return Path.of(System.getProperty("sluice.root", ".."), "examples/src/main/l7/l7.toml");
    }
}
