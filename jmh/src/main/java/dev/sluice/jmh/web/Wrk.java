// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Load by wrk, a program, which asks again on each connection as soon as it is answered. */
public final class Wrk {
    private static final Pattern COUNTS = Pattern.compile("counts: (\\d+) (\\d+) (\\d+) (\\d+) (\\d+)");

    private final List<String> pin;
    private final Path script;

    /**
     * What has come of a window.
     *
     * @param bytes with heads
     * @param p99Micros within which 99 of 100 requests were answered
     */
    public record Window(long requests, long bytes, double seconds, long p99Micros) {}

    /**
     * Finds it.
     *
     * @param pin in front of its command
     * @param directory for its script
     */
    public Wrk(List<String> pin, Path directory) throws IOException {
        this.pin = pin;
        this.script = directory.resolve("counts.lua");
        Files.writeString(
                script,
                String.join(
                        "\n",
                        "function done(summary, latency, requests)",
                        "    local e = summary.errors",
                        "    local errors = e.connect + e.read + e.write + e.timeout + e.status",
                        "    print(string.format(\"counts: %d %d %d %d %d\", summary.requests, summary.bytes,",
                        "        summary.duration, errors, latency:percentile(99)))",
                        "end",
                        ""));
    }

    /**
     * Asks for a while.
     *
     * @throws IOException if wrk isn't there, or nothing came, or anything but 2xx and 3xx, or any connection failed
     */
    public Window load(String url, int connections, int seconds) throws IOException, InterruptedException {
        return ask(url, connections, seconds)
                .orElseThrow(() -> new IOException(url + " has answered nothing in " + seconds + " s"));
    }

    /** The same, without a window where nothing came. */
    public Optional<Window> ask(String url, int connections, int seconds) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(pin);
        command.addAll(List.of("wrk", "--threads", "1", "--connections", "" + connections));
        command.addAll(List.of("--duration", seconds + "s", "--timeout", "20s"));
        command.addAll(List.of("--script", script.toString(), url));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return window(said);
    }

    static Optional<Window> window(String said) throws IOException {
        Matcher counts = COUNTS.matcher(said);
        if (!counts.find() || !counts.group(4).equals("0")) {
            throw new IOException(String.format(Locale.ROOT, "wrk had errors:%n%s", said));
        }
        long requests = Long.parseLong(counts.group(1));
        return requests == 0
                ? Optional.empty()
                : Optional.of(new Window(
                        requests,
                        Long.parseLong(counts.group(2)),
                        Long.parseLong(counts.group(3)) / 1e6,
                        Long.parseLong(counts.group(5))));
    }
}
