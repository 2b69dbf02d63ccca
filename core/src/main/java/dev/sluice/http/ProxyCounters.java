// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.upstream.PoolStatus;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Counts what becomes of the requests to some backends. Any thread. */
final class ProxyCounters {
    final LongAdder requests = new LongAdder();
    final LongAdder responses = new LongAdder();
    final LongAdder retries = new LongAdder();
    final LongAdder badGateway = new LongAdder();
    final LongAdder unavailable = new LongAdder();
    final LongAdder timeouts = new LongAdder();
    final LongAdder brokenOff = new LongAdder();
    final LongAdder abandoned = new LongAdder();

    void error(int status) {
        switch (status) {
            case HttpStatus.BAD_GATEWAY -> badGateway.increment();
            case HttpStatus.GATEWAY_TIMEOUT -> timeouts.increment();
            default -> unavailable.increment();
        }
    }

    HttpBackendsStatus status(Collection<BackendLanes> lanes) {
        List<PoolStatus> pools = lanes.stream().map(BackendLanes::poolStatus).toList();
        return new HttpBackendsStatus(
                requests.sum(),
                responses.sum(),
                retries.sum(),
                badGateway.sum(),
                unavailable.sum(),
                timeouts.sum(),
                brokenOff.sum(),
                abandoned.sum(),
                pools);
    }
}
