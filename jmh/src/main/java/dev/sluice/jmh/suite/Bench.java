// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Child;
import dev.sluice.jmh.Measured;
import dev.sluice.jmh.Serve;
import dev.sluice.jmh.load.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
                String java = name.equals(VIRTUAL_THREADS) && peerJava != null ? peerJava : ownJava();
                serve(name, java, name, lineup);
            }
            return lineup;
        } catch (IOException | InterruptedException | RuntimeException e) {
            lineup.close();
            throw e;
        }
    }

    /**
     * Starts one server with this JDK.
     *
     * @param name what tables call it
     * @param served what {@link Serve} calls it
     */
    void serve(String name, String served, Lineup lineup) throws IOException, InterruptedException {
        serve(name, ownJava(), served, lineup);
    }

    private void serve(String name, String java, String served, Lineup lineup)
            throws IOException, InterruptedException {
        Optional<Listening> listening = listen(name, java, served);
        if (listening.isPresent()) {
            add(name, listening.get().server(), listening.get().port(), lineup);
        }
    }

    /** A server, and its port on 127.0.0.1. */
    record Listening(Child server, String port) {}

    /** Starts one server with this JDK, without clients; nothing, and a note, if it can't run here. */
    Optional<Listening> listen(String name, String served) throws IOException, InterruptedException {
        return listen(name, ownJava(), served);
    }

    private Optional<Listening> listen(String name, String java, String served)
            throws IOException, InterruptedException {
        Child server = start(name, pins.server(), java, Serve.class, served);
        String[] said;
        try {
            said = server.answer().split(" ", 2);
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
        if (said[0].equals("unavailable")) {
            note(name + " was left out: " + said[1]);
            server.close();
            return Optional.empty();
        }
        return Optional.of(new Listening(server, said[1]));
    }

    /** Adds a server that listens, with clients; where that fails, it is closed. */
    void add(String name, Measured server, String port, Lineup lineup) throws IOException {
        try {
            Child load = start("clients of " + name, pins.load(), ownJava(), Load.class, port);
            lineup.add(new Contestant(name, server, load));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Starts a server beside the clients, by a name that {@link Serve} knows. */
    Child backend(String served) throws IOException {
        return start("backend", pins.load(), ownJava(), Serve.class, served);
    }

    /** Starts clients that are a program of their own. */
    Child clients(String name, Class<?> main, String... arguments) throws IOException {
        return start("clients of " + name, pins.load(), ownJava(), main, arguments);
    }

    /** What is in front of clients' commands. */
    List<String> loadPin() {
        return pins.load();
    }

    /** What is in front of servers' commands. */
    List<String> serverPin() {
        return pins.server();
    }

    // All have the same collector and heap; the pin binds them to their processors, or is empty.
    private static Child start(String name, List<String> pin, String java, Class<?> main, String... arguments)
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
                main.getName()));
        command.addAll(List.of(arguments));
        return Child.start(name, command);
    }

    /** Notes what could not be measured, and why, once. */
    void note(String text) {
        if (!notes.contains(text)) {
            notes.add(text);
        }
    }

    /** The command that started this process. */
    static String ownJava() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
