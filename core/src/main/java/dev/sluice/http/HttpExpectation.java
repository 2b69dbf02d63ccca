// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/**
 * A client that has sent the head of a request, and waits to be told to go on before it sends the body (RFC 9110, 10.1.1).
 * The request follows once it is whole. Only where bodies are gathered: where they are streamed the request itself says it.
 */
public enum HttpExpectation implements HttpPart {
    /** The only one that there is. */
    CONTINUE
}
