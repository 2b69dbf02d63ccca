// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.upstream.PoolStatus;
import java.util.List;

/**
 * What has become of the requests to some {@link HttpBackends}. Each is in one of the counts but {@code retries}, or under way.
 *
 * @param requests all of them
 * @param responses those whose response was passed on to its end
 * @param retries how many times one was tried again
 * @param badGateway how many clients were told 502: no connection could be made, or what came was no response
 * @param unavailable how many were told 503: no backend is up, or no connection was free in time
 * @param timeouts how many were told 504
 * @param brokenOff those whose response began, and did not come to its end for the backend's fault: the client's connection is
 *     reset then
 * @param abandoned those whose client has gone before
 * @param pools the connections, one for each server whose requests are passed on; those of servers that have ended may be left out
 */
public record HttpBackendsStatus(
        long requests,
        long responses,
        long retries,
        long badGateway,
        long unavailable,
        long timeouts,
        long brokenOff,
        long abandoned,
        List<PoolStatus> pools) {}
