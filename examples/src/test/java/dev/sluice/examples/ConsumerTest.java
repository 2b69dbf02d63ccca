// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A project of somebody else's compiles against core and runs, on the class path and on the module path. Here it gets
 * the jar that this build has made, or core's classes before that; {@code .ci/run} builds the same project with Maven
 * against the installed artifact.
 */
final class ConsumerTest {
    private static final Path SOURCES = Project.ROOT.resolve("examples/src/test/consumer/src/main/java");
    private static final String MAIN = SOURCES.resolve("consumer/Main.java").toString();
    private static final String MODULE = SOURCES.resolve("module-info.java").toString();

    @Test
    void compilesAndRunsOnTheClassPath(@TempDir Path classes) throws Exception {
        String path = Project.coreAndSlf4j();
        assertEquals("", Compiler.compile(List.of("-cp", path, "-d", classes.toString(), MAIN)));
        assertSays("hello on the class path", List.of("-cp", classes + File.pathSeparator + path, "consumer.Main"));
    }

    @Test
    void compilesAndRunsOnTheModulePath(@TempDir Path classes) throws Exception {
        String path = Project.coreAndSlf4j();
        assertEquals("", Compiler.compile(List.of("-p", path, "-d", classes.toString(), MAIN, MODULE)));
        assertSays(
                "hello on the module path",
                List.of("-p", classes + File.pathSeparator + path, "-m", "consumer/consumer.Main"));
    }

    private static void assertSays(String line, List<String> javaArguments) throws Exception {
        try (Launched consumer = Launched.java(javaArguments)) {
            assertEquals(0, consumer.status(), consumer::toString);
            assertEquals(line, consumer.stdout().strip());
        }
    }
}
