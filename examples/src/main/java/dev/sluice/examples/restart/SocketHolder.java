// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.restart;

import dev.sluice.examples.launcher.ChildProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts the launcher with a listening socket as its descriptor 0, as systemd does. Java can't do that, for it doesn't let
 * go of a socket to a child; so another language's interpreter opens the socket and then becomes the launcher.
 */
final class SocketHolder {
    private static final List<String> PERL = List.of(
            "perl",
            "-MSocket",
            "-MPOSIX",
            "-e",
            "socket(S, PF_INET, SOCK_STREAM, 0) and bind(S, sockaddr_in(0, INADDR_LOOPBACK)) and listen(S, 4096)"
                    + " and defined(POSIX::dup2(fileno(S), 0)) or die; exec @ARGV");
    private static final List<String> PYTHON = List.of(
            "python3",
            "-c",
            "import os, socket, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(4096);"
                    + " os.dup2(s.fileno(), 0); os.execv(sys.argv[1], sys.argv[1:])");

    private SocketHolder() {}

    /** Runs the launcher with these words as arguments, and returns its status. */
    static int runWithSocket(String words) throws IOException, InterruptedException {
        for (List<String> interpreter : List.of(PERL, PYTHON)) {
            if (isHere(interpreter.get(0))) {
                List<String> command = new ArrayList<>(interpreter);
                command.addAll(ChildProcess.launcher());
                command.addAll(List.of(words.split(" ")));
                return new ProcessBuilder(command).inheritIO().start().waitFor();
            }
        }
        throw new IOException("neither perl nor python3 is here, and Java can't start a process with a socket");
    }

    private static boolean isHere(String interpreter) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(interpreter, "--version")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
