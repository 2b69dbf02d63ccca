// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file of bounded length, read in one go. */
final class BoundedFile {
    private BoundedFile() {}

    /** Reads all of it, or says in one line why that can't be. */
    static byte[] read(Path file, int maxBytes) throws Flaw {
        try {
            if (Files.isDirectory(file)) {
                throw new Flaw("is a folder");
            }
            try (InputStream in = Files.newInputStream(file)) {
                byte[] bytes = in.readNBytes(maxBytes + 1);
                if (bytes.length > maxBytes) {
                    throw new Flaw("longer than " + maxBytes + " bytes");
                }
                return bytes;
            }
        } catch (NoSuchFileException e) {
            throw new Flaw("there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new Flaw("may not be read by this process", e);
        } catch (IOException e) {
            throw Flaw.of("can't be read", e);
        }
    }
}
