// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class WarningsTest {
    private final List<String> logged = new ArrayList<>();
    private final AtomicLong now = new AtomicLong();
    private final Warnings warnings = new Warnings(logger(), now::get);

    private Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    Object[] values = arguments[1] instanceof Object[] many ? many : new Object[] {arguments[1]};
                    logged.add(method.getName() + " " + arguments[0] + " " + Arrays.toString(values));
                    return null;
                });
    }

    @Test
    void oneASecondIsLoggedAndTheNextSaysHowManyWereLeftOut() {
        for (int i = 0; i < 10; i++) {
            warnings.warn("failed {}", i);
        }
        assertEquals(List.of("warn failed {} [0]"), logged);
        now.addAndGet(1_000_000_000);
        warnings.warn("failed {}", 10);
        now.addAndGet(1_000_000_000);
        warnings.warn("failed {}", 11);
        assertEquals(
                List.of(
                        "warn failed {} [0]",
                        "warn {} warnings were left out since the last [9]",
                        "warn failed {} [10]",
                        "warn failed {} [11]"),
                logged);
    }
}
