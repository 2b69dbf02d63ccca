// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Tells what went wrong in one line on standard error: status 2 for what was typed wrong, 1 for all else. */
public final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        say(command.getErr(), e, " (see " + command.getCommandSpec().qualifiedName() + " --help)");
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        say(command.getErr(), e, "");
        return ExitCode.SOFTWARE;
    }

    private static void say(PrintWriter err, Exception e, String hint) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        err.println("sluice-examples: " + message.replaceAll("\\s*\\R\\s*", " ") + hint);
        err.flush();
    }
}
