// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Server;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;

/** Where the parts of this project are. */
public final class Project {
    /** The root directory of the project. */
    public static final Path ROOT = root();

    private Project() {}

    /** Core and its one dependency as a path: jars once Maven has packaged core, directories of classes before. */
    static String coreAndSlf4j() throws URISyntaxException {
        return of(Server.class) + File.pathSeparator + of(Logger.class);
    }

    /** The jar, or the directory, that has a class. */
    static Path of(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(directory.resolve("examples"))) {
            directory = directory.getParent();
        }
        return directory;
    }
}
