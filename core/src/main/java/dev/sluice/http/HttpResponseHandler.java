// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.CloseReason;

/**
 * Gets the response to one request of an {@link HttpCaller}. Either {@link #response} is called, or {@link #failed} is,
 * or where a body comes in pieces, first that and then this. What is given is valid during the call. Called on the
 * connection's Reader, or on a worker where the connector has those, one call at a time. One that throws ends the
 * connection, and is told nothing more.
 */
@FunctionalInterface
public interface HttpResponseHandler {

    /** The response; with its body where bodies are gathered, else its head. */
    void response(HttpResponse response) throws Exception;

    /** A piece of the body, where those are streamed, or of what comes through a {@linkplain HttpResponse#isTunnel tunnel}. */
    default void content(HttpContent part) throws Exception {}

    /** A response in front of the one that answers the request (RFC 9110, 15.2). */
    default void interim(HttpResponse response) throws Exception {}

    /**
     * The connection has ended before the response was whole, or there is none. Whether the server has seen the request
     * isn't known.
     */
    default void failed(CloseReason reason) throws Exception {}
}
