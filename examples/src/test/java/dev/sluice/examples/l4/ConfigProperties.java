// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.proxy.ConfigException;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.WrongFiles;
import java.io.IOException;
import java.nio.file.Files;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever a file says, it is read or its errors are told. */
final class ConfigProperties {
    /** Letters changed, cut and put in, lines moved and doubled. */
    @Property(tries = 1000)
    void aChangedFileIsReadOrItsErrorsAreTold(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int changes)
            throws IOException {
        assertReadOrTold(WrongFiles.changed(Files.readString(ConfigFileTest.example()), seed, changes));
    }

    @Property(tries = 500)
    void anyTextIsReadOrItsErrorsAreTold(@ForAll String text) {
        assertReadOrTold(text);
    }

    /** A cut behind any line leaves a file that is still TOML or nearly so. */
    @Property(tries = 300)
    void aFileThatEndsAnywhereIsReadOrItsErrorsAreTold(@ForAll @IntRange(max = 10_000) int length) throws IOException {
        String text = Files.readString(ConfigFileTest.example());
        assertReadOrTold(text.substring(0, Math.min(length, text.length())));
    }

    private static void assertReadOrTold(String text) {
        try {
            L4Config config = ConfigFile.parse(text);
            assertFalse(config.listeners().isEmpty());
            assertEquals(config, ConfigFile.parse(ConfigText.of(config)));
            Routing routing = Routing.of(config);
            for (ListenerConfig listener : config.listeners()) {
                String upstream = routing.upstream(listener.name(), null, null, 1);
                assertTrue(upstream == null || config.upstream(upstream).isPresent());
            }
        } catch (ConfigException e) {
            WrongFiles.assertAllIsTold(e, text);
        }
    }
}
