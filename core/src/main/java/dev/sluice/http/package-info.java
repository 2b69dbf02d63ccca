// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP/1.1 and 1.0: strict framers for requests and for responses, and what a server answers with. What two parsers might
 * read differently is refused, never guessed at; {@code docs/http.md} has each rule with its reason.
 *
 * <p>{@link dev.sluice.http.HttpProtocol} is what a listener is given, {@link dev.sluice.http.HttpClientProtocol} what a
 * connector is made for. The framers, {@link dev.sluice.http.HttpRequestFramer} and
 * {@link dev.sluice.http.HttpResponseFramer}, know no connection and can be used alone.
 *
 * <p>Source: <a href="https://www.rfc-editor.org/rfc/rfc9110">RFC 9110</a> (what messages mean) and
 * <a href="https://www.rfc-editor.org/rfc/rfc9112">RFC 9112</a> (how they are framed).
 */
package dev.sluice.http;
