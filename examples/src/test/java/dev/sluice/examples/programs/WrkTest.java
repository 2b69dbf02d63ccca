// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Http;
import dev.sluice.examples.Project;
import dev.sluice.examples.files.FileServer;
import dev.sluice.examples.programs.Program.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples {@code http} and {@code files} under wrk's load. What is looked at is that nothing goes wrong, not how fast. */
final class WrkTest {
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
    private static final Pattern BODIES = Pattern.compile("bodies: (\\d+) right, (\\d+) wrong");

    private String wrk;

    @BeforeEach
    void find() {
        wrk = Program.installed("wrk", "wrk");
    }

    /** Runs it for a second on 50 connections; there must be no error. */
    private String load(Server server, String target, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--threads", "1", "--connections", "50", "--duration", "1s"));
        arguments.add("http://127.0.0.1:" + server.port() + target);
        arguments.addAll(List.of(more));
        Said said = Program.run(wrk, arguments);
        assertEquals(0, said.status(), said::toString);
        assertFalse(said.text().contains("Socket errors"), said::toString);
        assertFalse(said.text().contains("Non-2xx"), said::toString);
        Matcher requests = REQUESTS.matcher(said.text());
        assertTrue(requests.find() && Integer.parseInt(requests.group(1)) > 50, said::toString);
        return said.text();
    }

    private static String script(String name) {
        return Project.ROOT.resolve("examples/src/test/wrk/" + name).toString();
    }

    @Test
    void repliesAtOnceHaveNoErrorsAndTheRightBodies() throws Exception {
        try (Server server = Http.server(Endpoint.tcp("127.0.0.1", 0)).start()) {
            String said = load(server, "/plaintext", "--script", script("bodies.lua"), "--", "Hello, World!");
            Matcher bodies = BODIES.matcher(said);
            assertTrue(bodies.find(), said);
            assertTrue(Integer.parseInt(bodies.group(1)) > 50, said);
            assertEquals("0", bodies.group(2), said);
        }
    }

    @Test
    void sixteenRequestsAtATimeHaveNoErrors() throws Exception {
        try (Server server = Http.server(Endpoint.tcp("127.0.0.1", 0)).start()) {
            load(server, "/plaintext", "--script", script("pipeline.lua"));
        }
    }

    @Test
    void repliesGivenLaterHaveNoErrors() throws Exception {
        try (Server server = Http.server(Endpoint.tcp("127.0.0.1", 0)).start()) {
            load(server, "/slow?ms=5", "--script", script("pipeline.lua"));
        }
    }

    @Test
    void filesHaveNoErrors(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("large.bin"), new byte[200_000]);
        try (Server server =
                FileServer.server(Endpoint.tcp("127.0.0.1", 0), folder, false).start()) {
            load(server, "/large.bin");
        }
    }
}
