// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Server;
import dev.sluice.examples.launcher.TopologyName;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each example answers real bytes, in each topology. */
final class ExampleServersTest {

    @ParameterizedTest
    @EnumSource
    void echoSendsEveryByteBack(TopologyName topology) throws Exception {
        assertAnswers("echo", topology, "no line\0\u00ff", "no line\0\u00ff");
    }

    @ParameterizedTest
    @EnumSource
    void linesSendsEachLineBack(TopologyName topology) throws Exception {
        assertAnswers("lines", topology, "one\ntwo\r\n\nfour\nunfinis", "one\ntwo\n\nfour\n");
    }

    @ParameterizedTest
    @EnumSource
    void framesSendsEachFrameBack(TopologyName topology) throws Exception {
        String frames = "\0\0\0\2hi\0\0\0\0\0\0\0\3you";
        assertAnswers("frames", topology, frames + "\0\0\0\7unfin", frames);
    }

    @ParameterizedTest
    @EnumSource
    void chatTellsEverybody(TopologyName topology) throws Exception {
        try (Launched launched = Launched.launcher(
                        "chat", "--port", "0", "--readers", "2", "--topology", topology.toString(), "--slow", "drop");
                Socket first = launched.connect()) {
            try (Socket second = launched.connect()) {
                second.getOutputStream().write("hello\n".getBytes(ISO_8859_1));
                assertHears(first, ": hello");
                assertHears(second, ": hello");
            }
            assertHears(first, " has gone");
        }
    }

    @ParameterizedTest
    @EnumSource
    void starttlsGreetsInClear(TopologyName topology, @TempDir Path directory) throws Exception {
        TestCertificate made = TestCa.create("a CA to throw away").server("localhost");
        Path certificates = Files.writeString(directory.resolve("cert.pem"), made.chainPem());
        Path key = Files.writeString(directory.resolve("key.pem"), made.keyPem());
        try (Launched launched = Launched.launcher(
                        "starttls",
                        "--port",
                        "0",
                        "--topology",
                        topology.toString(),
                        "--cert",
                        certificates.toString(),
                        "--key",
                        key.toString());
                Socket client = launched.connect()) {
            client.getOutputStream().write("EHLO me\r\nQUIT\r\n".getBytes(ISO_8859_1));
            assertEquals(
                    "220 localhost ESMTP\r\n250-localhost\r\n250 STARTTLS\r\n221 bye\r\n",
                    new String(client.getInputStream().readAllBytes(), ISO_8859_1));
        }
    }

    private static void assertHears(Socket member, String text) throws IOException {
        StringBuilder heard = new StringBuilder();
        while (heard.indexOf(text) < 0) {
            int next = member.getInputStream().read();
            assertTrue(next >= 0, () -> "ended after: " + heard);
            heard.append((char) next);
        }
    }

    @ParameterizedTest
    @EnumSource
    void kvAnswersTheClientsOfRedis(TopologyName topology) throws Exception {
        String requests = "SET k v\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nFLUSHALL\r\nGET k\r\nGE";
        assertAnswers("kv", topology, requests, "+OK\r\n$1\r\nv\r\n+OK\r\n$-1\r\n");
    }

    @Test
    void aServerThatWasOutOfDescriptorsBeforeItsFirstReplyServesAgain() throws Exception {
        assumeTrue(
                isInJar(Server.class),
                "core's classes are files of a directory, so that its first reply needs descriptors; run mvn verify");
        List<Socket> crowd = new ArrayList<>();
        try (Launched launched = Launched.launcherAfter("ulimit -n 120", "lines", "--port", "0")) {
            for (int i = 0; i < 130; i++) {
                crowd.add(launched.connect());
            }
            await(() -> launched.stderr().contains("Too many open files"), launched::toString);
            assertEchoes(crowd.get(0));
            for (Socket client : crowd) {
                client.close();
            }
            try (Socket late = launched.connect()) {
                assertEchoes(late);
            }
        } finally {
            for (Socket client : crowd) {
                client.close();
            }
        }
    }

    private static boolean isInJar(Class<?> type) {
        return type.getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath()
                .endsWith(".jar");
    }

    /** Also where classes are files, which can't be opened then. */
    @Test
    void aServerThatIsOutOfDescriptorsGoesOnAccepting() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (Launched launched = Launched.launcherAfter("ulimit -n 120", "lines", "--port", "0")) {
            try (Socket early = launched.connect()) {
                assertEchoes(early);
            }
            for (int i = 0; i < 130; i++) {
                crowd.add(launched.connect());
            }
            await(() -> launched.stderr().contains("Too many open files"), launched::toString);
            for (Socket client : crowd) {
                client.close();
            }
            try (Socket late = launched.connect()) {
                assertEchoes(late);
            }
        } finally {
            for (Socket client : crowd) {
                client.close();
            }
        }
    }

    private static void assertEchoes(Socket client) throws IOException {
        client.getOutputStream().write("still there?\n".getBytes(ISO_8859_1));
        assertEquals("still there?\n", new String(client.getInputStream().readNBytes(13), ISO_8859_1));
    }

    private static void assertAnswers(String example, TopologyName topology, String bytes, String answer)
            throws IOException {
        try (Launched launched =
                        Launched.launcher(example, "--port", "0", "--readers", "2", "--topology", topology.toString());
                Socket first = launched.connect();
                Socket second = launched.connect()) {
            for (Socket client : new Socket[] {first, second}) {
                client.getOutputStream().write(bytes.getBytes(ISO_8859_1));
                String got = new String(client.getInputStream().readNBytes(answer.length()), ISO_8859_1);
                assertEquals(answer, got);
            }
            assertTrue(launched.stdout().matches("listening on 127\\.0\\.0\\.1:\\d+\\R"), launched::toString);
            assertEquals("", launched.stderr());
        }
    }
}
