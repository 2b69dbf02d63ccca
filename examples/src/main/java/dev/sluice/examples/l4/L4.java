// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import dev.sluice.examples.proxy.AdminPages;
import dev.sluice.examples.proxy.ConfigException;
import dev.sluice.examples.proxy.Reloads;
import dev.sluice.examples.proxy.Snapshot;
import dev.sluice.examples.proxy.Words;
import dev.sluice.examples.proxy.WrongFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A proxy of layer 4 with its pages, from a file or from a few words. Any thread. */
public final class L4 {
    static final Words WORDS = new Words("l4", "relays");

    private final L4Proxy proxy;
    private final Reloads reloads;
    private final AdminPages pages; // null if there are none

    private L4(L4Config config, Path file) throws IOException {
        proxy = L4Proxy.start(config);
        reloads = reloads(proxy, file);
        try {
            pages = config.admin() == null ? null : new AdminPages(config.admin(), WORDS, shown());
        } catch (IOException | RuntimeException e) {
            stopUnused();
            throw e;
        }
    }

    static Reloads reloads(L4Proxy proxy, Path file) {
        return new Reloads(file, path -> proxy.reload(ConfigFile.read(path)));
    }

    private AdminPages.Shown shown() {
        return new AdminPages.Shown() {
            @Override
            public Snapshot snapshot() {
                return proxy.snapshot(reloads.failed());
            }

            @Override
            public String config() {
                return ConfigText.of(proxy.config());
            }

            @Override
            public boolean isDraining() {
                return proxy.isDraining();
            }

            @Override
            public Reloads.Outcome reload() {
                return reloads.reload();
            }
        };
    }

    private void stopUnused() {
        try {
            proxy.drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Starts a proxy by a file; {@code docs/l4-configuration.md} says what is in it.
     *
     * @throws WrongFile if something is wrong in it
     * @throws IOException if the file can't be read, or an address can't be listened on
     */
    public static L4 start(Path file) throws WrongFile, IOException {
        return new L4(read(file), file);
    }

    /**
     * Starts a proxy of one listener and one upstream.
     *
     * @throws IllegalArgumentException if a word can't be read; the message says which
     * @throws IOException if an address can't be listened on
     */
    public static L4 start(L4Flags flags) throws IOException {
        return new L4(flags.config(), null);
    }

    /**
     * Looks for what is wrong in a file.
     *
     * @throws WrongFile if there is something
     * @throws IOException if the file can't be read
     */
    public static void check(Path file) throws WrongFile, IOException {
        read(file);
    }

    private static L4Config read(Path file) throws WrongFile, IOException {
        try {
            return ConfigFile.read(file);
        } catch (ConfigException e) {
            throw new WrongFile(file, e);
        }
    }

    /** Where it listens, in the order of the file, as {@code HOST:PORT}. */
    public List<String> listeners() {
        return proxy.listeners().stream().map(Object::toString).toList();
    }

    /** Where its pages are, or null if there are none. */
    public String pages() {
        return pages == null ? null : pages.address();
    }

    /** Reads the file again. If something is wrong with it, all goes on as it was, and the log says why. */
    public void reload() {
        reloads.reload();
    }

    /**
     * Ends it: nobody is let in any more, relays may go on for as long as the configuration says, and the pages are there until
     * the last has ended.
     *
     * @throws InterruptedException if interrupted while waiting
     */
    public void stop() throws InterruptedException {
        proxy.drain();
        if (pages != null) {
            pages.close();
        }
    }
}
