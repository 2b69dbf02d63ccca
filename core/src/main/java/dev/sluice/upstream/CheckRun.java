// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Connector;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** One check of one backend, from its connect to its result. The thread of the target's Reader. */
final class CheckRun {
    private final CheckTarget target;
    private final HealthCheck check;
    private final Answer answer;
    private CompletableFuture<Connection> connect;
    private Connection connection;
    private boolean over;

    CheckRun(CheckTarget target, HealthCheck check) {
        this.target = target;
        this.check = check;
        this.answer = check.newAnswer();
    }

    void begin(Connector connector, SocketAddress address) {
        connect = connector.connect(null, address, this, check.preface());
        connect.whenComplete((opened, failure) -> {
            if (failure != null) {
                connectFailed(failure);
            }
        });
    }

    private void connectFailed(Throwable failure) {
        if (OwnTrouble.is(failure)) {
            end(null, null);
        } else {
            end(false, failure.getMessage());
        }
    }

    void opened(Connection opened) {
        connection = opened;
        if (over) {
            opened.abort();
            return;
        }
        if (check.send().length > 0) {
            connection.send(ByteBuffer.wrap(check.send()));
        }
        look();
    }

    void received(ByteBuffer part) {
        answer.add(part);
        look();
    }

    private void look() {
        if (answer.isGood()) {
            end(true, null);
        } else if (answer.isBad()) {
            end(false, "check: answered by " + answer);
        }
    }

    void closed(CloseReason reason) {
        end(false, "check: its connection ended before an answer: " + reason.kind());
    }

    void timedOut() {
        String far = connection == null ? "no connection" : "no answer";
        end(false, "check: " + far + " within " + check.timeout().toMillis() + " ms");
    }

    /** Ends it without a result. */
    void cancel() {
        if (!over) {
            over = true;
            letGo(false);
        }
    }

    private void end(Boolean good, String why) {
        if (!over) {
            over = true;
            letGo(Boolean.TRUE.equals(good));
            target.ended(good, why);
        }
    }

    private void letGo(boolean inOrder) {
        if (connection == null) {
            connect.cancel(false); // one that comes to be all the same is closed
        } else if (inOrder) {
            connection.close();
        } else {
            connection.abort();
        }
    }
}
