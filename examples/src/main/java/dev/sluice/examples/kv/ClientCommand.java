// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import java.net.SocketAddress;
import java.util.Locale;

/** CLIENT and its subcommands. */
final class ClientCommand {
    static final String BAD_NAME = "ERR Client names cannot contain spaces, newlines or special characters.";

    private static final int MAX_NAME_CHARS = 1024;

    private ClientCommand() {}

    static void client(Call call) {
        if (call.is(1, "setname")) {
            setname(call);
        } else if (call.is(1, "getname")) {
            getname(call);
        } else if (call.is(1, "id")) {
            id(call);
        } else if (call.is(1, "list")) {
            list(call);
        } else if (call.is(1, "info")) {
            info(call);
        } else if (call.is(1, "setinfo")) {
            setinfo(call);
        } else {
            call.error(unknown(call.text(1), "CLIENT"));
        }
    }

    static String unknown(String subcommand, String command) {
        return "ERR unknown subcommand '" + Commands.beginning(subcommand, 128) + "'. Try " + command + " HELP.";
    }

    /** Printable, without a space, and short enough for a list of all. */
    static boolean isName(String name) {
        return name.length() <= MAX_NAME_CHARS && name.chars().allMatch(c -> c >= '!' && c <= '~');
    }

    static void name(Call call, String name) {
        call.store.charge(name.length() - call.session.name.length());
        call.session.name = name;
    }

    private static boolean takes(Call call, int arguments) {
        if (call.count() != arguments) {
            call.error(Commands.wrongNumber("client|" + call.text(1).toLowerCase(Locale.ROOT)));
        }
        return call.count() == arguments;
    }

    private static void setname(Call call) {
        if (!takes(call, 3)) {
            return;
        }
        String name = call.text(2);
        if (!isName(name)) {
            call.error(BAD_NAME);
        } else if (call.store.isFull(name.length())) {
            call.error(Call.OUT_OF_MEMORY);
        } else {
            name(call, name);
            call.ok();
        }
    }

    private static void getname(Call call) {
        if (takes(call, 2)) {
            if (call.session.name.isEmpty()) {
                call.nothing();
            } else {
                byte[] name = Call.bytes(call.session.name);
                call.bulk(name, name.length);
            }
        }
    }

    private static void id(Call call) {
        if (takes(call, 2)) {
            call.integer(call.session.id());
        }
    }

    private static void setinfo(Call call) {
        if (!takes(call, 4)) {
            return;
        }
        String value = call.text(3);
        boolean library = call.is(2, "lib-name");
        if (!library && !call.is(2, "lib-ver")) {
            call.error("ERR Unrecognized option '" + call.text(2) + "'");
        } else if (!isName(value)) {
            call.error("ERR " + (library ? "lib-name" : "lib-ver")
                    + " cannot contain spaces, newlines or special characters.");
        } else if (call.store.isFull(value.length())) {
            call.error(Call.OUT_OF_MEMORY);
        } else {
            Session session = call.session;
            call.store.charge(value.length() - (library ? session.library : session.libraryVersion).length());
            if (library) {
                session.library = value;
            } else {
                session.libraryVersion = value;
            }
            call.ok();
        }
    }

    private static void info(Call call) {
        if (takes(call, 2)) {
            ServerCommands.text(call, line(call, call.session) + "\n");
        }
    }

    private static void list(Call call) {
        StringBuilder lines = new StringBuilder();
        call.sessions.forEach(session -> lines.append(line(call, session)).append('\n'));
        ServerCommands.text(call, lines.toString());
    }

    private static String line(Call call, Session session) {
        return "id=" + session.id() + " addr=" + address(session.connection.remoteAddress()) + " laddr="
                + address(session.connection.localAddress()) + " name=" + session.name + " age="
                + Math.max(0, call.store.now() - session.openedMillis) / 1000 + " db=0 sub="
                + session.subscriptions() + " psub=0 ssub=0 multi=-1 omem=" + session.connection.unsentBytes()
                + " user=default resp=" + (session.resp3 ? 3 : 2) + " lib-name=" + session.library + " lib-ver="
                + session.libraryVersion;
    }

    private static String address(SocketAddress address) {
        return address == null ? "" : address.toString().replaceFirst("^.*/", "");
    }
}
