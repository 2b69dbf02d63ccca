// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.frame.Output;
import dev.sluice.resp.RespOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The commands that work on keys, whatever their values. */
final class KeyCommands {
    private static final String LONG_PATTERN = "ERR pattern is longer than " + Glob.MAX_BYTES + " bytes";

    private KeyCommands() {}

    static void addTo(Commands commands) {
        String read = "readonly fast";
        String write = "write fast";
        String group = "generic";
        commands.add("del", -2, "write", "1 -1 1", group, "Delete keys", KeyCommands::del);
        commands.add("exists", -2, read, "1 -1 1", group, "Count the keys that exist", KeyCommands::exists);
        commands.add("type", 2, read, "1 1 1", group, "Tell the type of a value", KeyCommands::type);
        commands.add("expire", -3, write, "1 1 1", group, "Set seconds to live", call -> expire(call, 1000, false));
        commands.add("pexpire", -3, write, "1 1 1", group, "Set milliseconds to live", call -> expire(call, 1, false));
        commands.add(
                "expireat", -3, write, "1 1 1", group, "Set the second of expiry", call -> expire(call, 1000, true));
        commands.add(
                "pexpireat", -3, write, "1 1 1", group, "Set the millisecond of expiry", call -> expire(call, 1, true));
        commands.add("ttl", 2, read, "1 1 1", group, "Get seconds to live", call -> timeToLive(call, 1000));
        commands.add("pttl", 2, read, "1 1 1", group, "Get milliseconds to live", call -> timeToLive(call, 1));
        commands.add("persist", 2, write, "1 1 1", group, "Keep a key for ever", KeyCommands::persist);
        commands.add("keys", 2, "readonly", "0 0 0", group, "Find all keys that match", KeyCommands::keys);
        commands.add("scan", -2, "readonly", "0 0 0", group, "Go through all keys in steps", KeyCommands::scan);
    }

    private static void del(Call call) {
        int deleted = 0;
        for (int i = 1; i < call.count(); i++) {
            Entry entry = call.store.find(call.request, i);
            if (entry != null) {
                call.store.remove(entry);
                deleted++;
            }
        }
        call.integer(deleted);
    }

    private static void exists(Call call) {
        int found = 0;
        for (int i = 1; i < call.count(); i++) {
            found += call.store.find(call.request, i) != null ? 1 : 0;
        }
        call.integer(found);
    }

    private static void type(Call call) {
        call.simple(call.store.find(call.request, 1) == null ? "none" : "string");
    }

    private static void persist(Call call) {
        Entry entry = call.store.find(call.request, 1);
        boolean had = entry != null && entry.expiresAtMillis != Entry.NEVER;
        if (had) {
            call.store.expires(entry, Entry.NEVER);
        }
        call.integer(had ? 1 : 0);
    }

    private static void timeToLive(Call call, int unitMillis) {
        Entry entry = call.store.find(call.request, 1);
        if (entry == null) {
            call.integer(-2);
        } else if (entry.expiresAtMillis == Entry.NEVER) {
            call.integer(-1);
        } else {
            long millis = entry.expiresAtMillis - call.store.now();
            call.integer((millis + unitMillis / 2) / unitMillis);
        }
    }

    private static void expire(Call call, int unitMillis, boolean absolute) {
        Condition condition = new Condition();
        if (!condition.read(call)) {
            return;
        }
        String name = (unitMillis == 1 ? "p" : "") + "expire" + (absolute ? "at" : "");
        long expiresAt = Times.expiresAt(call, 2, unitMillis, absolute, false, name);
        if (expiresAt == Times.REFUSED) {
            return;
        }
        Entry entry = call.store.find(call.request, 1);
        if (entry == null || !condition.holds(entry.expiresAtMillis, expiresAt)) {
            call.integer(0);
        } else if (expiresAt <= call.store.now()) {
            call.store.remove(entry);
            call.integer(1);
        } else {
            call.store.expires(entry, expiresAt);
            call.integer(1);
        }
    }

    /** When EXPIRE shall do something: NX, XX, GT, LT. */
    private static final class Condition {
        private boolean nx;
        private boolean xx;
        private boolean gt;
        private boolean lt;

        /** Reads the options; answers with an error and returns false if they make no sense. */
        boolean read(Call call) {
            for (int i = 3; i < call.count(); i++) {
                if (call.is(i, "nx")) {
                    nx = true;
                } else if (call.is(i, "xx")) {
                    xx = true;
                } else if (call.is(i, "gt")) {
                    gt = true;
                } else if (call.is(i, "lt")) {
                    lt = true;
                } else {
                    call.error("ERR Unsupported option " + Commands.beginning(call.text(i), Integer.MAX_VALUE));
                    return false;
                }
            }
            if (nx && (xx || gt || lt)) {
                call.error("ERR NX and XX, GT or LT options at the same time are not compatible");
                return false;
            }
            if (gt && lt) {
                call.error("ERR GT and LT options at the same time are not compatible");
                return false;
            }
            return true;
        }

        /** Without a time a key lives longer than with any, so NEVER is the largest. */
        boolean holds(long before, long after) {
            boolean had = before != Entry.NEVER;
            return !(nx && had) && !(xx && !had) && !(gt && after <= before) && !(lt && after >= before);
        }
    }

    private static void keys(Call call) {
        if (call.request.length(1) > Glob.MAX_BYTES) {
            call.error(LONG_PATTERN);
            return;
        }
        Glob glob = new Glob(call.request.bytes(1));
        List<byte[]> found = new ArrayList<>();
        call.store.forEach(entry -> {
            if (!call.store.isExpired(entry) && glob.matches(entry.key)) {
                found.add(entry.key);
            }
        });
        call.write(found, KeyCommands::writeKeys);
    }

    private static void scan(Call call) {
        OptionalLong cursor = cursor(Commands.beginning(call.text(1), 100));
        if (cursor.isEmpty()) {
            call.error("ERR invalid cursor");
            return;
        }
        long count = 10;
        Glob glob = null;
        boolean strings = true;
        for (int i = 2; i < call.count(); i += 2) {
            if (i + 1 == call.count()) {
                call.error(Call.SYNTAX_ERROR);
                return;
            } else if (call.is(i, "count") && !call.isNumber(i + 1)) {
                call.error(Call.NOT_AN_INTEGER);
                return;
            } else if (call.is(i, "count") && call.number(i + 1) >= 1) {
                count = call.number(i + 1);
            } else if (call.is(i, "match") && call.request.length(i + 1) > Glob.MAX_BYTES) {
                call.error(LONG_PATTERN);
                return;
            } else if (call.is(i, "match")) {
                glob = new Glob(call.request.bytes(i + 1));
            } else if (call.is(i, "type")) {
                strings = call.is(i + 1, "string");
            } else {
                call.error(Call.SYNTAX_ERROR);
                return;
            }
        }
        scan(call, cursor.getAsLong(), count, strings ? glob : new Glob(new byte[0]), !strings);
    }

    /** Reads it as C's strtoul does, which takes signs, and nothing for 0. */
    private static OptionalLong cursor(String text) {
        if (!text.matches("|[+-]?[0-9]+")) {
            return OptionalLong.empty();
        }
        try {
            String digits = text.replaceFirst("^[+-]", "");
            long cursor = digits.isEmpty() ? 0 : Long.parseUnsignedLong(digits);
            return OptionalLong.of(text.startsWith("-") ? -cursor : cursor);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** Goes through buckets until there are {@code count} keys, though not through more than ten times as many. */
    private static void scan(Call call, long from, long count, Glob glob, boolean nothing) {
        List<byte[]> found = new ArrayList<>();
        long cursor = from;
        long buckets = count > Long.MAX_VALUE / 10 ? Long.MAX_VALUE : 10 * count;
        int[] seen = new int[1];
        do {
            cursor = call.store.scan(cursor, entry -> {
                seen[0]++;
                boolean matches = !nothing && (glob == null || glob.matches(entry.key));
                if (matches && !call.store.isExpired(entry)) {
                    found.add(entry.key);
                }
            });
        } while (cursor != 0 && --buckets > 0 && seen[0] < count);
        String next = Long.toUnsignedString(cursor);
        call.write(found, (keys, out) -> {
            RespOutput.array(out, 2);
            Call.bulk(out, next);
            writeKeys(keys, out);
        });
    }

    private static void writeKeys(List<byte[]> keys, Output out) {
        RespOutput.array(out, keys.size());
        for (byte[] key : keys) {
            RespOutput.bulk(out, key);
        }
    }
}
