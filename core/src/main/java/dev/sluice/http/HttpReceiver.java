// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/**
 * Gets the body of one request, piece by piece, on the threads that {@link dev.sluice.Handler} is called on: one piece after
 * another, each of which sees what was done with the one before. {@link dev.sluice.Connection#pause} keeps the client from
 * sending more, {@code resume} lets it go on.
 */
@FunctionalInterface
public interface HttpReceiver {

    /**
     * Gets one piece.
     *
     * @param part valid during the call; a body has one piece that {@linkplain HttpContent#isLast is the last}
     * @param reply the reply to the request: the same that its handler was given, valid again during the call. It may be
     *     given or deferred at any piece, and must be by the last.
     */
    void receive(HttpContent part, HttpReply reply) throws Exception;

    /**
     * The connection has ended, and the last piece was not received. Called at most once, on the Reader's thread or a
     * worker, and never while a piece is received.
     */
    default void ended() {}
}
