// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of Unix domain sockets: who may connect, which are replaced, and which are never touched. */
class SocketFileScenarioTest {
    @TempDir
    Path folder;

    private static Server start(Endpoint endpoint) throws IOException {
        return Server.builder()
                .topology(Topology.singleThread())
                .listen(endpoint, Protocol.of(LineFramer::new, TestServer::echo))
                .start();
    }

    private static String refusal(Endpoint endpoint) {
        return assertThrows(BindException.class, () -> start(endpoint).close()).getMessage();
    }

    private static void assertServes(Path path) throws IOException {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            client.write(TestServer.bytes("x\n"));
            assertTrue(client.read(java.nio.ByteBuffer.allocate(2)) > 0);
        }
    }

    /** A socket file whose process is gone. */
    private static Path leaveStale(Path path) throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(path))
                .close();
        assertTrue(Files.exists(path));
        return path;
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-rw----", "rwxrwxrwx"})
    void theFileHasThePermissionsThatWereAskedFor(String permissions) throws Exception {
        Path path = folder.resolve("s");
        try (Server server = start(Endpoint.unix(path).withPermissions(PosixFilePermissions.fromString(permissions)))) {
            assertEquals(permissions, PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertEquals(List.of("s"), files(), "nothing else is left beside it");
            assertEquals(path.toString(), server.listeners().get(0).toString());
            assertServes(path);
        }
        assertEquals(List.of(), files());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?permissions=rw-rw-rw-"})
    void aStaleFileIsReplaced(String settings) throws Exception {
        Path path = leaveStale(folder.resolve("s"));
        try (Server server = start(Endpoint.parse("unix:" + path + settings))) {
            assertServes(path);
            assertEquals(List.of("s"), files());
        }
        assertEquals(List.of(), files());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?permissions=rw-rw-rw-"})
    void aLiveFileIsRefusedAndGoesOnToServe(String settings) throws Exception {
        Path path = folder.resolve("s");
        try (Server first = start(Endpoint.unix(path))) {
            assertEquals(
                    "cannot listen on " + path
                            + ": a process listens on it already; stop that first, or choose another path",
                    refusal(Endpoint.parse("unix:" + path + settings)));
            assertServes(path);
            assertEquals(List.of("s"), files());
        }
    }

    @Test
    void aLiveSocketWhoseBacklogIsFullIsNotTakenForStale() throws Exception {
        Path path = folder.resolve("s");
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocketChannel busy =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path), 1)) {
            for (int i = 0; i < 2; i++) {
                waiting.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
            }
            assertTrue(refusal(Endpoint.unix(path)).startsWith("cannot listen on " + path + ": "));
            assertEquals(List.of("s"), files());
        } finally {
            for (SocketChannel client : waiting) {
                client.close();
            }
        }
    }

    @Test
    void aFileThatIsNoSocketIsRefusedAndLeftAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "precious");
        Path directory = Files.createDirectory(folder.resolve("directory"));
        Path target = leaveStale(folder.resolve("target"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nothing"));
        for (Path path : List.of(file, directory, link, dangling)) {
            assertEquals(
                    "cannot listen on " + path
                            + ": the file is no socket, and is not deleted; choose another path or remove it",
                    refusal(Endpoint.unix(path)));
        }
        assertEquals("precious", Files.readString(file));
        assertEquals(List.of("dangling", "directory", "file", "link", "target"), files());
    }

    @Test
    void aNamedPipeIsNoSocketThoughConnectsToItAreRefusedToo() throws Exception {
        Path pipe = folder.resolve("pipe");
        try {
            assertEquals(
                    0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        } catch (IOException e) {
            assumeTrue(false, "no mkfifo here: " + e.getMessage());
        }
        assertTrue(refusal(Endpoint.unix(pipe)).contains("the file is no socket"));
        assertEquals(List.of("pipe"), files());
    }

    @Test
    void aServerThatStopsLeavesAFileThatHasTakenThePlaceOfItsOwn() throws Exception {
        Path path = folder.resolve("s");
        Server first = start(Endpoint.unix(path));
        Files.move(path, folder.resolve("moved"));
        try (Server second = start(Endpoint.unix(path))) {
            first.close();
            assertServes(path);
        }
        assertEquals(List.of("moved"), files());
    }

    @Test
    void ofServersThatStartTogetherOnAStaleFileOneServesAndTheOthersAreRefused() throws Exception {
        for (int round = 0; round < 200; round++) {
            Path path = leaveStale(folder.resolve("s"));
            List<Server> started = java.util.Collections.synchronizedList(new ArrayList<>());
            List<Throwable> refused = java.util.Collections.synchronizedList(new ArrayList<>());
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread thread = new Thread(() -> {
                    try {
                        go.await();
                        started.add(start(Endpoint.unix(path)));
                    } catch (IOException | InterruptedException e) {
                        refused.add(e);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            go.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(1, started.size(), refused::toString);
            assertEquals(2, refused.size());
            assertServes(path);
            started.get(0).close();
            assertEquals(List.of(), files());
        }
    }

    @Test
    void whatCannotBeMadeIsOneLineThatSaysWhatToDo() throws Exception {
        Path nowhere = folder.resolve("no").resolve("s");
        assertEquals(
                "cannot listen on " + nowhere + ": there is no directory " + folder.resolve("no")
                        + "; make it, or choose another path",
                refusal(Endpoint.unix(nowhere)));
        Path file = Files.createFile(folder.resolve("file"));
        assertTrue(refusal(Endpoint.unix(file.resolve("s"))).contains("there is no directory " + file));
        Path tooLong = folder.resolve("x".repeat(120));
        assertTrue(refusal(Endpoint.unix(tooLong)).contains("the JDK takes 106 bytes"));
        assertEquals(List.of("file"), files());
    }

    @Test
    void theLongestPathsCanBeBoundAndPutInPlaceOfAStaleFile() throws Exception {
        int room = 106 - folder.toString().length() - 1;
        assumeTrue(room > 10, "the path of the folder for temporary files is too long");
        Path longest = folder.resolve("x".repeat(room));
        start(Endpoint.unix(longest)).close();
        start(Endpoint.unix(leaveStale(longest))).close();
        Path longestPrivate = leaveStale(folder.resolve("x".repeat(room - 7)));
        start(Endpoint.parse("unix:" + longestPrivate + "?permissions=rw-------"))
                .close();
        assertTrue(refusal(Endpoint.parse("unix:" + longest + "?permissions=rw-------"))
                .contains("7 fewer with permissions"));
        assertEquals(List.of(), files());
    }

    @Test
    void whereAnotherServerIsBeingStartedOneIsRefused() throws Exception {
        Path path = leaveStale(folder.resolve("s"));
        Path workshop = Files.createDirectory(folder.resolve(".s.new"));
        assertEquals(
                "cannot listen on " + path
                        + ": another server is being started on it at this moment; if there is none, remove "
                        + workshop,
                refusal(Endpoint.unix(path)));
        assertEquals(List.of(".s.new", "s"), files());
    }

    @Test
    void whatAServerThatWasKilledWhileItStartedLeftBehindIsTakenOver() throws Exception {
        Path path = folder.resolve("s");
        Path workshop = Files.createDirectory(folder.resolve(".s.new"));
        leaveStale(workshop.resolve("s"));
        Files.setLastModifiedTime(workshop, FileTime.from(Instant.now().minusSeconds(60)));
        start(Endpoint.parse("unix:" + path + "?permissions=rw-------")).close();
        assertEquals(List.of(), files());
    }

    @Test
    void aDirectoryThatCannotBeWrittenToIsOneLine() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-x------"));
        try {
            assumeTrue(!Files.isWritable(folder), "this user may write everywhere");
            String message = "cannot listen on " + folder.resolve("s") + ": this user may not make files in " + folder
                    + "; change its permissions, or choose another path";
            assertEquals(message, refusal(Endpoint.unix(folder.resolve("s"))));
            assertEquals(message, refusal(Endpoint.parse("unix:" + folder.resolve("s") + "?permissions=rw-------")));
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        assertFalse(Files.exists(folder.resolve("s")));
    }
}
