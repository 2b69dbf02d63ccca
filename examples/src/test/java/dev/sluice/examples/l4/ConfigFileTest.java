// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.proxy.BackendConfig;
import dev.sluice.examples.proxy.ConfigException;
import dev.sluice.examples.proxy.HealthConfig;
import dev.sluice.examples.proxy.HostPort;
import dev.sluice.examples.proxy.LimitsConfig;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.ServerConfig;
import dev.sluice.examples.proxy.UpstreamConfig;
import dev.sluice.prelude.IpNetwork;
import dev.sluice.prelude.ProxyVersion;
import dev.sluice.upstream.Balancer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What right files mean. */
final class ConfigFileTest {
    private static final String SMALLEST = """
            [listener.main]
            address = "*:7070"

            [upstream.main]
            backends = ["10.0.0.1:80", "10.0.0.2:80"]
            """;

    @Test
    void fiveLinesAreEnough() throws ConfigException {
        L4Config config = ConfigFile.parse(SMALLEST);
        assertEquals(
                List.of(new ListenerConfig("main", new HostPort("*", 7070), List.of(), 100_000_000, null)),
                config.listeners());
        UpstreamConfig upstream = config.upstream("main").orElseThrow();
        assertEquals(
                UpstreamConfig.of(
                        "main",
                        List.of(
                                new BackendConfig("10.0.0.1:80", new HostPort("10.0.0.1", 80), 1),
                                new BackendConfig("10.0.0.2:80", new HostPort("10.0.0.2", 80), 1))),
                upstream);
        assertEquals(
                List.of(new RouteConfig(List.of("main"), List.of(), List.of(), List.of(), List.of(), "main")),
                config.routes());
        assertEquals(LimitsConfig.DEFAULTS, config.limits());
        assertEquals(DeadlinesConfig.DEFAULTS, config.deadlines());
        assertEquals(ServerConfig.DEFAULTS, config.server());
        assertNull(config.admin());
    }

    @Test
    void theExampleHasEveryKey() throws Exception {
        L4Config config = ConfigFile.read(example());
        assertEquals(
                List.of("https", "redis"),
                config.listeners().stream().map(ListenerConfig::name).toList());
        ListenerConfig https = config.listener("https").orElseThrow();
        assertEquals(List.of(IpNetwork.parse("10.1.0.0/16"), IpNetwork.parse("::1")), https.trusted());
        assertEquals(50_000, https.connections());
        UpstreamConfig web = config.upstream("web").orElseThrow();
        assertEquals(Balancer.FEWEST_CONNECTIONS, web.balance());
        assertEquals(ProxyVersion.V2, web.sendProxy());
        assertEquals(
                new BackendConfig("web-2", new HostPort("10.0.0.2", 8443), 3),
                web.backends().get(1));
        assertEquals(HealthConfig.Check.HTTP, web.health().check());
        UpstreamConfig redis = config.upstream("redis").orElseThrow();
        assertEquals("PING\r\n", redis.health().send());
        assertEquals(256L << 20, config.limits().memoryBytes());
        assertEquals(Duration.ofMinutes(1), config.server().drain());
        assertEquals("127.0.0.1:9090", config.admin().toString());
        assertEquals(
                List.of("web", "api", "web", "redis"),
                config.routes().stream()
                        .map(RouteConfig::upstream)
                        .filter(name -> name != null)
                        .toList());
    }

    @Test
    void everyKeyThatIsReadIsInTheExample() throws Exception {
        String text = Files.readString(example());
        for (String key : KnownKeys.ALL) {
            assertTrue(text.matches("(?s).*\\b" + key + " ?[=\\]].*"), () -> key + " is not in the example");
        }
    }

    @Test
    void theFilesOfThePageAreRight() throws Exception {
        int files = 0;
        for (String block : page().split("```toml\n")) {
            if (files++ > 0) {
                ConfigFile.parse(block.substring(0, block.indexOf("```")));
            }
        }
        assertEquals(4, files, "the text before, and three files");
    }

    @Test
    void everyKeyThatIsReadIsOnThePage() throws Exception {
        String page = page();
        for (String key : KnownKeys.ALL) {
            assertTrue(page.matches("(?s).*[`.]" + key + "`.*"), () -> key + " is not on the page");
        }
    }

    private static String page() throws IOException {
        return Files.readString(Path.of(System.getProperty("sluice.root", ".."), "docs/l4-configuration.md"));
    }

    @Test
    void whatIsWrittenReadsTheSame() throws Exception {
        L4Config config = ConfigFile.read(example());
        assertEquals(config, ConfigFile.parse(ConfigText.of(config)));
        L4Config smallest = ConfigFile.parse(SMALLEST);
        assertEquals(smallest, ConfigFile.parse(ConfigText.of(smallest)));
    }

    @Test
    void aHostsNameIsKeptInSmallLetters() throws ConfigException {
        L4Config config = ConfigFile.parse(SMALLEST + "[[route]]\nsni = \"WWW.Example.ORG\"\nto = \"main\"\n");
        assertEquals("www.example.org", config.routes().get(0).hosts().get(0).toString());
    }

    @Test
    void whereThereAreRoutesTheOneUpstreamIsNotTheDefault() throws ConfigException {
        L4Config config = ConfigFile.parse(SMALLEST + "[[route]]\nsource = \"10.0.0.0/8\"\nto = \"main\"\n");
        assertEquals(1, config.routes().size());
    }

    @Test
    void equalFilesAreEqualWhateverTheirLayout() throws ConfigException {
        assertEquals(ConfigFile.parse(SMALLEST), ConfigFile.parse("# other\n\n" + SMALLEST.replace(" = ", "=")));
    }

    @Test
    void aFileThatIsNoTextIsTold(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("x.toml");
        assertEquals(
                "there is no file " + file,
                assertThrows(IOException.class, () -> ConfigFile.read(file)).getMessage());
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertTrue(assertThrows(IOException.class, () -> ConfigFile.read(file))
                .getMessage()
                .endsWith("is no text in UTF-8"));
        Files.write(file, new byte[(1 << 20) + 1]);
        assertTrue(assertThrows(IOException.class, () -> ConfigFile.read(file))
                .getMessage()
                .contains("larger than 1 MiB"));
    }

    static Path example() {
        return Path.of(System.getProperty("sluice.root", ".."), "examples/src/main/l4/l4.toml");
    }
}
