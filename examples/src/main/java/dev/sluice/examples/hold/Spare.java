// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A few descriptors that are given back once no other is left, so that this process can still load a class and say what
 * has happened.
 */
final class Spare implements AutoCloseable {
    private static final int NUMBER = 16;
    private static final Path FILE = Path.of("/dev/null");

    private final List<Closeable> open = new ArrayList<>();

    Spare() throws IOException {
        for (int i = 0; i < NUMBER && Files.exists(FILE); i++) {
            open.add(Files.newInputStream(FILE));
        }
    }

    @Override
    public void close() {
        for (Closeable one : open) {
            try {
                one.close();
            } catch (IOException e) {
                throw new AssertionError("nothing was written to it", e);
            }
        }
        open.clear();
    }
}
