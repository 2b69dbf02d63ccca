// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Topology;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/** A client of Redis that knows nothing of this, in both versions of the protocol. */
class KvJedisTest {
    private KvServer server;

    @BeforeEach
    void start() throws IOException {
        server = new KvServer(Topology.acceptorAndReaders(2));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void setsAndGets(RedisProtocol protocol) {
        try (Jedis jedis = connect(protocol)) {
            assertEquals("PONG", jedis.ping());
            assertEquals("OK", jedis.set("k", "v"));
            assertEquals("v", jedis.get("k"));
            assertNull(jedis.get("none"));
            assertNull(jedis.set("k", "w", SetParams.setParams().nx()));
            assertEquals("v", jedis.setGet("k", "w", SetParams.setParams().ex(100)));
            assertEquals(100, jedis.ttl("k"));
            assertEquals(5, jedis.incrBy("n", 5));
            assertEquals(List.of("w", "5"), jedis.mget("k", "n"));
            byte[] key = {0, 13, 10, (byte) 0xFF};
            jedis.set(key, new byte[100_000]);
            assertArrayEquals(new byte[100_000], jedis.get(key));
            assertEquals(3, jedis.dbSize());
            assertEquals(2, jedis.del("k", "n"));
            assertTrue(jedis.info().contains("redis_version"));
            assertEquals("noeviction", jedis.configGet("maxmemory-policy").get("maxmemory-policy"));
            assertEquals(
                    "ERR value is not an integer or out of range",
                    assertThrows(JedisDataException.class, () -> jedis.incr(new byte[] {0, 13, 10, (byte) 0xFF}))
                            .getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource
    void pipelines(RedisProtocol protocol) {
        try (Jedis jedis = connect(protocol);
                Pipeline pipeline = jedis.pipelined()) {
            List<Response<Long>> counts = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                counts.add(pipeline.incr("n"));
            }
            Response<String> wrong =
                    pipeline.set("n", "x", SetParams.setParams().ex(-1));
            Response<String> last = pipeline.get("n");
            pipeline.sync();
            for (int i = 0; i < counts.size(); i++) {
                assertEquals(i + 1, counts.get(i).get());
            }
            assertThrows(JedisDataException.class, wrong::get);
            assertEquals("10000", last.get());
        }
    }

    @ParameterizedTest
    @EnumSource
    void scansAllKeys(RedisProtocol protocol) {
        try (Jedis jedis = connect(protocol)) {
            Set<String> expected = new TreeSet<>();
            for (int i = 0; i < 500; i++) {
                jedis.set("key" + i, "v");
                jedis.set("other" + i, "v");
                expected.add("key" + i);
            }
            Set<String> found = new TreeSet<>();
            String cursor = ScanParams.SCAN_POINTER_START;
            do {
                ScanResult<String> page =
                        jedis.scan(cursor, new ScanParams().match("key*").count(50));
                found.addAll(page.getResult());
                cursor = page.getCursor();
            } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
            assertEquals(expected, found);
            assertEquals(expected, new TreeSet<>(jedis.keys("key*")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void subscribesAndPublishes(RedisProtocol protocol) throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        JedisPubSub listener = new JedisPubSub() {
            @Override
            public void onMessage(String channel, String message) {
                heard.add(channel + ":" + message);
                if (message.equals("end")) {
                    unsubscribe();
                }
            }

            @Override
            public void onSubscribe(String channel, int subscribed) {
                heard.add("subscribed to " + channel);
            }
        };
        Thread thread = new Thread(() -> {
            try (Jedis jedis = connect(protocol)) {
                jedis.subscribe(listener, "a", "b");
                heard.add(jedis.ping()); // the connection is good for anything else again
            }
        });
        thread.start();
        await(() -> heard.size() == 2, () -> "both subscriptions, of " + heard);
        try (Jedis jedis = connect(protocol)) {
            assertEquals(1, jedis.publish("a", "one"));
            assertEquals(1, jedis.publish("b", "end"));
            thread.join(30_000);
            assertFalse(thread.isAlive(), "the listener should have ended");
            assertEquals(0, jedis.publish("a", "two"));
        }
        assertEquals(List.of("subscribed to a", "subscribed to b", "a:one", "b:end", "PONG"), heard);
    }

    private Jedis connect(RedisProtocol protocol) {
        JedisClientConfig config = DefaultJedisClientConfig.builder()
                .protocol(protocol)
                .clientName("test")
                .socketTimeoutMillis(30_000)
                .build();
        return new Jedis(new HostAndPort("127.0.0.1", server.port()), config);
    }
}
