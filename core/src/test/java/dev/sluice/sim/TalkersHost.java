// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Listens, and makes a {@link Talker} of whoever comes; it can be stopped, be slow to accept, and reset all that it has. */
public final class TalkersHost {
    private final Simulation sim;
    private final InetSocketAddress address;
    private final SplittableRandom random;
    private final Supplier<Talker.Manners> manners;
    private final BiFunction<TalkersHost, Talker, Talker.Speech> speech;
    private final Actor actor = new Actor("host", this::acceptAll);
    private final List<Talker> talkers = new ArrayList<>();
    private Listening listening; // null: stopped
    private boolean slow;

    /** Starts to listen. */
    public TalkersHost(
            Simulation sim,
            InetSocketAddress address,
            SplittableRandom random,
            Supplier<Talker.Manners> manners,
            BiFunction<TalkersHost, Talker, Talker.Speech> speech)
            throws IOException {
        this.sim = sim;
        this.address = address;
        this.random = random;
        this.manners = manners;
        this.speech = speech;
        start();
    }

    public InetSocketAddress address() {
        return address;
    }

    public boolean isListening() {
        return listening != null;
    }

    /** Listens again. */
    public void start() throws IOException {
        if (listening == null) {
            Network network = sim.world.network;
            Ports.Binding binding = network.ports.bind(address, true, false);
            listening = new Listening(network, address, 50);
            listening.owner(() -> sim.world.scheduler.wake(actor));
            binding.listen(listening);
        }
    }

    /** Listens no more; who has not been accepted is reset. Those who have stay. */
    public void stop() {
        if (listening != null) {
            listening.close();
            listening = null;
        }
    }

    /** Whether it accepts nobody for the time being. */
    public void slow(boolean now) {
        slow = now;
        sim.world.scheduler.wake(actor);
    }

    /** Resets all its connections. */
    public void resetAll() {
        List.copyOf(talkers).forEach(Talker::hangUp);
    }

    /** All that have ever come. */
    public List<Talker> talkers() {
        return talkers;
    }

    private void acceptAll() {
        if (slow || listening == null) {
            return;
        }
        for (Tcp tcp = listening.accept(); tcp != null; tcp = listening.accept()) {
            Talker talker =
                    Talker.of(sim, tcp, "backend " + address.getPort() + "/" + tcp.name, random.split(), manners.get());
            talkers.add(talker);
            talker.begin(speech.apply(this, talker));
        }
    }
}
