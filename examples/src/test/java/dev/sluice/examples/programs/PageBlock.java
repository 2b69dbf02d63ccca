// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A block of configuration just as a page of {@code docs} shows it, in which ports and paths are filled in. */
record PageBlock(String text) {
    /** The block of nginx's configuration whose marker in front of it names a file's region of that name. */
    static PageBlock of(String page, String name) throws IOException {
        return behind(
                page,
                line -> line.startsWith("<!-- snippet: examples/src/main/nginx/") && line.endsWith("#" + name + " -->"),
                name);
    }

    /** The block whose marker in front of it says that it is a file of that name. */
    static PageBlock file(String page, String name) throws IOException {
        return behind(page, ("<!-- file: " + name + " -->")::equals, name);
    }

    private static PageBlock behind(String page, Predicate<String> marker, String name) throws IOException {
        List<String> block = new ArrayList<>();
        boolean found = false;
        for (String line : Files.readAllLines(Project.ROOT.resolve(page))) {
            if (found && line.equals("```")) {
                return new PageBlock(String.join("\n", block.subList(1, block.size())));
            }
            if (found) {
                block.add(line);
            }
            found |= marker.test(line);
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
