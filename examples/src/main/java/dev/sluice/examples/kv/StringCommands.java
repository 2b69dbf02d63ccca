// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.frame.Output;
import dev.sluice.resp.RespOutput;

/** The commands that work on values. */
final class StringCommands {
    private static final String OVERFLOW = "ERR increment or decrement would overflow";

    private StringCommands() {}

    static void addTo(Commands commands) {
        String read = "readonly fast";
        String write = "write denyoom";
        String writeFast = "write denyoom fast";
        String group = "string";
        commands.add("get", 2, read, "1 1 1", group, "Get the value of a key", StringCommands::get);
        commands.add("set", -3, write, "1 1 1", group, "Set the string value of a key", SetCommand::set);
        commands.add("setnx", 3, writeFast, "1 1 1", group, "Set a value, only if there is none", SetCommand::setnx);
        commands.add("setex", 4, write, "1 1 1", group, "Set a value and seconds to live", SetCommand::setex);
        commands.add("psetex", 4, write, "1 1 1", group, "Set a value and milliseconds to live", SetCommand::psetex);
        commands.add("getset", 3, writeFast, "1 1 1", group, "Set a value and get the old one", SetCommand::getset);
        commands.add("append", 3, writeFast, "1 1 1", group, "Append to the value of a key", StringCommands::append);
        commands.add("strlen", 2, read, "1 1 1", group, "Get the length of a value", StringCommands::strlen);
        commands.add("mget", -2, read, "1 -1 1", group, "Get the values of all keys", StringCommands::mget);
        commands.add("mset", -3, write, "1 -1 2", group, "Set several keys", StringCommands::mset);
        commands.add("incr", 2, writeFast, "1 1 1", group, "Add one", call -> add(call, 1));
        commands.add("decr", 2, writeFast, "1 1 1", group, "Take one away", call -> add(call, -1));
        commands.add("incrby", 3, writeFast, "1 1 1", group, "Add a number", StringCommands::incrby);
        commands.add("decrby", 3, writeFast, "1 1 1", group, "Take a number away", StringCommands::decrby);
    }

    private static void get(Call call) {
        call.value(call.store.find(call.request, 1));
    }

    private static void strlen(Call call) {
        Entry entry = call.store.find(call.request, 1);
        call.integer(entry == null ? 0 : entry.length);
    }

    /** A value must not get longer than what could be set at once, which is the most that a reply can hold too. */
    private static void append(Call call) {
        Entry entry = call.store.find(call.request, 1);
        long length = (entry == null ? 0L : entry.length) + call.request.length(2);
        if (length > KvProtocol.MAX_VALUE_BYTES) {
            call.error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
            return;
        }
        Entry to = entry == null ? call.store.add() : entry;
        int before = to.value.length;
        to.append(call.request, 2);
        call.store.changed(to.value.length - before);
        call.integer(to.length);
    }

    private static void mget(Call call) {
        call.write(call, StringCommands::writeValues);
    }

    private static void writeValues(Call call, Output out) {
        RespOutput.array(out, call.count() - 1);
        for (int i = 1; i < call.count(); i++) {
            Entry entry = call.store.find(call.request, i);
            if (entry == null) {
                Call.nothing(call.session, out);
            } else {
                RespOutput.bulk(out, entry.value, 0, entry.length);
            }
        }
    }

    private static void mset(Call call) {
        if (call.count() % 2 == 0) {
            call.error(Commands.wrongNumber("mset"));
            return;
        }
        for (int i = 1; i < call.count(); i += 2) {
            SetCommand.put(call, i, i + 1, Entry.NEVER);
        }
        call.ok();
    }

    private static void incrby(Call call) {
        if (call.isNumber(2)) {
            add(call, call.number(2));
        } else {
            call.error(Call.NOT_AN_INTEGER);
        }
    }

    private static void decrby(Call call) {
        if (!call.isNumber(2)) {
            call.error(Call.NOT_AN_INTEGER);
        } else if (call.number(2) == Long.MIN_VALUE) {
            call.error("ERR decrement would overflow");
        } else {
            add(call, -call.number(2));
        }
    }

    private static void add(Call call, long change) {
        Entry entry = call.store.find(call.request, 1);
        if (entry != null && !Numbers.isNumber(entry.value, entry.length)) {
            call.error(Call.NOT_AN_INTEGER);
            return;
        }
        long old = entry == null ? 0 : Numbers.number(entry.value, entry.length);
        long sum = old + change;
        if (((old ^ sum) & (change ^ sum)) < 0) {
            call.error(OVERFLOW);
            return;
        }
        Entry to = entry == null ? call.store.add() : entry;
        int before = to.value.length;
        to.set(sum);
        call.store.changed(to.value.length - before);
        call.integer(sum);
    }
}
