// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.frame.Output;
import dev.sluice.resp.RespOutput;

/** HELLO: the client says which version of the protocol it speaks, and is told who it speaks to. */
final class HelloCommand {
    /** The version of Redis whose answers are given here. */
    static final String VERSION = "7.0.15";

    private HelloCommand() {}

    static void hello(Call call) {
        Session session = call.session;
        boolean resp3 = session.resp3;
        String name = null;
        if (call.count() > 1) {
            if (!call.isNumber(1)) {
                call.error("ERR Protocol version is not an integer or out of range");
                return;
            }
            long version = call.number(1);
            if (version != 2 && version != 3) {
                call.error("NOPROTO unsupported protocol version");
                return;
            }
            resp3 = version == 3;
        }
        for (int i = 2; i < call.count(); i++) {
            int more = call.count() - 1 - i;
            if (call.is(i, "auth") && more >= 2) {
                if (!call.is(i + 1, "default")) { // there are no others, and it has no password
                    call.error("WRONGPASS invalid username-password pair or user is disabled.");
                    return;
                }
                i += 2;
            } else if (call.is(i, "setname") && more >= 1) {
                name = call.text(++i);
                if (!ClientCommand.isName(name)) {
                    call.error(ClientCommand.BAD_NAME);
                    return;
                }
            } else {
                call.error("ERR Syntax error in HELLO option '" + call.text(i) + "'");
                return;
            }
        }
        if (name != null && call.store.isFull(name.length())) {
            call.error(Call.OUT_OF_MEMORY);
            return;
        }
        session.resp3 = resp3;
        if (name != null) {
            ClientCommand.name(call, name);
        }
        call.write(call, HelloCommand::write);
    }

    private static void write(Call call, Output out) {
        Call.mapping(call.session, out, 7);
        Call.bulk(out, "server");
        Call.bulk(out, "redis");
        Call.bulk(out, "version");
        Call.bulk(out, VERSION);
        Call.bulk(out, "proto");
        RespOutput.integer(out, call.session.resp3 ? 3 : 2);
        Call.bulk(out, "id");
        RespOutput.integer(out, call.session.id());
        Call.bulk(out, "mode");
        Call.bulk(out, "standalone");
        Call.bulk(out, "role");
        Call.bulk(out, "master");
        Call.bulk(out, "modules");
        RespOutput.array(out, 0);
    }
}
