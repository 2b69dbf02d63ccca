// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import org.junit.jupiter.api.Test;

/**
 * As {@link RelaySimTest}, with TLS of clients that ends at the relay, TLS to backends that begins there, or both: their engines
 * are the JDK's own. An end is TLS' own word for it, and what is cut before that is no end. The rules are the same; but keys are drawn by
 * the JDK, so records differ in length from run to run, and a seed doesn't repeat a run to the byte. One seed, or many:
 *
 * <pre>mvn -B verify -pl core -Dtest=RelayTlsSimTest -Dsluice.sim.first=17 -Dsluice.sim.seeds=2000</pre>
 */
class RelayTlsSimTest {
    private static final int OF_EACH_STRAIN = 15;

    @Test
    void everyByteComesOutOnceAndInOrderOnTheRightConnection() {
        new RelaySeeds(RelayCase::ofTls, OF_EACH_STRAIN).run();
    }
}
