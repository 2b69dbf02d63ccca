// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the configuration's file again when somebody says so. Any thread. */
final class Reloads {
    private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);

    /**
     * What came of it.
     *
     * @param taken whether the configuration is another now
     * @param text what was done or, a line for each, why nothing was
     */
    record Outcome(boolean taken, String text) {}

    private final L4Proxy proxy;
    private final Path file; // null if there is none
    private final AtomicLong failed = new AtomicLong();

    Reloads(L4Proxy proxy, Path file) {
        this.proxy = proxy;
        this.file = file;
    }

    /** Takes the file over, unless something is wrong with it: then all goes on as it was. May take seconds. */
    synchronized Outcome reload() {
        Outcome outcome = tryReload();
        if (outcome.taken) {
            LOG.info("reloaded {}: {}", file, outcome.text);
        } else {
            failed.incrementAndGet();
            LOG.warn("not reloaded, all goes on as it was:\n{}", outcome.text);
        }
        return outcome;
    }

    private Outcome tryReload() {
        if (file == null) {
            return new Outcome(false, "started without a file");
        }
        try {
            L4Config next = ConfigFile.read(file);
            HostPort admin = proxy.config().admin();
            String text = proxy.reload(next);
            return new Outcome(
                    true,
                    Objects.equals(admin, next.admin())
                            ? text
                            : text + "; the pages stay where they are until a restart");
        } catch (ConfigException e) {
            return new Outcome(false, e.lines(file.toString()));
        } catch (IOException | RuntimeException e) {
            return new Outcome(false, Quoted.line(String.valueOf(e.getMessage())));
        }
    }

    /** How often nothing was taken over. */
    long failed() {
        return failed.get();
    }

    /** The file, or null. */
    Path file() {
        return file;
    }
}
