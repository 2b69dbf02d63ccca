// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.http.HttpBackendsStatus;
import dev.sluice.upstream.PoolStatus;

/** What has become of the requests to an upstream, and the connections to it: as in {@link HttpBackendsStatus}. */
record RequestFigures(
        long requests,
        long answered,
        long retries,
        long badGateway,
        long unavailable,
        long timeouts,
        long brokenOff,
        long abandoned,
        long connections,
        long idle,
        long waiting,
        long made,
        long reused) {
    static final RequestFigures NONE = new RequestFigures(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    RequestFigures plus(HttpBackendsStatus status) {
        RequestFigures sum = new RequestFigures(
                requests + status.requests(),
                answered + status.responses(),
                retries + status.retries(),
                badGateway + status.badGateway(),
                unavailable + status.unavailable(),
                timeouts + status.timeouts(),
                brokenOff + status.brokenOff(),
                abandoned + status.abandoned(),
                connections,
                idle,
                waiting,
                made,
                reused);
        for (PoolStatus pool : status.pools()) {
            sum = sum.plus(pool);
        }
        return sum;
    }

    private RequestFigures plus(PoolStatus pool) {
        return new RequestFigures(
                requests,
                answered,
                retries,
                badGateway,
                unavailable,
                timeouts,
                brokenOff,
                abandoned,
                connections + pool.connections(),
                idle + pool.idle(),
                waiting + pool.waiting(),
                made + pool.made(),
                reused + pool.reused());
    }

    /** Requests that are under way. */
    long active() {
        return Math.max(0, requests - answered - badGateway - unavailable - timeouts - brokenOff - abandoned);
    }
}
