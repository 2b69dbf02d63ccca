// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WebCostTest {

    @Test
    void whatWrkCountsIsRead() throws Exception {
        assertEquals(Optional.of(new Wrk.Window(20, 3_000, 1.5, 70)), Wrk.window("x\ncounts: 20 3000 1500000 0 70\n"));
    }

    @Test
    void errorsAndNothingAreNoFigures() throws Exception {
        assertThrows(IOException.class, () -> Wrk.window("counts: 20 3000 1500000 1 70\n"));
        assertEquals(Optional.empty(), Wrk.window("counts: 0 0 1500000 0 0\n"));
        assertThrows(IOException.class, () -> Wrk.window("unable to connect"));
    }

    @Test
    void theMedianIsInTheMiddle() {
        assertEquals(2, Kind.median(new double[] {3, 1, 2}));
        assertEquals(2.5, Kind.median(new double[] {4, 1, 2, 3}));
    }
}
