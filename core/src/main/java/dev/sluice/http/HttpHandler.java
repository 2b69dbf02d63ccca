// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/**
 * Answers HTTP requests.
 *
 * <pre>{@code
 * HttpHandler hello = (request, reply) -> reply.send("text/plain", "hello\n");
 * }</pre>
 *
 * <p>Threads and lifetimes are those of {@link dev.sluice.Handler}: what it is given is valid during the call, and a reply
 * that is given later is deferred. A handler that throws is answered for with 500 where nothing was sent yet, and its
 * connection ends.
 */
@FunctionalInterface
public interface HttpHandler {

    /** Handles one request. */
    void handle(HttpRequest request, HttpReply reply) throws Exception;
}
