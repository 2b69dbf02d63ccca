// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static dev.sluice.examples.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Topology;
import dev.sluice.examples.launcher.TopologyName;
import dev.sluice.resp.RespValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes that are sent, and bytes that must come back. */
class KvScriptTest {
    private KvServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    /** With workers too, a pipeline of one connection is handled in order. */
    @ParameterizedTest
    @EnumSource
    void answersAPipelineInOrderInEachTopology(TopologyName topology) throws IOException {
        RespClient client = start(topology.topology(2));
        StringBuilder requests = new StringBuilder();
        StringBuilder replies = new StringBuilder();
        for (int i = 1; i <= 500; i++) {
            requests.append("INCR n~SET k ").append(i).append("~GET k~");
            replies.append(':').append(i).append("~+OK~");
            replies.append('$')
                    .append(String.valueOf(i).length())
                    .append('~')
                    .append(i)
                    .append('~');
        }
        client.send(requests.toString()).expect(replies.toString());
    }

    @Test
    void addsUpWhatSeveralReadersCount() throws Exception {
        server = new KvServer(Topology.acceptorAndReaders(2));
        List<RespClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(server.connect().send("INCR n~".repeat(1000)));
        }
        long last = 0;
        for (RespClient client : clients) {
            for (int i = 0; i < 1000; i++) {
                last = Math.max(last, ((RespValue.Int) client.value()).value());
            }
            client.close();
        }
        assertEquals(8000, last);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            PING~                                       | +PONG~
            PING hi~                                    | $2~hi~
            *2~$4~ECHO~$3~a b~                          | $3~a b~
            GET k~SET k v~GET k~                        | $-1~+OK~$1~v~
            SET k v NX~SET k w NX~SET k w XX~SET j w XX~ | +OK~$-1~+OK~$-1~
            SET k v GET~SET k w GET~GET k~              | $-1~$1~v~$1~w~
            SET k v EX 10~TTL k~PTTL k~PERSIST k~TTL k~ | +OK~:10~:10000~:1~:-1~
            SET k v PX 1500~SET k w KEEPTTL~PTTL k~     | +OK~+OK~:1500~
            SET k v EXAT 1700000005~TTL k~SET k v~TTL k~ | +OK~:5~+OK~:-1~
            SET k v EX 0~                               | -ERR invalid expire time in 'set' command~
            SET k v EX 9223372036854775807~             | -ERR invalid expire time in 'set' command~
            SET k v EX x~                               | -ERR value is not an integer or out of range~
            SET k v EX~SET k v NX XX~SET k v EX 1 PX 1~ | -ERR syntax error~-ERR syntax error~-ERR syntax error~
            GETSET k v~GETSET k w~                      | $-1~$1~v~
            MSET a 1 b 2~MGET a x b~DEL a x b~EXISTS a b~ | +OK~*3~$1~1~$-1~$1~2~:2~:0~
            MSET a 1 b~                                 | -ERR wrong number of arguments for 'mset' command~
            SETNX k v~SETNX k w~TYPE k~TYPE j~          | :1~:0~+string~+none~
            INCR n~DECRBY n 3~INCRBY n 10~DECR n~       | :1~:-2~:8~:7~
            SET n x~INCR n~INCRBY n 1.5~                | +OK~-ERR value is not an integer or out of range~-ERR value is not an integer or out of range~
            SET n 9223372036854775807~INCR n~DECRBY n -1~ | +OK~-ERR increment or decrement would overflow~-ERR increment or decrement would overflow~
            DECRBY n -9223372036854775808~              | -ERR decrement would overflow~
            APPEND k ab~APPEND k cde~GET k~STRLEN k~STRLEN j~ | :2~:5~$5~abcde~:5~:0~
            EXPIRE k 5~SET k v~EXPIRE k 5~TTL k~EXPIRE k -1~GET k~ | :0~+OK~:1~:5~:1~$-1~
            SET k v~EXPIRE k 5 XX~EXPIRE k 5 NX~EXPIRE k 4 GT~EXPIRE k 4 LT~PTTL k~ | +OK~:0~:1~:0~:1~:4000~
            EXPIRE k 1 NX XX~                           | -ERR NX and XX, GT or LT options at the same time are not compatible~
            SELECT 0~SELECT 1~SELECT x~                 | +OK~-ERR DB index is out of range~-ERR value is not an integer or out of range~
            FOO a "b c"~                                | -ERR unknown command 'FOO', with args beginning with: 'a' 'b c' ~
            get~GET a b~                                | -ERR wrong number of arguments for 'get' command~-ERR wrong number of arguments for 'get' command~
            CONFIG SET a b~CLIENT foo~                  | -ERR unknown subcommand 'SET'. Try CONFIG HELP.~-ERR unknown subcommand 'foo'. Try CLIENT HELP.~
            CONFIG GET maxmemory-p*~CONFIG GET nothing~ | *2~$16~maxmemory-policy~$10~noeviction~*0~
            CLIENT SETNAME me~CLIENT GETNAME~CLIENT SETNAME "a b"~ | +OK~$2~me~-ERR Client names cannot contain spaces, newlines or special characters.~
            HELLO 4~HELLO x~HELLO 2 FOO~                | -NOPROTO unsupported protocol version~-ERR Protocol version is not an integer or out of range~-ERR Syntax error in HELLO option 'FOO'~
            SCAN x~SCAN 0 COUNT 0~SCAN 0 COUNT x~SCAN 0~ | -ERR invalid cursor~-ERR syntax error~-ERR value is not an integer or out of range~*2~$1~0~*0~
            SET a 1~KEYS a~DBSIZE~FLUSHALL~KEYS *~DBSIZE~ | +OK~*1~$1~a~:1~+OK~*0~:0~
            FLUSHALL NOW~                               | -ERR syntax error~
            PUBLISH c m~                                | :0~
            SUBSCRIBE a b~UNSUBSCRIBE~UNSUBSCRIBE~      | *3~$9~subscribe~$1~a~:1~*3~$9~subscribe~$1~b~:2~*3~$11~unsubscribe~$1~a~:1~*3~$11~unsubscribe~$1~b~:0~*3~$11~unsubscribe~$-1~:0~
            SUBSCRIBE a~GET k~PING~PING x~              | *3~$9~subscribe~$1~a~:1~-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context~*2~$4~pong~$0~~*2~$4~pong~$1~x~
            COMMAND COUNT~COMMAND INFO nothing~         | :41~*1~$-1~
            COMMAND INFO get~                           | *1~*10~$3~get~:2~*2~+readonly~+fast~:1~:1~:1~*0~*0~*0~*0~
            """)
    void answersAsRedisDoes(String requests, String replies) throws IOException {
        start(Topology.singleThread()).send(requests).expect(replies).endOutput();
    }

    /** It was taken for the mark of a time that had been refused, and there was no answer. */
    @Test
    void answersWhenTheTimeIsTheLeastNumberThereIs() throws IOException {
        start(Topology.singleThread())
                .send("SET k v~PEXPIREAT k -9223372036854775808~PEXPIREAT k 1~GET k~")
                .expect("+OK~:1~:0~$-1~");
        server.connect()
                .send("SET k v PXAT 9223372036854775807~TTL k~")
                .expect("+OK~:" + ((Long.MAX_VALUE - 1 - server.clock.get() + 500) / 1000) + "~");
    }

    @Test
    void speaksResp3AfterHello() throws IOException {
        RespClient client = start(Topology.singleThread());
        client.send("HELLO 3 SETNAME me~")
                .expect("%7~$6~server~$5~redis~$7~version~$6~7.0.15~$5~proto~:3~$2~id~:1~$4~mode~$10~standalone~"
                        + "$4~role~$6~master~$7~modules~*0~");
        client.send("GET k~MGET k~CLIENT GETNAME~CONFIG GET save~").expect("_~*1~_~$2~me~%1~$4~save~$0~~");
        client.send("SUBSCRIBE c~GET k~PUBLISH c m~").expect(">3~$9~subscribe~$1~c~:1~_~>3~$7~message~$1~c~$1~m~:1~");
        client.send("UNSUBSCRIBE~HELLO 2~").expect(">3~$11~unsubscribe~$1~c~:0~*14~$6~server~");
    }

    @Test
    void keepsAndReturnsAnyBytes() throws IOException {
        String key = "\0\u00ff\n";
        String value = "\r\n$5\r\n\0";
        start(Topology.singleThread())
                .send("*3~$3~SET~$3~" + key + "~$7~" + value + "~*2~$3~GET~$3~" + key + "~")
                .expect("+OK~$7~" + value.replace("\r\n", "~") + "~");
    }

    @Test
    void saysWhyAndEndsTheConnectionWhenAProtocolErrorComes() throws IOException {
        RespClient client = start(Topology.singleThread());
        client.send("PING~*1~:1~")
                .expect("+PONG~-ERR Protocol error: expected '$', got ':'~")
                .expectEnd();
        RespClient other = server.connect();
        other.send("SET k 'x~")
                .expect("-ERR Protocol error: unbalanced quotes in request~")
                .expectEnd();
        RespClient third = server.connect();
        third.send("*1~$2097152~")
                .expect("-ERR Protocol error: invalid bulk length~")
                .expectEnd();
    }

    @Test
    void quitAnswersAndEnds() throws IOException {
        start(Topology.singleThread()).send("QUIT~PING~").expect("+OK~").expectEnd();
    }

    @Test
    void endsAConnectionThatSpeaksHttp() throws IOException {
        start(Topology.singleThread()).send("POST / HTTP/1.1~Host: x~~SET k v~").expectEnd();
        server.connect().send("GET k~").expect("$-1~");
    }

    @Test
    void keysExpireWhenAskedForAndWhenSwept() throws IOException {
        RespClient client = start(Topology.singleThread());
        client.send("SET a 1 PX 100~SET b 1 PX 100~SET c 1~SET d 1 PX 101~").expect("+OK~+OK~+OK~+OK~");
        server.clock.addAndGet(100);
        client.send("GET a~TTL b~EXISTS a b c d~").expect("$-1~:-2~:2~");
        client.send("SET b 2~GET b~DBSIZE~").expect("+OK~$1~2~:3~");
        server.clock.addAndGet(1);
        client.send("DBSIZE~").expect(":3~");
        server.store.sweep();
        client.send("DBSIZE~KEYS d~").expect(":2~*0~");
    }

    @Test
    void publishesToSubscribersOnEveryReader() throws Exception {
        server = new KvServer(Topology.acceptorAndReaders(2));
        List<RespClient> subscribers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            RespClient subscriber = server.connect();
            subscriber.send("SUBSCRIBE news~").expect("*3~$9~subscribe~$4~news~:1~");
            subscribers.add(subscriber);
        }
        RespClient publisher = server.connect();
        publisher.send("PUBLISH news 1~PUBLISH news 2~").expect(":6~:6~");
        for (RespClient subscriber : subscribers) {
            subscriber.expect("*3~$7~message~$4~news~$1~1~*3~$7~message~$4~news~$1~2~");
            subscriber.close();
        }
        await(() -> server.connections() == 1, () -> "the subscribers' ends, of " + server.connections());
        publisher.send("PUBLISH news 3~").expect(":0~");
    }

    @Test
    void refusesWhatWouldTakeMoreMemoryAndGivesItBack() throws Exception {
        server = new KvServer(Topology.singleThread(), 10_000);
        RespClient client = server.connect();
        String oom = "-OOM command not allowed when used memory > 'maxmemory'.~";
        client.send("SET a " + "x".repeat(5000) + "~").expect("+OK~");
        client.send("SET b " + "x".repeat(6000) + "~SUBSCRIBE " + "c".repeat(6000) + "~INCR n~GET b~")
                .expect(oom + oom + ":1~$-1~");
        client.send("SET c " + "x".repeat(3900) + "~CLIENT SETNAME " + "c".repeat(1000) + "~")
                .expect("+OK~" + oom);
        client.send("DEL a n c~SET b " + "x".repeat(6000) + "~DEL b~").expect(":3~+OK~:1~");
        client.send("SET t " + "x".repeat(9000) + " PX 5~").expect("+OK~");
        server.clock.addAndGet(6);
        client.send("SET b " + "x".repeat(6000) + "~FLUSHALL~").expect("+OK~+OK~");
        RespClient other = server.connect();
        other.send("SUBSCRIBE x~CLIENT GETNAME~").expect("*3~$9~subscribe~$1~x~:1~");
        assertTrue(used() > 0);
        other.close();
        await(() -> used() == 0, () -> "all memory back, of " + used());
    }

    @Test
    void neverGrowsAValueBeyondWhatOneRequestCanHold() throws IOException {
        RespClient client = start(Topology.singleThread());
        String part = "*3~$6~APPEND~$1~k~$600000~" + "x".repeat(600_000) + "~";
        client.send(part + part).expect(":600000~-ERR string exceeds maximum allowed size (proto-max-bulk-len)~");
    }

    @Test
    void listsConnectionsAndTellsAboutItself() throws Exception {
        RespClient client = start(Topology.singleThread());
        client.send("CLIENT SETINFO lib-name x~CLIENT SETNAME me~SET k v EX 5~").expect("+OK~+OK~+OK~");
        RespClient other = server.connect();
        other.send("PING~").expect("+PONG~");
        String list = ((RespValue.Bulk) client.send("CLIENT LIST~").value()).text();
        assertEquals(2, list.lines().count());
        assertTrue(list.matches("(?s)id=1 addr=127.0.0.1:\\d+ .* name=me .* lib-name=x .*"), list);
        String info = ((RespValue.Bulk) client.send("INFO~").value()).text();
        assertTrue(info.contains("connected_clients:2\r\n"), info);
        assertTrue(info.contains("db0:keys=1,expires=1"), info);
        assertTrue(info.startsWith("# Server\r\n"), info);
        String one = ((RespValue.Bulk) client.send("INFO memory~").value()).text();
        assertTrue(one.startsWith("# Memory\r\nused_memory:"), one);
        assertTrue(client.send("COMMAND~").value() instanceof RespValue.Array all
                && all.elements().size() == 41);
        assertTrue(client.send("COMMAND DOCS get nothing~").value() instanceof RespValue.Array docs
                && docs.elements().size() == 2);
        assertTrue(client.send("COMMAND LIST~").value() instanceof RespValue.Array names
                && names.elements().size() == 41);
    }

    private long used() {
        synchronized (server.store) {
            return server.store.usedBytes();
        }
    }

    private RespClient start(Topology topology) throws IOException {
        server = new KvServer(topology);
        return server.connect();
    }
}
