// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.ConfigException;
import dev.sluice.examples.proxy.TomlFile;
import java.io.IOException;
import java.nio.file.Path;

/** The file that a configuration is read from. */
final class ConfigFile {
    private ConfigFile() {}

    /**
     * Reads a file. Those of certificates aren't read here.
     *
     * @throws ConfigException if it is wrong, with all that is
     * @throws IOException if it can't be read
     */
    static L7Config read(Path file) throws ConfigException, IOException {
        return TomlFile.read(file, (tables, errors) -> new ConfigReader(tables, errors).read());
    }

    /**
     * Reads a file's text.
     *
     * @throws ConfigException if it is wrong, with all that is
     */
    static L7Config parse(String text) throws ConfigException {
        return TomlFile.parse(text, (tables, errors) -> new ConfigReader(tables, errors).read());
    }
}
