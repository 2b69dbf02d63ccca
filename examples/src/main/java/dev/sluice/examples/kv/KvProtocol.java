// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Reply;
import dev.sluice.RequestProtocol;
import dev.sluice.frame.Framer;
import dev.sluice.frame.Output;
import dev.sluice.resp.RespOutput;
import dev.sluice.resp.RespRequest;
import dev.sluice.resp.RespRequestFramer;

/**
 * What is spoken with clients: requests of RESP, each of which is a command on the store. One object serves all
 * connections; each command holds the store's monitor while it runs, so the order of commands is the same for all.
 */
public final class KvProtocol implements RequestProtocol<RespRequest> {
    /** Most bytes of a value: what can be set with one request of the default length, and be sent back in one reply. */
    static final int MAX_VALUE_BYTES = 1 << 20;

    private final Store store;
    private final Commands commands = new Commands();
    private final Call call;

    /** Serves a store. */
    public KvProtocol(Store store) {
        this.store = store;
        this.call = new Call(store, new Channels(store));
    }

    @Override
    public Framer<RespRequest> newFramer(int maxFrameBytes) {
        return new RespRequestFramer(maxFrameBytes, MAX_VALUE_BYTES, RespRequestFramer.MAX_ARGUMENTS);
    }

    @Override
    public void opened(Connection connection) {
        synchronized (store) {
            store.begin();
            Session session = new Session(connection, store.now());
            connection.attach(session);
            call.sessions.add(session);
        }
    }

    @Override
    public void handle(RespRequest request, Reply reply) {
        Session session = (Session) reply.connection().attachment();
        if (isWebPage(request)) {
            session.connection.close();
            return;
        }
        synchronized (store) {
            call.begin(request, session, reply);
            try {
                commands.run(call);
            } finally {
                call.end();
            }
        }
    }

    @Override
    public void refuse(Connection connection, CloseReason reason, Output out) {
        if (reason instanceof CloseReason.BadFrame bad) {
            RespOutput.refusal(out, bad.cause());
        }
    }

    @Override
    public void closed(Connection connection, CloseReason reason) {
        synchronized (store) {
            Session session = (Session) connection.attachment();
            if (session == null) {
                return; // it could not be opened
            }
            call.channels.leave(session);
            store.charge(-session.chargedBytes());
            call.sessions.remove(session);
        }
    }

    /**
     * Whether this is a line of an HTTP request. A web page can make a browser send one here, with commands in its body, so
     * Redis ends such a connection.
     */
    private static boolean isWebPage(RespRequest request) {
        return request.is(0, "post") || request.is(0, "host:");
    }
}
