// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Protocol;
import dev.sluice.Server;
import java.util.Set;

/**
 * Answers HTTP requests whose bodies come in pieces, however long they are.
 *
 * <pre>{@code
 * HttpStreamHandler count = (request, reply) -> new HttpReceiver() {
 *     private long bytes;
 *
 *     @Override
 *     public void receive(HttpContent part, HttpReply reply) {
 *         bytes += part.bytes().remaining();
 *         if (part.isLast()) {
 *             reply.send("text/plain", bytes + " bytes\n");
 *         }
 *     }
 * };
 * }</pre>
 */
@FunctionalInterface
public interface HttpStreamHandler {

    /**
     * Handles the head of one request. {@code request} and {@code reply} are valid during the call.
     *
     * @return who gets the body, or null if nobody wants it: then the reply must be given or deferred in this call. A body
     *     that nobody wants is skipped if it is short; else the connection ends behind the reply. A receiver for a request
     *     without a body gets one last piece of 0 bytes, in the same call.
     */
    HttpReceiver handle(HttpRequest request, HttpReply reply) throws Exception;

    /** What its protocol is to be like, {@link Protocol#traits}; by default like any other. */
    default Set<Protocol.Trait> traits() {
        return Set.of();
    }

    /** A server that its protocol belongs to is about to start, as {@link Protocol#starting} says it. */
    default void starting(Server server) {}
}
