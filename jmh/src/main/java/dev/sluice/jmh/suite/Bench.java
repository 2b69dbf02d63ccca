// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Child;
import dev.sluice.jmh.Serve;
import dev.sluice.jmh.load.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a group measures with. For one thread. */
final class Bench {
    static final String VIRTUAL_THREADS = "virtual-threads";

    private static final List<String> PEERS = List.of("sluice", "nio", "netty", "netty-epoll", VIRTUAL_THREADS);

    private final Settings settings;
    private final Pins pins;
    private final String peerJava; // for virtual threads, or null
    private final Progress progress;
    private final List<String> notes = new ArrayList<>();

    Bench(Settings settings, Pins pins, String peerJava, Progress progress) {
        this.settings = settings;
        this.pins = pins;
        this.peerJava = peerJava;
        this.progress = progress;
    }

    Settings settings() {
        return settings;
    }

    Progress progress() {
        return progress;
    }

    /** What could not be measured, and why. */
    List<String> notes() {
        return notes;
    }

    /** How many servers {@link #peers} starts at most. */
    static int mostPeers() {
        return PEERS.size();
    }

    /** Starts Sluice and its peers; those that can't run here are left out, with a note. */
    Lineup peers() throws IOException, InterruptedException {
        return lineup(PEERS);
    }

    /** Starts servers by the names that {@link Serve} knows. */
    Lineup lineup(List<String> names) throws IOException, InterruptedException {
        Lineup lineup = new Lineup();
        try {
            for (String name : names) {
                progress.now("starting " + name);
                start(name, lineup);
            }
            return lineup;
        } catch (IOException | InterruptedException | RuntimeException e) {
            lineup.close();
            throw e;
        }
    }

    private void start(String name, Lineup lineup) throws IOException, InterruptedException {
        String java = name.equals(VIRTUAL_THREADS) && peerJava != null ? peerJava : ownJava();
        Child server = start(name, pins.server(), java, Serve.class, name);
        try {
            String said = server.answer();
            String[] words = said.split(" ", 2);
            if (words[0].equals("unavailable")) {
                note(name + " was left out: " + words[1]);
                server.close();
                return;
            }
            Child load = start("clients of " + name, pins.load(), ownJava(), Load.class, words[1]);
            lineup.add(new Contestant(name, server, load));
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    // All have the same collector and heap; the pin binds them to their processors, or is empty.
    private static Child start(String name, List<String> pin, String java, Class<?> main, String argument)
            throws IOException {
        List<String> command = new ArrayList<>(pin);
        command.addAll(List.of(
                java,
                "-XX:+UseSerialGC",
                "-Xms256m",
                "-Xmx1g",
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                argument));
        return Child.start(name, command);
    }

    private void note(String text) {
        if (!notes.contains(text)) {
            notes.add(text);
        }
    }

    /** The command that started this process. */
    static String ownJava() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
