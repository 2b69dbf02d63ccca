// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md says is so. */
final class ReadmeTest {
    private static final int MOST_LINES = 8;

    @Test
    void theFirstServerHasAtMostEightLinesAndEchoesLines(@TempDir Path directory) throws Exception {
        String code = first("java");
        assertTrue(code.lines().filter(line -> !line.isBlank()).count() <= MOST_LINES, code);
        int port = freePort();
        Path file = directory.resolve("LineEcho.java");
        Files.writeString(file, code.replace("7000", String.valueOf(port)));
        String path = Project.coreAndSlf4j();
        assertEquals("", Compiler.compile(List.of("-cp", path, "-d", directory.toString(), file.toString())));
        try (Launched server = Launched.java(List.of("-cp", directory + File.pathSeparator + path, "LineEcho"));
                Socket client = connect(port, server)) {
            client.getOutputStream().write("hello\r\n".getBytes());
            assertEquals("hello\n", new String(client.getInputStream().readNBytes(6)));
        }
    }

    @Test
    void theDependencyIsThisVersion() throws Exception {
        String dependency = first("xml");
        assertTrue(dependency.contains("<groupId>dev.sluice</groupId>"), dependency);
        assertTrue(dependency.contains("<artifactId>sluice-core</artifactId>"), dependency);
        assertTrue(dependency.contains("<version>" + System.getProperty("sluice.version") + "</version>"), dependency);
    }

    private static String first(String language) throws IOException {
        String readme = Files.readString(Project.ROOT.resolve("README.md"));
        Matcher block = Pattern.compile("```" + language + "\\R(.*?)```", Pattern.DOTALL)
                .matcher(readme);
        assertTrue(block.find(), "README.md has no " + language);
        return block.group(1);
    }

    private static Socket connect(int port, Launched server) {
        Socket[] client = new Socket[1];
        Await.await(
                () -> {
                    try {
                        client[0] = new Socket("127.0.0.1", port);
                        client[0].setSoTimeout(30_000);
                        return true;
                    } catch (IOException e) {
                        return false; // not listening yet
                    }
                },
                () -> "a connection to port " + port + " of " + server);
        return client[0];
    }

    // Somebody else may take it before the server does, which is unlikely: the kernel gives ports out in turn.
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
