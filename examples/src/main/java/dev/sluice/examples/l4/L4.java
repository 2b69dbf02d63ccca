// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.MemoryBudget;
import dev.sluice.examples.proxy.ConfigException;
import dev.sluice.examples.proxy.ListenerConfig;
import dev.sluice.examples.proxy.ListenerCounts;
import dev.sluice.examples.proxy.LiveUpstream;
import dev.sluice.examples.proxy.OpenListener;
import dev.sluice.examples.proxy.ProxyKind;
import dev.sluice.examples.proxy.ProxyProgram;
import dev.sluice.examples.proxy.Words;
import dev.sluice.examples.proxy.WrongFile;
import dev.sluice.tls.ServerTls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Proxies of layer 4, from a file or from a few words. */
public final class L4 {
    static final ProxyKind<L4Config, Plan> KIND = new Kind();

    private L4() {}

    /**
     * Where clients go to.
     *
     * @param tls of the listeners that end it, by their names, read just now
     */
    record Plan(Routing routing, Map<String, LiveUpstream> upstreams, Map<String, ServerTls> tls) {}

    /**
     * Starts a proxy by a file; {@code docs/l4-configuration.md} says what is in it.
     *
     * @throws WrongFile if something is wrong in it
     * @throws IOException if the file can't be read, or an address can't be listened on
     */
    public static ProxyProgram start(Path file) throws WrongFile, IOException {
        return ProxyProgram.start(KIND, file);
    }

    /**
     * Starts a proxy of one listener and one upstream.
     *
     * @throws IllegalArgumentException if a word can't be read; the message says which
     * @throws IOException if an address can't be listened on
     */
    public static ProxyProgram start(L4Flags flags) throws IOException {
        return ProxyProgram.start(KIND, flags.config());
    }

    /**
     * Looks for what is wrong in a file.
     *
     * @throws WrongFile if there is something
     * @throws IOException if the file can't be read
     */
    public static void check(Path file) throws WrongFile, IOException {
        ProxyProgram.check(KIND, file);
    }

    private static final class Kind implements ProxyKind<L4Config, Plan> {
        private static final Words WORDS = new Words("l4", "relays");

        @Override
        public Words words() {
            return WORDS;
        }

        @Override
        public L4Config read(Path file) throws ConfigException, IOException {
            return ConfigFile.read(file);
        }

        @Override
        public String text(L4Config config) {
            return ConfigText.of(config);
        }

        @Override
        public boolean hasFiles(L4Config config) {
            return !config.tls().isEmpty() || config.upstreams().stream().anyMatch(upstream -> upstream.tls() != null);
        }

        @Override
        public Plan plan(L4Config config, Map<String, LiveUpstream> upstreams) throws IOException {
            Map<String, ServerTls> tls = new HashMap<>();
            for (Map.Entry<String, ListenerTls> each : config.tls().entrySet()) {
                tls.put(each.getKey(), each.getValue().open(each.getKey()));
            }
            return new Plan(Routing.of(config), upstreams, tls);
        }

        @Override
        public Object settings(ListenerConfig listener, L4Config config, Plan plan) {
            return L4Listener.Settings.of(listener, config, plan.routing());
        }

        @Override
        public OpenListener<Plan> open(
                ListenerConfig listener, L4Config config, Plan plan, ListenerCounts counts, MemoryBudget budget)
                throws IOException {
            return new L4Listener(
                    L4Listener.Settings.of(listener, config, plan.routing()), config.server(), plan, counts, budget);
        }
    }
}
