// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.restart;

import dev.sluice.examples.launcher.ChildProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One server process. Its descriptor 0 is that of this process, which may be a listening socket. */
final class Generation {
    private static final Pattern LISTENING = Pattern.compile("listening on (.+):(\\d+)");
    private static final int END_SECONDS = 60;

    private final Process process;

    private Generation(Process process) {
        this.process = process;
    }

    /** Starts one of the launcher's servers. */
    static Generation start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(ChildProcess.launcher());
        command.addAll(List.of(arguments));
        return new Generation(new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Waits until it listens, and tells where. Once. */
    InetSocketAddress address() throws IOException {
        String line =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
        Matcher listening = line == null ? null : LISTENING.matcher(line);
        if (listening == null || !listening.matches()) {
            process.destroyForcibly();
            throw new IOException("a server did not begin to listen, and said: " + line);
        }
        return new InetSocketAddress(listening.group(1), Integer.parseInt(listening.group(2)));
    }

    /** Asks it to end as an operator does, with SIGTERM, and waits until it has, in order. */
    void end() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("a server did not end within " + END_SECONDS + " s of SIGTERM");
        }
        if (process.exitValue() != 0) {
            throw new IOException("a server ended with status " + process.exitValue());
        }
    }
}
