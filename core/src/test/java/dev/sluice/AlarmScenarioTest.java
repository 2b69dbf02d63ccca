// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class AlarmScenarioTest {
    private final List<String> done = new CopyOnWriteArrayList<>();

    @Test
    void isDoneOnceForEachTimeItIsSet() throws IOException {
        try (TestServer test = new TestServer(TestServer::echo)) {
            Reader reader = test.server.readers().get(0);
            Alarm alarm = reader.alarm(() -> done.add(reader.isCurrent() ? "here" : "elsewhere"));
            assertTrue(reader.execute(() -> alarm.set(Duration.ofMillis(1))));
            Await.until("it was done", () -> done.size() == 1);
            assertTrue(reader.execute(() -> {
                alarm.set(Duration.ofDays(1));
                alarm.set(Duration.ZERO);
            }));
            Await.until("it was done again", () -> done.size() == 2);
            assertEquals(List.of("here", "here"), done);
            assertFalse(reader.isCurrent());
        }
    }

    @Test
    void isNotDoneOnceItIsCancelled() throws IOException {
        try (TestServer test = new TestServer(TestServer::echo)) {
            Reader reader = test.server.readers().get(0);
            Alarm cancelled = reader.alarm(() -> done.add("cancelled"));
            Alarm last = reader.alarm(() -> done.add("last"));
            reader.execute(() -> {
                cancelled.set(Duration.ZERO);
                last.set(Duration.ofMillis(20));
                cancelled.cancel();
                done.add(cancelled.isSet() + " " + last.isSet());
            });
            Await.until("the last was done", () -> done.contains("last"));
            assertEquals(List.of("false true", "last"), done);
        }
    }

    @Test
    void whatIsToBeDoneAtTheEndOfItsReaderIsDoneIfItIsSetThen() throws IOException {
        TestServer test = new TestServer(TestServer::echo);
        try (test) {
            Reader reader = test.server.readers().get(0);
            Alarm set = reader.alarm(() -> done.add("too early"), () -> done.add("at the end"));
            Alarm cancelled = reader.alarm(() -> done.add("cancelled"), () -> done.add("though cancelled"));
            Alarm rung = reader.alarm(() -> done.add("rung"), () -> done.add("though rung"));
            reader.execute(() -> {
                set.set(Duration.ofDays(1));
                set.set(Duration.ofDays(2));
                cancelled.set(Duration.ofDays(1));
                cancelled.cancel();
                rung.set(Duration.ZERO);
            });
            Await.until("one was done", () -> !done.isEmpty());
        }
        assertEquals(List.of("rung", "at the end"), done);
    }

    @Test
    void aFailureHarmsNobodyElse() throws IOException {
        TestServer test = new TestServer(TestServer::echo);
        Reader reader = test.server.readers().get(0);
        try (test) {
            Alarm failing = reader.alarm(() -> {
                done.add("failing");
                throw new IllegalStateException("for this test");
            });
            reader.execute(() -> failing.set(Duration.ZERO));
            Await.until("it has failed", () -> done.size() == 1);
            assertTrue(reader.execute(() -> {
                throw new IllegalStateException("for this test too");
            }));
            try (Client client = test.client()) {
                client.send("x\n").read("x\n");
            }
        }
        assertFalse(reader.execute(() -> done.add("too late")));
        assertEquals(List.of("failing"), done);
    }
}
