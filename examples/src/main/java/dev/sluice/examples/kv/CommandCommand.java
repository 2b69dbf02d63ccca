// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.frame.Output;
import dev.sluice.resp.RespOutput;
import java.util.ArrayList;
import java.util.List;

/** COMMAND and its subcommands, from which clients learn what there is. */
final class CommandCommand {
    private final Commands commands;

    private CommandCommand(Commands commands) {
        this.commands = commands;
    }

    static void addTo(Commands commands) {
        CommandCommand command = new CommandCommand(commands);
        commands.add("command", -1, "loading stale", "0 0 0", "server", "Tell about commands", command::run);
    }

    private void run(Call call) {
        if (call.count() == 1) {
            call.write(commands.all(), (all, out) -> writeDetails(call.session, all, out));
        } else if (call.is(1, "count") && call.count() == 2) {
            call.integer(commands.all().size());
        } else if (call.is(1, "list") && call.count() == 2) {
            call.write(commands.all(), CommandCommand::writeNames);
        } else if (call.is(1, "info")) {
            call.write(asked(call), (all, out) -> writeDetails(call.session, all, out));
        } else if (call.is(1, "docs")) {
            List<Command> known = asked(call);
            known.removeIf(command -> command == null);
            call.write(known, (all, out) -> writeDocs(call.session, all, out));
        } else {
            call.error(ClientCommand.unknown(call.text(1), "COMMAND"));
        }
    }

    /** The commands that are named, null for those that there aren't; all if none is named. */
    private List<Command> asked(Call call) {
        List<Command> asked = new ArrayList<>(call.count() == 2 ? commands.all() : List.of());
        for (int i = 2; i < call.count(); i++) {
            asked.add(commands.find(call.request, i));
        }
        return asked;
    }

    private static void writeNames(List<Command> commands, Output out) {
        RespOutput.array(out, commands.size());
        commands.forEach(command -> Call.bulk(out, command.name()));
    }

    private static void writeDocs(Session session, List<Command> commands, Output out) {
        Call.mapping(session, out, commands.size());
        for (Command command : commands) {
            Call.bulk(out, command.name());
            Call.mapping(session, out, 2);
            Call.bulk(out, "summary");
            Call.bulk(out, command.summary());
            Call.bulk(out, "group");
            Call.bulk(out, command.group());
        }
    }

    private static void writeDetails(Session session, List<Command> commands, Output out) {
        RespOutput.array(out, commands.size());
        for (Command command : commands) {
            if (command == null) {
                Call.nothing(session, out);
            } else {
                writeDetails(session, command, out);
            }
        }
    }

    private static void writeDetails(Session session, Command command, Output out) {
        RespOutput.array(out, 10);
        Call.bulk(out, command.name());
        RespOutput.integer(out, command.arity());
        Call.set(session, out, command.flags().size());
        command.flags().forEach(flag -> RespOutput.simple(out, flag));
        RespOutput.integer(out, command.firstKey());
        RespOutput.integer(out, command.lastKey());
        RespOutput.integer(out, command.step());
        Call.set(session, out, 0); // categories of access control, hints, specifications of keys, subcommands
        RespOutput.array(out, 0);
        RespOutput.array(out, 0);
        RespOutput.array(out, 0);
    }
}
