// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A proxy with its pages, from a file or without one. Any thread. */
public final class ProxyProgram {
    private final LiveProxy<?, ?> proxy;
    private final Reloads reloads;
    private final boolean reloadable;
    private final AdminPages pages; // null if there are none

    private ProxyProgram(LiveProxy<?, ?> proxy, Reloads reloads, AdminPages pages, boolean reloadable) {
        this.reloadable = reloadable;
        this.proxy = proxy;
        this.reloads = reloads;
        this.pages = pages;
    }

    /**
     * Starts a proxy by a file.
     *
     * @throws WrongFile if something is wrong in it
     * @throws IOException if the file can't be read, or an address can't be listened on
     */
    public static <C extends ProxyConfig> ProxyProgram start(ProxyKind<C, ?> kind, Path file)
            throws WrongFile, IOException {
        return start(kind, check(kind, file), file);
    }

    /**
     * Starts a proxy without a file.
     *
     * @throws IOException if an address can't be listened on
     */
    public static <C extends ProxyConfig> ProxyProgram start(ProxyKind<C, ?> kind, C config) throws IOException {
        return start(kind, config, null);
    }

    /**
     * Reads a file.
     *
     * @throws WrongFile if there is something wrong in it
     * @throws IOException if the file can't be read
     */
    public static <C extends ProxyConfig> C check(ProxyKind<C, ?> kind, Path file) throws WrongFile, IOException {
        try {
            return kind.read(file);
        } catch (ConfigException e) {
            throw new WrongFile(file, e);
        }
    }

    private static <C extends ProxyConfig> ProxyProgram start(ProxyKind<C, ?> kind, C config, Path file)
            throws IOException {
        LiveProxy<C, ?> proxy = LiveProxy.start(kind, config);
        Reloads reloads = reloads(proxy, file);
        try {
            AdminPages pages = config.admin() == null
                    ? null
                    : new AdminPages(config.admin(), kind.words(), new Shown<>(kind, proxy, reloads));
            return new ProxyProgram(proxy, reloads, pages, file != null || kind.hasFiles(config));
        } catch (IOException | RuntimeException e) {
            stopUnused(proxy);
            throw e;
        }
    }

    private static void stopUnused(LiveProxy<?, ?> proxy) {
        try {
            proxy.drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads the file of a proxy again; it may be null for none. */
    public static <C extends ProxyConfig> Reloads reloads(LiveProxy<C, ?> proxy, Path file) {
        return new Reloads(file, path -> {
            if (path == null && !proxy.kind().hasFiles(proxy.config())) {
                throw new IOException("started without a file");
            }
            C next = path == null ? proxy.config() : proxy.kind().read(path);
            boolean samePages = Objects.equals(proxy.config().admin(), next.admin());
            return proxy.reload(next) + (samePages ? "" : "; the pages stay where they are until a restart");
        });
    }

    private record Shown<C extends ProxyConfig>(ProxyKind<C, ?> kind, LiveProxy<C, ?> proxy, Reloads reloads)
            implements AdminPages.Shown {
        @Override
        public Snapshot snapshot() {
            return proxy.snapshot(reloads.failed());
        }

        @Override
        public String config() {
            return kind.text(proxy.config());
        }

        @Override
        public void metrics(Exposition out) {
            kind.metrics(out);
        }

        @Override
        public boolean isDraining() {
            return proxy.isDraining();
        }

        @Override
        public Reloads.Outcome reload() {
            return reloads.reload();
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

    /** Whether there is anything that {@link #reload} reads. */
    public boolean hasFiles() {
        return reloadable;
    }

    /** Reads the file again. If something is wrong with it, all goes on as it was, and the log says why. */
    public void reload() {
        reloads.reload();
    }

    /**
     * Ends it: nobody is let in any more, what goes on may do so for as long as the configuration says, and the pages are there
     * until the last has ended.
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
