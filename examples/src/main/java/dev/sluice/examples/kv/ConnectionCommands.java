// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.frame.Output;
import dev.sluice.resp.RespOutput;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The commands that are about the connection itself, its channels included. */
final class ConnectionCommands {

    private ConnectionCommands() {}

    static void addTo(Commands commands) {
        String plain = "noscript loading stale fast";
        String channels = "pubsub noscript loading stale";
        String group = "connection";
        commands.add("ping", -1, "fast", "0 0 0", group, "Get an answer", ConnectionCommands::ping);
        commands.add("echo", 2, "loading stale fast", "0 0 0", group, "Get a message back", call -> call.argument(1));
        commands.add("quit", -1, plain, "0 0 0", group, "End the connection", ConnectionCommands::quit);
        commands.add(
                "select", 2, "loading stale fast", "0 0 0", group, "Select database 0", ConnectionCommands::select);
        commands.add("hello", -1, plain, "0 0 0", group, "Agree on a version of the protocol", HelloCommand::hello);
        commands.add(
                "client",
                -2,
                "noscript loading stale",
                "0 0 0",
                group,
                "Tell or ask about connections",
                ClientCommand::client);
        commands.add(
                "subscribe", -2, channels + " denyoom", "0 0 0", "pubsub", "Listen", ConnectionCommands::subscribe);
        commands.add("unsubscribe", -1, channels, "0 0 0", "pubsub", "Stop listening", ConnectionCommands::unsubscribe);
        commands.add("publish", 3, "pubsub loading stale fast", "0 0 0", "pubsub", "Send", ConnectionCommands::publish);
    }

    private static void ping(Call call) {
        if (call.count() > 2) {
            call.error(Commands.wrongNumber("ping"));
        } else if (call.session.channels != null && !call.session.resp3) {
            call.write(call, ConnectionCommands::writePong);
        } else if (call.count() == 2) {
            call.argument(1);
        } else {
            call.simple("PONG");
        }
    }

    /** For who listens in RESP2 everything has to look like a message. */
    private static void writePong(Call call, Output out) {
        RespOutput.array(out, 2);
        Call.bulk(out, "pong");
        if (call.count() == 2) {
            RespOutput.bulk(out, call.request.argument(1));
        } else {
            Call.bulk(out, "");
        }
    }

    private static void quit(Call call) {
        call.ok();
        call.session.connection.close();
    }

    private static void select(Call call) {
        if (!call.isNumber(1)) {
            call.error(Call.NOT_AN_INTEGER);
        } else if (call.number(1) != 0) {
            call.error("ERR DB index is out of range");
        } else {
            call.ok();
        }
    }

    private static void subscribe(Call call) {
        List<ChannelName> channels = arguments(call);
        if (call.store.isFull(channels.stream().mapToLong(Channels::bytes).sum())) {
            call.error(Call.OUT_OF_MEMORY);
            return;
        }
        call.write(call, (c, out) -> {
            for (ChannelName channel : channels) {
                c.channels.subscribe(c.session, channel);
                writeChange(c.session, out, "subscribe", channel);
            }
        });
    }

    private static void unsubscribe(Call call) {
        Session session = call.session;
        boolean all = call.count() == 1;
        List<ChannelName> channels;
        if (all) {
            channels = session.channels == null ? List.of() : List.copyOf(session.channels);
        } else {
            channels = arguments(call);
        }
        call.write(call, (c, out) -> {
            for (ChannelName channel : channels) {
                c.channels.unsubscribe(session, channel);
                writeChange(session, out, "unsubscribe", channel);
            }
            if (channels.isEmpty()) {
                writeChange(session, out, "unsubscribe", null);
            }
        });
    }

    private static void writeChange(Session session, Output out, String kind, ChannelName channel) {
        Channels.header(session, out, kind);
        if (channel == null) {
            Call.nothing(session, out);
        } else {
            RespOutput.bulk(out, channel.bytes);
        }
        RespOutput.integer(out, session.subscriptions());
    }

    private static List<ChannelName> arguments(Call call) {
        List<ChannelName> arguments = new ArrayList<>();
        for (int i = 1; i < call.count(); i++) {
            arguments.add(call.channels.name(call.request.bytes(i)));
        }
        return arguments;
    }

    private static void publish(Call call) {
        ByteBuffer message = ByteBuffer.wrap(call.request.bytes(2));
        call.integer(call.channels.publish(call.channels.name(call.request.bytes(1)), message));
    }
}
