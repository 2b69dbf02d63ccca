// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.frame.Output;
import dev.sluice.resp.RespEncoder;
import dev.sluice.resp.RespOutput;
import dev.sluice.resp.RespValue;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The commands that are about the server and the whole of its store. */
final class ServerCommands {

    private ServerCommands() {}

    static void addTo(Commands commands) {
        String group = "server";
        commands.add("dbsize", 1, "readonly fast", "0 0 0", group, "Count the keys", ServerCommands::dbsize);
        commands.add("flushall", -1, "write", "0 0 0", group, "Delete all keys", ServerCommands::flush);
        commands.add("flushdb", -1, "write", "0 0 0", group, "Delete all keys", ServerCommands::flush);
        commands.add("info", -1, "loading stale", "0 0 0", group, "Tell about the server", ServerCommands::info);
        commands.add("config", -2, "admin loading stale", "0 0 0", group, "Tell settings", ServerCommands::config);
    }

    private static void dbsize(Call call) {
        call.integer(call.store.count());
    }

    private static void flush(Call call) {
        if (call.count() > 2 || (call.count() == 2 && !call.is(1, "async") && !call.is(1, "sync"))) {
            call.error(Call.SYNTAX_ERROR);
            return;
        }
        call.store.clear();
        call.ok();
    }

    // ---- INFO

    private static void info(Call call) {
        StringBuilder text = new StringBuilder();
        Store store = call.store;
        section(call, text, "Server", "redis_version:" + HelloCommand.VERSION, "redis_mode:standalone");
        section(call, text, "Clients", "connected_clients:" + call.sessions.size());
        section(
                call,
                text,
                "Memory",
                "used_memory:" + store.usedBytes(),
                "maxmemory:" + store.maxBytes(),
                "maxmemory_policy:noeviction");
        section(
                call,
                text,
                "Stats",
                "total_commands_processed:" + call.commands,
                "expired_keys:" + store.expired(),
                "pubsub_channels:" + call.channels.count());
        if (store.count() > 0) {
            section(call, text, "Keyspace", "db0:keys=" + store.count() + ",expires=" + store.expiring());
        } else {
            section(call, text, "Keyspace");
        }
        text(call, text.toString());
    }

    private static void section(Call call, StringBuilder text, String name, String... lines) {
        boolean wanted = call.count() == 1;
        for (int i = 1; i < call.count(); i++) {
            String asked = call.text(i);
            wanted |= asked.equalsIgnoreCase(name) || call.is(i, "all") || call.is(i, "everything");
            wanted |= call.is(i, "default");
        }
        if (wanted) {
            text.append(text.isEmpty() ? "" : "\r\n").append("# ").append(name).append("\r\n");
            for (String line : lines) {
                text.append(line).append("\r\n");
            }
        }
    }

    /** A text to be shown to a person: verbatim where there is such a thing. */
    static void text(Call call, String text) {
        RespValue value = new RespValue.Verbatim("txt", ByteBuffer.wrap(Call.bytes(text)));
        call.write(value, call.session.resp3 ? RespEncoder.RESP3 : RespEncoder.RESP2);
    }

    // ---- CONFIG

    private static void config(Call call) {
        if (!call.is(1, "get")) {
            call.error(ClientCommand.unknown(call.text(1), "CONFIG"));
        } else if (call.count() == 2) {
            call.error(Commands.wrongNumber("config|get"));
        } else {
            Map<String, String> asked = asked(call, settings(call.store));
            call.write(asked, (settings, out) -> writeSettings(call.session, settings, out));
        }
    }

    /** Those that are asked for: by name, which is told as it was written, or by a pattern. */
    private static Map<String, String> asked(Call call, Map<String, String> settings) {
        Map<String, String> asked = new LinkedHashMap<>();
        for (int i = 2; i < call.count(); i++) {
            String text = call.text(i);
            String name = text.toLowerCase(Locale.ROOT);
            if (settings.containsKey(name)) {
                asked.put(text, settings.get(name));
                continue;
            }
            Glob glob = new Glob(Call.bytes(name));
            settings.forEach((setting, value) -> {
                if (glob.matches(Call.bytes(setting))) {
                    asked.put(setting, value);
                }
            });
        }
        return asked;
    }

    private static Map<String, String> settings(Store store) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("maxmemory", String.valueOf(store.maxBytes()));
        settings.put("maxmemory-policy", "noeviction");
        settings.put("proto-max-bulk-len", String.valueOf(KvProtocol.MAX_VALUE_BYTES));
        settings.put("databases", "1");
        settings.put("appendonly", "no");
        settings.put("save", "");
        return settings;
    }

    private static void writeSettings(Session session, Map<String, String> settings, Output out) {
        Call.mapping(session, out, settings.size());
        settings.forEach((name, value) -> {
            Call.bulk(out, name);
            RespOutput.bulk(out, Call.bytes(value));
        });
    }
}
