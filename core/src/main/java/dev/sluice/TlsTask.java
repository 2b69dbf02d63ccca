// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Work;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;

/**
 * Tasks of one handshake on their way to an executor, and back. From {@link #start} until it is back, its engine belongs to
 * whoever runs it; the connection may end meanwhile, and then nobody touches the engine any more.
 *
 * @param connection whose handshake it is
 * @param engine its engine
 */
record TlsTask(TlsConnection connection, SSLEngine engine) implements Runnable {

    /** Loop thread. */
    static void start(TlsConnection c, Executor executor) {
        c.taskBegins();
        try {
            executor.execute(new TlsTask(c, c.engine()));
        } catch (Throwable e) { // not only rejected: there may be no thread left, which is an error
            c.reader().tls().taskFailed(c, e);
        }
    }

    /** The executor's thread. */
    @Override
    public void run() {
        Throwable failure = null;
        try {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        } catch (Throwable e) {
            failure = e;
        }
        connection.reader().loop.post(new Returned(connection, failure)); // if that has ended, so has the connection
    }

    private record Returned(TlsConnection connection, Throwable failure) implements Work {
        @Override
        public void run() throws Exception {
            connection.taskHasRun(failure);
        }

        @Override
        public void failed(Throwable cause) {
            connection.failed(cause);
        }
    }
}
