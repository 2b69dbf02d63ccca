// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** A block of nginx's configuration just as a page of {@code docs} shows it, in which ports and paths are filled in. */
record PageBlock(String text) {
    /** The block whose marker in front of it names a file's region of that name. */
    static PageBlock of(String page, String name) throws IOException {
        List<String> lines = Files.readAllLines(Project.ROOT.resolve(page));
        List<String> block = new ArrayList<>();
        boolean found = false;
        for (String line : lines) {
            if (found && line.equals("```")) {
                return new PageBlock(String.join("\n", block.subList(1, block.size())));
            }
            if (found) {
                block.add(line);
            }
            found |= line.startsWith("<!-- snippet: examples/src/main/nginx/") && line.endsWith("#" + name + " -->");
        }
        throw new AssertionError(page + " shows no configuration " + name);
    }

    /** Puts something else in the place of what must be there. */
    PageBlock with(String what, String by) {
        assertTrue(text.contains(what), () -> "no " + what + " in\n" + text);
        return new PageBlock(text.replace(what, by));
    }

    /** Listens on a port of this machine instead of its own. */
    PageBlock at(int port) {
        assertTrue(text.matches("(?s).*listen \\d+.*"), text);
        return new PageBlock(text.replaceFirst("listen \\d+", "listen 127.0.0.1:" + port));
    }

    /** Asks a server on a port of this machine instead of that one. */
    PageBlock asks(String address, int port) {
        return with(address, "127.0.0.1:" + port);
    }
}
