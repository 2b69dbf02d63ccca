// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.files;

import dev.sluice.http.HttpTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What may be had of a folder, and nothing else: no way leads out of it, and names that begin with a dot are hidden. */
final class Folder {
    private static final String WELL_KNOWN = ".well-known"; // RFC 8615

    private final Path root;

    /** The folder of that path. If it is a link it is followed, now. */
    Folder(Path root) throws IOException {
        this.root = root.toRealPath();
        if (!Files.isDirectory(this.root)) {
            throw new NotDirectoryException(root.toString());
        }
    }

    /** The path that a target names, whether or not there is something; nothing if that is none for others. */
    Optional<Path> path(HttpTarget target) {
        List<String> names = target.segments();
        int last = names.size() - 1;
        if (names.get(last).isEmpty()) {
            names = names.subList(0, last); // a folder
        }
        if (!names.stream().allMatch(Folder::isName)) {
            return Optional.empty();
        }
        try {
            return Optional.of(root.resolve(String.join("/", names))); // one by one would copy all before it each time
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Where a path in here leads, all links followed; nothing if there is nothing, or it isn't in here. */
    Optional<Path> real(Path path) {
        try {
            Path real = path.toRealPath();
            return real.startsWith(root) ? Optional.of(real) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // there is none, or it can't be seen
        }
    }

    static boolean isName(String segment) {
        boolean hidden = segment.startsWith(".") && !segment.equals(WELL_KNOWN);
        return !segment.isEmpty() && !hidden && segment.indexOf('/') < 0 && segment.indexOf('\\') < 0;
    }
}
