// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.resp.RespRequest;
import java.util.ArrayList;
import java.util.List;

/** All commands by their names, which are found without making an object of the name that was sent. */
final class Commands {
    private static final int SLOTS = 256; // a power of two, and several times the number of commands

    private final Slot[] slots = new Slot[SLOTS];
    private final List<Command> all = new ArrayList<>();

    /** What every call needs to know, made ready. */
    private static final class Slot {
        final Command command;
        final String name;
        final boolean needsMemory;

        Slot(Command command) {
            this.command = command;
            this.name = command.name();
            this.needsMemory = command.needsMemory();
        }
    }

    Commands() {
        StringCommands.addTo(this);
        KeyCommands.addTo(this);
        ConnectionCommands.addTo(this);
        ServerCommands.addTo(this);
        CommandCommand.addTo(this);
    }

    /** Adds one; {@code keys} says first and last key and step, as {@code "1 1 1"}. */
    void add(String name, int arity, String flags, String keys, String group, String summary, Command.Body body) {
        String[] key = keys.split(" ");
        Command command = new Command(
                name,
                arity,
                List.of(flags.split(" ")),
                Integer.parseInt(key[0]),
                Integer.parseInt(key[1]),
                Integer.parseInt(key[2]),
                group,
                summary,
                body);
        int hash = 0;
        for (int i = 0; i < name.length(); i++) {
            hash = 31 * hash + name.charAt(i);
        }
        int slot = hash & (SLOTS - 1);
        while (slots[slot] != null) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        slots[slot] = new Slot(command);
        all.add(command);
    }

    List<Command> all() {
        return all;
    }

    /** The command that an argument names, or null. */
    Command find(RespRequest request, int argument) {
        Slot slot = slot(request, argument);
        return slot == null ? null : slot.command;
    }

    /** Does what a request asks for, or says why not. */
    void run(Call call) {
        Slot slot = slot(call.request, 0);
        if (slot == null) {
            unknown(call);
        } else if (!slot.command.takes(call.count())) {
            call.error(wrongNumber(slot.name));
        } else if (call.session.channels != null && !call.session.resp3 && !Channels.allowsInResp2(slot.name)) {
            call.error("ERR Can't execute '" + slot.name + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT"
                    + " / RESET are allowed in this context");
        } else if (slot.needsMemory && call.store.isFull(mostGrowth(call.request))) {
            call.error(Call.OUT_OF_MEMORY);
        } else {
            slot.command.body().run(call);
        }
    }

    static String wrongNumber(String name) {
        return "ERR wrong number of arguments for '" + name + "' command";
    }

    private Slot slot(RespRequest request, int argument) {
        int hash = 0;
        for (int i = 0, length = request.length(argument); i < length; i++) {
            int b = request.byteAt(argument, i);
            hash = 31 * hash + (b >= 'A' && b <= 'Z' ? b | 0x20 : b);
        }
        int at = hash & (SLOTS - 1);
        while (slots[at] != null && !request.is(argument, slots[at].name)) {
            at = (at + 1) & (SLOTS - 1);
        }
        return slots[at];
    }

    /** What commands make of their arguments, except for the room that APPEND leaves behind a value. */
    private static long mostGrowth(RespRequest request) {
        long bytes = 0;
        for (int i = 1, count = request.count(); i < count; i++) {
            bytes += request.length(i) + Store.ENTRY_BYTES;
        }
        return bytes;
    }

    /** In Redis' words, which show 128 bytes of the name and of the arguments, each up to a zero byte. */
    private static void unknown(Call call) {
        StringBuilder arguments = new StringBuilder();
        for (int i = 1; i < call.count() && arguments.length() < 128; i++) {
            String shown = beginning(call.text(i), 128 - arguments.length());
            arguments.append('\'').append(shown).append("' ");
        }
        call.error(
                "ERR unknown command '" + beginning(call.text(0), 128) + "', with args beginning with: " + arguments);
    }

    /** What Redis shows of a text. */
    static String beginning(String text, int most) {
        int zero = text.indexOf(0);
        return text.substring(0, Math.min(most, zero < 0 ? text.length() : zero));
    }
}
