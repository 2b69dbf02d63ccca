// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Topology;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redis' own programs, where they are installed. */
class RedisToolsTest {
    private KvServer server;

    @BeforeEach
    void start() throws IOException {
        server = new KvServer(Topology.singleThread());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "16"})
    void redisBenchmarkRuns(String pipeline) throws Exception {
        RedisServer.installed("redis-benchmark");
        String said = run("redis-benchmark", "-q", "-n", "2000", "-t", "ping,set,get,incr,mset", "-P", pipeline);
        for (String test : List.of("PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)")) {
            assertTrue(said.contains(test + ": "), said);
        }
        assertTrue(!said.toLowerCase().contains("err"), said);
        server.connect().send("GET counter:__rand_int__~").expect("$4~2000~");
    }

    @Test
    void redisCliTalks() throws Exception {
        RedisServer.installed("redis-cli");
        assertEquals("OK\n", run("redis-cli", "set", "k", "a b"));
        assertEquals("\"a b\"\n", run("redis-cli", "--no-raw", "get", "k"));
        assertEquals("(nil)\n", run("redis-cli", "--no-raw", "get", "none"));
        assertEquals("1# \"save\" => \"\"\n", run("redis-cli", "--no-raw", "-3", "config", "get", "save"));
        assertEquals("k\n", run("redis-cli", "--scan"));
        assertEquals("(error) ERR syntax error\n\n", run("redis-cli", "--no-raw", "set", "k", "v", "foo") + "\n");
    }

    private String run(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program, "-p", String.valueOf(server.port())));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return said;
    }
}
