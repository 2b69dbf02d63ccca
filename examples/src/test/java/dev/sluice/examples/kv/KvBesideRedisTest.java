// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Topology;
import dev.sluice.frame.HeapOutput;
import dev.sluice.resp.RespEncoder;
import dev.sluice.resp.RespValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same requests to the store and to a real Redis 7: the replies must be the same, byte for byte. Left out is what
 * can't be: other databases, the order of keys (compared sorted), lists of settings and commands, times that pass between
 * the two, and a byte without a character in a protocol error, which Redis sends raw and the framer escapes.
 */
class KvBesideRedisTest {
    private static final List<String> KEYS = List.of("a", "b", "c", "number", "\u00fc\u0000 x", "");
    private static final List<String> VALUES = List.of(
            "",
            "1",
            "-5",
            "v",
            "9223372036854775807",
            "-9223372036854775808",
            "01",
            " 1",
            "1.5",
            "\u0000\r\n",
            "x".repeat(300));
    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "10",
            "1000000",
            "9223372036854775807",
            "-9223372036854775808",
            "x",
            "",
            "1.0",
            "+1",
            "99999999999999999999");

    /** Every command with every number of arguments up to five, some of which are options. */
    private static final List<String> COMMANDS = List.of(
            "PING",
            "ECHO",
            "GET",
            "SET",
            "SETNX",
            "SETEX",
            "PSETEX",
            "GETSET",
            "DEL",
            "EXISTS",
            "TYPE",
            "INCR",
            "DECR",
            "INCRBY",
            "DECRBY",
            "APPEND",
            "STRLEN",
            "MGET",
            "MSET",
            "EXPIRE",
            "PEXPIRE",
            "EXPIREAT",
            "PEXPIREAT",
            "TTL",
            "PERSIST",
            "DBSIZE",
            "NOSUCH",
            "SCAN",
            "KEYS");

    private static final List<String> OPTIONS = List.of(
            "EX", "px", "NX", "XX", "KEEPTTL", "get", "EXAT", "PXAT", "GT", "lt", "MATCH", "COUNT", "*", "[a-c]");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void repliesAreTheSameForDrawnRequests(long seed) throws Exception {
        Random random = new Random(seed);
        List<List<String>> script = new ArrayList<>();
        script.add(List.of("HELLO", seed % 2 == 0 ? "3" : "2"));
        script.add(List.of("FLUSHALL"));
        for (int i = 0; i < 6000; i++) {
            script.add(drawn(random));
        }
        compare(script);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "3"})
    void repliesAreTheSameForWhatIsNotDrawn(String version) throws Exception {
        List<List<String>> script = new ArrayList<>();
        for (String line : List.of(
                "FLUSHALL",
                "HELLO " + version,
                "HELLO 4",
                "HELLO x",
                "HELLO 2 FOO",
                "HELLO 2 SETNAME",
                "HELLO " + version + " SETNAME me",
                "CLIENT GETNAME",
                "CLIENT SETNAME",
                "CLIENT SETNAME a,b",
                "CLIENT GETNAME",
                "CLIENT FOO",
                "CLIENT",
                "CONFIG",
                "CONFIG GET",
                "CONFIG FOO",
                "CONFIG GET maxmemory-policy",
                "CONFIG GET nosuchsetting",
                "CONFIG GET SAVE",
                "SELECT 0",
                "SELECT 16",
                "SELECT -1",
                "SELECT x",
                "SELECT",
                "FLUSHALL SYNC",
                "FLUSHALL ASYNC",
                "FLUSHALL FOO",
                "FLUSHALL SYNC ASYNC",
                "FLUSHDB",
                "PUBLISH c",
                "PUBLISH c m",
                "SUBSCRIBE",
                "SUBSCRIBE c d c",
                "GET a",
                "ping",
                "PING x",
                "PING x y",
                "UNSUBSCRIBE c",
                "UNSUBSCRIBE nosuch",
                "UNSUBSCRIBE",
                "UNSUBSCRIBE",
                "GET a",
                "COMMAND FOO",
                "COMMAND INFO nosuch",
                "COMMAND DOCS nosuch",
                "x".repeat(300) + " " + "y".repeat(300),
                "NOSUCH " + "y ".repeat(100).strip(),
                "QUIT")) {
            script.add(List.of(line.split(" ")));
        }
        compare(script);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*1~:1~",
                "*x~",
                "*-1~PING~QUIT~",
                "*0~PING~QUIT~",
                "~~ ~PING~QUIT~",
                "*1~$-1~",
                "*1~$x~",
                "*2~$4~ECHO~$1048577000~",
                "GET 'a~",
                "GET \"a\"b~",
                "set k \"\\x41\\n\\\"q\" nx~get k~quit~",
                "POST / HTTP/1.1~",
                "Host: x~"
            })
    void rawBytesAreAnsweredTheSame(String bytes) throws Exception {
        try (RedisServer redis = redis();
                KvServer kv = new KvServer(Topology.singleThread())) {
            assertEquals(all(redis.port, bytes), all(kv.port(), bytes));
        }
    }

    private static String all(int port, String bytes) throws Exception {
        try (RespClient client = new RespClient(port)) {
            return client.send(bytes).rest();
        }
    }

    private static List<String> drawn(Random random) {
        List<String> words = new ArrayList<>();
        words.add(one(COMMANDS, random));
        int more = random.nextInt(6);
        for (int i = 0; i < more; i++) {
            int kind = random.nextInt(10);
            boolean key = i == 0 || kind < 2;
            words.add(one(key ? KEYS : kind < 5 ? VALUES : kind < 8 ? NUMBERS : OPTIONS, random));
        }
        if (!words.get(0).endsWith("CRBY")) { // what may be a time must not end on one side before the other
            words.replaceAll(word -> word.equals("1") || word.equals("10") ? "1000000" : word);
        }
        return words;
    }

    private static String one(List<String> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    private static void compare(List<List<String>> script) throws Exception {
        try (RedisServer redis = redis();
                KvServer kv = new KvServer(Topology.singleThread());
                RespClient there = new RespClient(redis.port);
                RespClient here = kv.connect()) {
            for (List<String> request : script) {
                kv.clock.set(System.currentTimeMillis());
                String[] words = request.toArray(String[]::new);
                there.request(words);
                here.request(words);
                int replies = Math.max(1, request.get(0).endsWith("SUBSCRIBE") ? request.size() - 1 : 1);
                for (int i = 0; i < replies; i++) {
                    assertEquals(
                            comparable(request, there.value()), comparable(request, here.value()), request::toString);
                }
            }
        }
    }

    private static RedisServer redis() throws Exception {
        RedisServer redis = RedisServer.start();
        try (RespClient client = new RespClient(redis.port)) {
            RespValue.Bulk info =
                    (RespValue.Bulk) client.request("INFO", "server").value();
            boolean seven = info.text().contains("redis_version:7.");
            if (!seven) {
                redis.close();
            }
            assumeTrue(seven, "redis-server is none of the versions 7, whose texts the store has");
        }
        return redis;
    }

    private static String comparable(List<String> request, RespValue value) {
        String command = request.get(0);
        if (command.equals("HELLO") && !(value instanceof RespValue.SimpleError)) {
            return "hello"; // its identifiers differ
        }
        if (command.equals("TTL") && value instanceof RespValue.Int time && time.value() > 0) {
            return "a time"; // a moment later on one side
        }
        if (command.equals("KEYS") && value instanceof RespValue.Array keys) {
            return sorted(keys);
        }
        if (command.equals("SCAN") && value instanceof RespValue.Array) {
            return "keys"; // cursors are each server's own
        }
        ByteBuffer bytes = HeapOutput.encode(value, RespEncoder.RESP3);
        return StandardCharsets.ISO_8859_1.decode(bytes).toString();
    }

    private static String sorted(RespValue.Array keys) {
        List<String> texts = new ArrayList<>();
        keys.elements().forEach(key -> texts.add(((RespValue.Bulk) key).text()));
        Collections.sort(texts);
        return texts.toString();
    }
}
