// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.helpers.FormattingTuple;
import org.slf4j.helpers.MessageFormatter;

class FailedTakersTest {
    private final List<String> logged = new ArrayList<>();
    private final List<Throwable> shown = new ArrayList<>();
    private final FailedTakers takers = new FailedTakers(logger());

    private Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    FormattingTuple line = MessageFormatter.arrayFormat((String) arguments[0], (Object[]) arguments[1]);
                    logged.add(method.getName() + " " + line.getMessage());
                    shown.add(line.getThrowable());
                    return null;
                });
    }

    @Test
    void oneInTenSecondsIsLoggedAndTheNextSaysHowManyWereLeftOut() {
        IllegalStateException failure = new IllegalStateException("what\r\na client sent");
        for (int i = 0; i < 1000; i++) {
            takers.note("it failed", failure, 7);
        }
        assertEquals(List.of("error it failed (0 more failures of takers since the last that was logged)"), logged);
        takers.note("another failed", failure, 7 + Seldom.EVERY_NANOS);
        assertEquals(
                "error another failed (999 more failures of takers since the last that was logged)", logged.get(1));
        assertEquals(2, logged.size());
    }

    @Test
    void itsStackIsShownWithoutItsMessage() {
        IllegalStateException failure = new IllegalStateException("what\r\na client sent");
        takers.note("it failed", failure, 7);
        assertEquals("java.lang.IllegalStateException", shown.get(0).getMessage());
        assertArrayEquals(failure.getStackTrace(), shown.get(0).getStackTrace());
    }
}
