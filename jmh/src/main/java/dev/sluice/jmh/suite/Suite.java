// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/**
 * Measures Sluice beside its peers, and writes {@code benchmarks.md} with its files and plots.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.suite.Suite --peer-java /path/to/a/newer/java
 * }</pre>
 */
@Command(
        name = "Suite",
        mixinStandardHelpOptions = true,
        description = "Measures Sluice beside its peers, and writes a page with tables and plots.")
public final class Suite implements Callable<Integer> {
    private static final List<Group> GROUPS = List.of(
            new FramersGroup(),
            new EchoGroup(),
            new AcceptGroup(),
            new IdleGroup(),
            new HeapGroup(),
            Arrangements.topologies(),
            Arrangements.choices(),
            new RelayGroup(),
            new RelayMemoryGroup(),
            new ProxyGroup(),
            new TlsGroup(),
            new ToTlsGroup());

    private static final Set<String> PLACES = Set.of("--peer-java", "--write");

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "GROUP",
            description =
                    "Which of framers, echo, accept, idle, heap, topologies, choices, relay, relay-memory, proxy, tls and to-tls (default: all).")
    private List<String> only = List.of();

    @Option(names = "--rounds", paramLabel = "N", description = "Windows of each server, 1 to 100 (default: 5).")
    private Integer rounds;

    @Option(names = "--quick", description = "A short run, to see whether it works; its figures are of no use.")
    private boolean quick;

    @Option(names = "--again", description = "Measures nothing, and writes page and plots again from the files.")
    private boolean again;

    @Option(names = "--write", paramLabel = "DIR", description = "Where the page goes (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of("docs");

    @Option(
            names = "--peer-java",
            paramLabel = "JAVA",
            description = "The java command for virtual threads, if this JDK has none.")
    private String peerJava;

    static List<Group> groups() {
        return GROUPS;
    }

    private final Settings given; // or null
    private final String command;

    private Suite(Settings given, String command) {
        this.given = given;
        this.command = command;
    }

    /** Options as {@code --help} tells them. */
    public static void main(String[] args) {
        System.exit(run(null, args));
    }

    /**
     * The same within a test.
     *
     * @param settings how much is measured, or null as the options say
     */
    static int run(Settings settings, String... args) {
        return new CommandLine(new Suite(settings, command(args)))
                .setExecutionExceptionHandler(Suite::tell)
                .execute(args);
    }

    // What the user or the machine can mend is told in a line; anything else is a fault of the suite's.
    private static int tell(Exception failure, CommandLine suite, ParseResult parsed) throws Exception {
        if (!(failure instanceof IOException || failure instanceof IllegalArgumentException)) {
            throw failure;
        }
        System.err.println(failure.getMessage());
        return suite.getCommandSpec().exitCodeOnExecutionException();
    }

    // Where something lies on the machine is nobody's business.
    private static String command(String[] args) {
        StringBuilder command = new StringBuilder("java -cp jmh/target/benchmarks.jar " + Suite.class.getName());
        for (int i = 0; i < args.length; i++) {
            command.append(' ').append(i > 0 && PLACES.contains(args[i - 1]) ? "…" : args[i]);
        }
        return command.toString();
    }

    @Override
    public Integer call() throws Exception {
        List<Group> groups = chosen();
        if (!Files.isDirectory(directory)) {
            throw new IOException("--write: there is no directory " + directory + "; start where it is, or name one");
        }
        Path results = Files.createDirectories(directory.resolve("benchmarks"));
        Path page = directory.resolve("benchmarks.md");
        Settings all = settings();
        Settings settings = all.within(Surroundings.descriptors());
        for (Group group : groups) {
            if (!again) {
                run(group, settings, settings.equals(all)).save(results);
            }
            plot(group, results);
            new Page(results).write(page, GROUPS); // after each, so that a failure costs no other's figures
        }
        System.out.println("wrote " + page);
        return 0;
    }

    private List<Group> chosen() {
        for (String name : only) {
            if (GROUPS.stream().noneMatch(group -> group.name().equals(name))) {
                throw new IllegalArgumentException("--only: there is no group " + name + "; see --help");
            }
        }
        return GROUPS.stream()
                .filter(group -> only.isEmpty() || only.contains(group.name()))
                .toList();
    }

    private Settings settings() {
        Settings settings = given != null ? given : quick ? Settings.quick() : Settings.full();
        if (rounds == null) {
            return settings;
        }
        if (rounds < 1 || rounds > 100) {
            throw new IllegalArgumentException("--rounds: " + rounds + " is not within 1 to 100");
        }
        return settings.withRounds(rounds);
    }

    private Report run(Group group, Settings settings, boolean complete) throws Exception {
        double load = Surroundings.load();
        String commit = Surroundings.commit(); // by the end somebody may have gone on
        Pins pins = Pins.find(Surroundings.processors());
        try (Progress progress = new Progress(group.name(), group.steps(settings))) {
            Bench bench = new Bench(settings, pins, peerJava, progress);
            List<Row> rows = group.measure(bench);
            List<String> notes = new ArrayList<>(bench.notes());
            if (!complete) {
                notes.add("Numbers that need more than the " + Surroundings.descriptors()
                        + " descriptors of a process were left out");
            }
            return new Report(group.name(), about(commit, pins, load, progress.seconds(), notes), rows);
        }
    }

    private About about(String commit, Pins pins, double load, long seconds, List<String> notes)
            throws IOException, InterruptedException {
        return new About(
                LocalDate.now(ZoneOffset.UTC).toString(),
                commit,
                command,
                Surroundings.machine(),
                Surroundings.kernel(),
                Surroundings.ownJdk(),
                peerJava == null ? null : Surroundings.jdk(peerJava),
                pins.told(),
                load,
                seconds,
                notes);
    }

    private static void plot(Group group, Path results) throws IOException {
        Path file = results.resolve(group.name() + ".svg");
        Optional<Report> report = Report.load(results, group.name());
        if (report.isEmpty()) {
            return; // --again, and it was never measured
        }
        if (Plot.canDraw()) {
            Plot.save(group, report.get().rows(), file);
        } else {
            Files.deleteIfExists(file); // it would show other figures than the table
            System.err.println(
                    group.name() + ": no plot, since Java finds no fonts here; install fontconfig and a font");
        }
    }
}
