// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/** What {@link HttpRequestFramer} and {@link HttpResponseFramer} cut a stream into. */
public sealed interface HttpPart permits HttpRequest, HttpResponse, HttpContent, HttpExpectation {}
