// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.Topology;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** A request costs no object, neither of the library nor of the store. */
class KvAllocationTest {
    private static final int BATCH = 1000;
    private static final int MOST_BYTES = 4; // the JDK makes some for each event of its selector, and a read has many requests

    @Test
    void requestsOnKeysThatExistAllocateNothing() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeTrue(threads.isThreadAllocatedMemorySupported(), "this JVM doesn't count what threads allocate");
        String requests = "*3~$3~SET~$1~k~$3~abc~*2~$3~GET~$1~k~*2~$4~INCR~$1~n~*1~$4~PING~*2~$3~DEL~$1~x~";
        try (KvServer server = new KvServer(Topology.singleThread());
                RespClient client = server.connect()) {
            client.send("SET n 100000~").expect("+OK~");
            long reader = reader();
            int counted = round(client, requests, 100_000, 10);
            long before = threads.getThreadAllocatedBytes(reader);
            round(client, requests, counted, 20);
            double each = (threads.getThreadAllocatedBytes(reader) - before) / (20.0 * BATCH * 5);
            assertTrue(each < MOST_BYTES, () -> each + " bytes for each request");
        }
    }

    private static int round(RespClient client, String requests, int from, int rounds) throws Exception {
        int counted = from;
        for (int round = 0; round < rounds; round++) {
            StringBuilder replies = new StringBuilder();
            for (int i = 0; i < BATCH; i++) {
                replies.append("+OK~$3~abc~:").append(++counted).append("~+PONG~:0~");
            }
            client.send(requests.repeat(BATCH)).expect(replies.toString());
        }
        return counted;
    }

    private static long reader() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(KvServer.NAME))
                .findFirst()
                .orElseThrow()
                .getId();
    }
}
