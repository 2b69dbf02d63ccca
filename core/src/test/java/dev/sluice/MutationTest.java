// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/**
 * Breaks the server on purpose, in one place at a time, and sees whether the simulation finds it: each {@link Defect} is
 * compiled, loaded beside the classes that it doesn't touch, and hunted with the seeds of {@link ServerSimTest} or
 * {@link RelaySimTest} or {@link RelayTlsSimTest} or {@link HttpProxySimTest}. This shows that the invariants look where it hurts.
 */
class MutationTest {
    private static final Path SOURCES = Path.of(System.getProperty("sluice.root"), "core", "src", "main", "java");
    private static final Path CLASSES = placeOf(Server.class);
    private static final Path TEST_CLASSES = placeOf(SeedHunt.class);
    private static final Duration HANGS = Duration.ofMinutes(5);

    @TestFactory
    Stream<DynamicTest> theSimulationFinds(@TempDir Path directory) {
        return found(Defect.ALL, SeedHunt.class, directory);
    }

    @TestFactory
    Stream<DynamicTest> theSimulationOfRelaysFinds(@TempDir Path directory) {
        return found(RelayDefects.ALL, RelaySeedHunt.class, directory);
    }

    @TestFactory
    Stream<DynamicTest> theSimulationOfRelaysWithTlsFinds(@TempDir Path directory) {
        return found(RelayTlsDefects.ALL, RelayTlsSeedHunt.class, directory);
    }

    @TestFactory
    Stream<DynamicTest> theSimulationOfProxiesFinds(@TempDir Path directory) {
        return found(ProxyDefects.ALL, HttpProxySeedHunt.class, directory);
    }

    private static Stream<DynamicTest> found(List<Defect> defects, Class<?> hunter, Path directory) {
        return defects.stream()
                .map(defect -> DynamicTest.dynamicTest(defect.name(), () -> {
                    Path mutant = compile(defect, Files.createTempDirectory(directory, "mutant"));
                    String found = assertTimeoutPreemptively(HANGS, () -> hunt(hunter, 0, defect.seeds(), mutant));
                    assertNotNull(found, () -> "not found within " + defect.seeds() + " seeds");
                    int seed = Integer.parseInt(found.replaceFirst("seed ([0-9]+):.*", "$1"));
                    assertNull(hunt(hunter, seed, 1, CLASSES), "the server as it is fails as well");
                    System.out.println(defect + ": " + found);
                }));
    }

    @Test
    void theServerAsItIsHoldsLoadedLikeThat() throws Exception {
        assertNull(hunt(SeedHunt.class, 0, 50, CLASSES));
        assertNull(hunt(RelaySeedHunt.class, 0, 50, CLASSES));
        assertNull(hunt(RelayTlsSeedHunt.class, 0, 50, CLASSES));
        assertNull(hunt(HttpProxySeedHunt.class, 0, 50, CLASSES));
    }

    private static String hunt(Class<?> type, int first, int seeds, Path mutant) throws Exception {
        ChildFirst loader = new ChildFirst(List.of(mutant, CLASSES, TEST_CLASSES));
        loader.setDefaultAssertionStatus(true);
        Constructor<?> hunter = loader.loadClass(type.getName()).getDeclaredConstructor();
        hunter.setAccessible(true);
        @SuppressWarnings("unchecked") // it is what SeedHunt implements
        BiFunction<Integer, Integer, String> hunt = (BiFunction<Integer, Integer, String>) hunter.newInstance();
        return hunt.apply(first, seeds);
    }

    private static Path compile(Defect defect, Path directory) throws IOException {
        Path source = directory.resolve("src").resolve(Path.of(defect.file()).getFileName());
        Path classes = directory.resolve("classes");
        Files.createDirectories(source.getParent());
        Files.createDirectories(classes);
        Files.writeString(source, defect.source(SOURCES));
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said, true);
        String classPath = CLASSES + File.pathSeparator + placeOf(Logger.class);
        int status = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-proc:none", "-d", classes.toString(), "-cp", classPath, source.toString());
        assertEquals(0, status, () -> defect + " does not compile:\n" + said);
        return classes;
    }

    private static Path placeOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Loads all of Sluice anew, the first place that has a class wins; everything else comes from outside. */
    private static final class ChildFirst extends ClassLoader {
        private final List<Path> places;

        ChildFirst(List<Path> places) {
            super(MutationTest.class.getClassLoader());
            this.places = places;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.sluice.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            for (Path place : places) {
                Path file = place.resolve(name.replace('.', '/') + ".class");
                if (Files.exists(file)) {
                    try {
                        byte[] bytes = Files.readAllBytes(file);
                        return defineClass(name, bytes, 0, bytes.length);
                    } catch (IOException e) {
                        throw new ClassNotFoundException(name, e);
                    }
                }
            }
            throw new ClassNotFoundException(name);
        }
    }
}
