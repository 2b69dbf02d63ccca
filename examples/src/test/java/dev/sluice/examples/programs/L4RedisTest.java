// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Kv;
import dev.sluice.examples.kv.RedisServer;
import dev.sluice.examples.programs.Program.Said;
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

/** Redis' own programs through the example {@code l4}, to Redis and to the example {@code kv}. */
final class L4RedisTest {
    private static final int REQUESTS = 20_000;

    @TempDir
    private Path directory;

    enum Store {
        REDIS,
        KV
    }

    /** A store and a proxy in front of it. */
    private record Stack(AutoCloseable store, RunningL4 l4) implements AutoCloseable {
        @Override
        public void close() throws Exception {
            try (AutoCloseable last = store) {
                l4.close();
            }
        }
    }

    private Stack start(Store kind) throws Exception {
        RedisServer.installed("redis-cli");
        AutoCloseable store;
        int port;
        if (kind == Store.REDIS) {
            RedisServer redis = RedisServer.start();
            store = redis;
            port = redis.port;
        } else {
            Server kv =
                    Kv.server(Endpoint.tcp("127.0.0.1", 0), Kv.store(16 << 20)).start();
            store = kv;
            port = kv.port();
        }
        return new Stack(store, RunningL4.start(directory, RunningL4.upstream("", port)));
    }

    private static Said redisCli(Stack stack, Path input, String... arguments) throws Exception {
        return said(stack, input, "redis-cli", arguments);
    }

    private static Said said(Stack stack, Path input, String program, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("-h", "127.0.0.1", "-p", String.valueOf(stack.l4.port)));
        all.addAll(List.of(arguments));
        Said said = Program.run(input, RedisServer.installed(program), all);
        assertEquals(0, said.status(), said::toString);
        return said;
    }

    @ParameterizedTest
    @EnumSource
    void redisBenchmarkHasNoErrorsAndWhatItHasCountedIsThere(Store store) throws Exception {
        try (Stack stack = start(store)) {
            Said said = said(
                    stack,
                    null,
                    "redis-benchmark",
                    ("-q -t set,get,incr -d 100 -c 50 -P 16 -n " + REQUESTS).split(" "));
            for (String test : List.of("SET: ", "GET: ", "INCR: ")) {
                assertTrue(said.text().contains(test), said::toString);
            }
            assertFalse((said.text() + said.errors()).toLowerCase().contains("error"), said::toString);
            assertEquals(
                    REQUESTS + "\n",
                    redisCli(stack, null, "get", "counter:__rand_int__").text());
            assertEquals(
                    "100\n", redisCli(stack, null, "strlen", "key:__rand_int__").text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void redisCliTalks(Store store) throws Exception {
        try (Stack stack = start(store)) {
            assertEquals("OK\n", redisCli(stack, null, "set", "k", "a b").text());
            assertEquals(
                    "\"a b\"\n", redisCli(stack, null, "--no-raw", "get", "k").text());
            Path value = Files.write(directory.resolve("value"), new byte[700_000]);
            assertEquals("OK\n", redisCli(stack, value, "-x", "set", "large").text());
            assertEquals("700000\n", redisCli(stack, null, "strlen", "large").text());
            assertEquals(700_001, redisCli(stack, null, "get", "large").bytes().length); // and the line's end
        }
    }

    /** It sends as fast as it can, and reads replies beside that. */
    @ParameterizedTest
    @EnumSource
    void redisCliSendsAllInOnePiece(Store store) throws Exception {
        StringBuilder commands = new StringBuilder();
        for (int i = 0; i < REQUESTS; i++) {
            commands.append("SET key:").append(i).append(' ').append(i).append("\r\n");
        }
        Path input = Files.writeString(directory.resolve("commands"), commands);
        try (Stack stack = start(store)) {
            Said said = redisCli(stack, input, "--pipe");
            assertTrue(said.text().contains("errors: 0, replies: " + REQUESTS), said::toString);
            assertEquals(REQUESTS + "\n", redisCli(stack, null, "dbsize").text());
            int last = REQUESTS - 1;
            assertEquals(
                    last + "\n", redisCli(stack, null, "get", "key:" + last).text());
        }
    }

    /** Redis itself ends at once when its client ends its half. */
    @Test
    void whoEndsItsHalfGetsEveryReplyFromKv() throws Exception {
        try (Stack stack = start(Store.KV);
                Socket client = Asking.connect(stack.l4.port)) {
            int requests = 5_000;
            client.getOutputStream().write("PING\r\n".repeat(requests).getBytes(ISO_8859_1));
            client.shutdownOutput();
            String replies = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
            assertEquals("+PONG\r\n".repeat(requests), replies);
        }
    }

    @Test
    void aSubscriberIsToldAcrossTheProxy() throws Exception {
        try (Stack stack = start(Store.REDIS);
                Socket subscriber = Asking.connect(stack.l4.port)) {
            subscriber.getOutputStream().write("SUBSCRIBE news\r\n".getBytes(ISO_8859_1));
            Asking.readUntil(subscriber.getInputStream(), ":1\r\n");
            assertEquals(
                    "1\n", redisCli(stack, null, "publish", "news", "hello").text());
            assertTold(subscriber, "$5\r\nhello\r\n");
            subscriber.shutdownOutput();
            assertEquals(-1, subscriber.getInputStream().read());
        }
    }

    private static void assertTold(Socket subscriber, String text) throws IOException {
        assertTrue(Asking.readUntil(subscriber.getInputStream(), text).endsWith(text));
    }
}
