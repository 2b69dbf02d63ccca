// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.examples.Project;
import dev.sluice.examples.programs.Program.Said;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example {@code l4} under load, while its backends are killed, stopped, added and removed, and reset connections. */
final class L4ChaosTest {
    private static final int VISITORS = 6;

    @TempDir
    private Path directory;

    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, Nginx> running = new HashMap<>();
    private int started;

    @BeforeEach
    void startThree() throws Exception {
        Nginx.installed();
        for (String name : List.of("a", "b", "c")) {
            start(name);
        }
    }

    @AfterEach
    void stop() {
        running.values().forEach(Nginx::close);
    }

    /** Starts a backend, or starts it again where it was. */
    private void start(String name) throws Exception {
        int port = ports.computeIfAbsent(name, any -> freePort());
        Path home = Files.createDirectory(directory.resolve(name + "-" + started++));
        String site = String.join(
                "\n",
                "reset_timedout_connection on;", // it goes for status 444 too
                "keepalive_requests 20;",
                "server {",
                "listen 127.0.0.1:" + port + ";",
                "location / { return 200 \"" + name + " $request_uri\\n\"; }",
                "location /same { return 200 same; }",
                "location /reset { return 444; }",
                "}");
        running.put(name, Nginx.start(home, site, port));
    }

    private static int freePort() {
        try {
            return Program.freePort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void kill(String name) throws Exception {
        Nginx nginx = running.remove(name);
        nginx.signal("KILL");
        nginx.close();
    }

    private String upstream(String settings, String... names) {
        int[] of = List.of(names).stream().mapToInt(ports::get).toArray();
        return RunningL4.upstream(settings, of);
    }

    @Test
    void everyRequestThatDidNotGoToADeadBackendIsAnswered() throws Exception {
        List<String> settings = List.of(
                "",
                "balance = \"fewest-connections\"\n",
                "balance = \"round-robin\"\nhealth.check = \"connect\"\nhealth.interval = \"50ms\"\n");
        try (RunningL4 l4 = RunningL4.start(directory, upstream("", "a", "b", "c"))) {
            Visitors visitors = new Visitors(l4.port, VISITORS);
            try (visitors) {
                for (String next : settings) {
                    visitors.awaitAnswers(100);
                    kill("a");
                    visitors.awaitAnswers(200);
                    start("d");
                    l4.reload(upstream(next, "b", "c", "d"));
                    visitors.awaitAnswers(100);
                    stopForAMoment(l4, "b");
                    start("a");
                    l4.reload(upstream(next, "c", "a"));
                    await(() -> l4.ofBackend("l4_backend_connects_total", ports.get("a")) > 10, l4::toString);
                    visitors.awaitAnswers(100);
                    running.remove("d").close();
                    l4.reload(upstream(next, "a", "b", "c"));
                }
            }
            assertEquals(List.of(), visitors.wrong());
            assertTrue(visitors.resets() > 0, visitors::toString);
            assertTrue(l4.sum("l4_upstream_retries_total") > 0, l4::toString);
            assertTrue(visitors.lost().size() <= settings.size() * VISITORS, visitors::toString);
            assertWentTo(ports.get("a"), visitors.lost(), l4);
            assertEquals(0, l4.sum("l4_upstream_without_backend_total"), l4::toString);
        }
    }

    /** Its kernel takes connections meanwhile, and whoever has come waits. */
    private void stopForAMoment(RunningL4 l4, String name) throws Exception {
        running.get(name).signal("STOP");
        try {
            await(() -> l4.ofBackend("l4_backend_relays", ports.get(name)) >= 2, () -> "two that wait, " + l4);
        } finally {
            running.get(name).signal("CONT");
        }
    }

    private static void assertWentTo(int port, List<String> clients, RunningL4 l4) {
        Set<String> went = new HashSet<>();
        await(
                () -> {
                    l4.log().stream()
                            .filter(words -> words[5].equals("127.0.0.1:" + port) && !words[10].equals("not_connected"))
                            .forEach(words -> went.add(words[2]));
                    return went.containsAll(clients);
                },
                () -> "lost, but not with the dead backend: "
                        + clients.stream()
                                .filter(client -> !went.contains(client))
                                .toList());
    }

    @Test
    void curlGetsEveryAnswerWhileOneOfThreeIsDead() throws Exception {
        kill("b");
        String never = "balance = \"round-robin\"\nejection.failures = 0\nejection.percent = 0\n";
        try (RunningL4 l4 = RunningL4.start(directory, upstream(never, "a", "b", "c"))) {
            List<String> arguments = new ArrayList<>(List.of("--disable", "--silent", "--show-error"));
            arguments.addAll(List.of("--max-time", "60", "--header", "Connection: close"));
            arguments.add("http://127.0.0.1:" + l4.port + "/[1-100]");
            Said said = Program.run(Program.installed("curl", "curl"), arguments);
            assertEquals(0, said.status(), said::toString);
            Set<String> answers = new TreeSet<>();
            said.text().lines().forEach(line -> answers.add(line.replaceFirst("^[ac] ", "")));
            Set<String> asked = new TreeSet<>();
            IntStream.rangeClosed(1, 100).forEach(i -> asked.add("/" + i));
            assertEquals(asked, answers);
            assertTrue(l4.sum("l4_upstream_retries_total") >= 30, l4::toString);
        }
    }

    @Test
    void wrkHasNoErrorsWhileBackendsComeAndGo() throws Exception {
        String wrk = Program.installed("wrk", "wrk");
        try (RunningL4 l4 = RunningL4.start(directory, upstream("", "a"))) {
            List<String> arguments = new ArrayList<>(List.of("--threads", "1", "--connections", "30"));
            arguments.addAll(List.of("--duration", "2s", "--timeout", "20s", "--script"));
            arguments.add(
                    Project.ROOT.resolve("examples/src/test/wrk/bodies.lua").toString());
            arguments.addAll(List.of("http://127.0.0.1:" + l4.port + "/same", "--", "same"));
            CompletableFuture<Said> load = CompletableFuture.supplyAsync(() -> run(wrk, arguments));
            String[][] lists = {{"a", "b"}, {"b", "c"}, {"c"}, {"c", "a"}, {"a"}};
            for (int i = 0; !load.isDone(); i++) {
                double before = l4.sum("l4_listener_accepted_total");
                l4.reload(upstream("", lists[i % lists.length]));
                await(() -> load.isDone() || l4.sum("l4_listener_accepted_total") > before + 10, l4::toString);
            }
            Said said = load.get();
            assertEquals(0, said.status(), said::toString);
            assertFalse(said.text().contains("Socket errors"), said::toString);
            assertTrue(said.text().contains(" right, 0 wrong"), said::toString);
        }
    }

    private static Said run(String program, List<String> arguments) {
        try {
            return Program.run(program, arguments);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
