// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tomlj.Toml;

/** Each example's own file can be copied into an empty project that has only core. */
final class CopiedExampleTest {

    @ParameterizedTest
    @ValueSource(strings = {"Echo", "Lines", "Frames", "Chat", "Http", "Https", "Sni", "Starttls", "Tap"})
    void compilesWithCoreAlone(String name, @TempDir Path classes) throws Exception {
        Path file = Project.ROOT.resolve("examples/src/main/java/dev/sluice/examples/" + name + ".java");
        String output =
                Compiler.compile(List.of("-cp", Project.coreAndSlf4j(), "-d", classes.toString(), file.toString()));
        assertEquals("", output);
    }

    /** This one is a package. */
    @Test
    void endToEndEncryptionCompilesWithCoreAlone(@TempDir Path classes) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-cp", Project.coreAndSlf4j(), "-d", classes.toString()));
        try (Stream<Path> files = Files.list(Project.ROOT.resolve("examples/src/main/java/dev/sluice/examples/e2e"))) {
            files.map(Path::toString).forEach(arguments::add);
        }
        assertEquals("", Compiler.compile(arguments));
    }

    /** This one is a file and a package. */
    @Test
    void theStoreCompilesWithCoreAlone(@TempDir Path classes) throws Exception {
        Path sources = Project.ROOT.resolve("examples/src/main/java/dev/sluice/examples");
        List<String> arguments = new ArrayList<>(List.of(
                "-cp",
                Project.coreAndSlf4j(),
                "-d",
                classes.toString(),
                sources.resolve("Kv.java").toString()));
        try (Stream<Path> files = Files.list(sources.resolve("kv"))) {
            files.map(Path::toString).forEach(arguments::add);
        }
        assertEquals("", Compiler.compile(arguments));
    }

    /** Each of these is two packages, and reads its file by another library. */
    @ParameterizedTest
    @ValueSource(strings = {"l4", "l7"})
    void theProxiesCompileWithCoreAndTomljAlone(String name, @TempDir Path classes) throws Exception {
        String path = Project.coreAndSlf4j() + File.pathSeparator + Project.of(Toml.class);
        List<String> arguments = new ArrayList<>(List.of("-cp", path, "-d", classes.toString()));
        for (String folder : List.of(name, "proxy")) {
            try (Stream<Path> files =
                    Files.list(Project.ROOT.resolve("examples/src/main/java/dev/sluice/examples/" + folder))) {
                files.map(Path::toString).forEach(arguments::add);
            }
        }
        assertEquals("", Compiler.compile(arguments));
    }
}
