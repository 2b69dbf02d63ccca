// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the configuration's file again when somebody says so. Any thread. */
public final class Reloads {
    private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);

    /** Reads a file and takes it over. */
    @FunctionalInterface
    public interface Taking {
        /**
         * Takes a file over, which may be null for none, or leaves all as it was.
         *
         * @return what was done, in words
         * @throws ConfigException if something is wrong in it
         * @throws IOException if it can't be read, or an address can't be listened on
         */
        String take(Path file) throws ConfigException, IOException;
    }

    /**
     * What came of it.
     *
     * @param taken whether the configuration is another now
     * @param text what was done or, a line for each, why nothing was
     */
    public record Outcome(boolean taken, String text) {}

    private final Path file; // null if there is none
    private final Taking taking;
    private final AtomicLong failed = new AtomicLong();

    /** Of a file, or of null if there is none. */
    public Reloads(Path file, Taking taking) {
        this.file = file;
        this.taking = taking;
    }

    /** Takes the file over, unless something is wrong with it: then all goes on as it was. May take seconds. */
    public synchronized Outcome reload() {
        Outcome outcome = tryReload();
        if (outcome.taken) {
            LOG.info("reloaded {}: {}", file == null ? "certificates" : file, outcome.text);
        } else {
            failed.incrementAndGet();
            LOG.warn("not reloaded, all goes on as it was:\n{}", outcome.text);
        }
        return outcome;
    }

    private Outcome tryReload() {
        try {
            return new Outcome(true, taking.take(file));
        } catch (ConfigException e) {
            return new Outcome(false, e.lines(file.toString()));
        } catch (IOException | RuntimeException e) {
            return new Outcome(false, Quoted.line(String.valueOf(e.getMessage())));
        }
    }

    /** How often nothing was taken over. */
    public long failed() {
        return failed.get();
    }
}
