// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.inside;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.jmh.Certificates;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InsideCostTest {
    private static final int ALL_HAVE_A_SESSION = 200; // requests: three for each address
    private static final int SIGNED = 500; // bytes: a certificate and a signature have more

    @TempDir
    private Path directory;

    @BeforeEach
    void makeCertificates() throws Exception {
        Certificates.make(directory);
    }

    private Askers askers(Way way, InsideBackend backend) throws Exception {
        return new Askers(way, backend.port(way), new Certificates(directory).authority());
    }

    @ParameterizedTest
    @EnumSource
    void eachWayIsAnswered(Way way) throws Exception {
        try (InsideBackend backend = InsideBackend.start(directory);
                Askers askers = askers(way, backend)) {
            assertTrue(askers.run(1) >= 16);
            assertTrue(askers.run(1) >= 16);
        }
    }

    @Test
    void resumedConnectionsBringNoCertificates() throws Exception {
        double resumed = bytesOfOne(Way.TLS_RESUMED);
        double full = bytesOfOne(Way.TLS_FULL);
        assertTrue(full - resumed > SIGNED, () -> full + " bytes of a full one, " + resumed + " of one resumed");
    }

    private double bytesOfOne(Way way) throws Exception {
        try (InsideBackend backend = InsideBackend.start(directory);
                Askers askers = askers(way, backend)) {
            for (long asked = 0; asked < ALL_HAVE_A_SESSION; ) {
                asked += askers.run(1);
            }
            long before = backend.bytesWritten();
            long asked = askers.run(1);
            return (double) (backend.bytesWritten() - before) / asked;
        }
    }

    @Test
    void theTableHasAllWays() {
        Costs costs = new Costs(1);
        for (Way way : Way.values()) {
            costs.add(way, 0, new Costs.Window(100, way.ordinal() + 1, 2, 3));
        }
        assertTrue(costs.text().contains("| TLS, kept connections | 2.00 (2.00 to 2.00) | 1.00 (1.00 to 1.00) |"));
    }
}
