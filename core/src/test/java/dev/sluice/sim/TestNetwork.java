// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.SplittableRandom;

/** A simulated network in which nothing takes time and nothing goes wrong, for trying channels without a scheduler. */
final class TestNetwork {
    private TestNetwork() {}

    static SelectorProvider provider() {
        Timeline timeline = new Timeline();
        EventLog log = new EventLog(timeline, 0, null);
        Dice dice = new Dice(new Chance(new SplittableRandom(1)), log, Happenings.all(), Faults.none());
        Network network = new Network(timeline, log, dice, 1 << 18, () -> 0);
        return new SimProvider(
                network,
                new InetSocketAddress("127.0.0.1", 0).getAddress(),
                (selector, deadline) -> sleep(timeline, selector, deadline),
                new Chance(new SplittableRandom(2)));
    }

    private static void sleep(Timeline timeline, SimSelector selector, long deadline) {
        while (!selector.wouldReturn() && timeline.now() < deadline) {
            if (timeline.next() > deadline) {
                timeline.advanceTo(deadline);
            } else {
                timeline.advanceTo(timeline.next());
                timeline.takeDue().action.run();
            }
        }
    }
}
