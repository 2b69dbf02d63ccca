// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/** What {@link HttpRequestFramer} cuts a stream into. */
public sealed interface HttpPart permits HttpRequest, HttpContent, HttpExpectation {}
