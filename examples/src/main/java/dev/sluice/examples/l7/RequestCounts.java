// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.PastNames;
import dev.sluice.http.HttpBackends;
import dev.sluice.http.HttpBackendsStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What has become of requests, by upstream, whatever listeners and routes come and go. Any thread. */
final class RequestCounts {
    private static final class One {
        private final List<HttpBackends> live = new ArrayList<>();
        private final List<HttpBackends> leaving = new ArrayList<>();
        private RequestFigures past = RequestFigures.NONE;

        boolean isInUse() {
            return !live.isEmpty() || !leaving.isEmpty();
        }
    }

    private final LinkedHashMap<String, One> upstreams = new LinkedHashMap<>();

    /** From now on these count. */
    synchronized void add(String upstream, HttpBackends backends) {
        upstreams.computeIfAbsent(upstream, name -> new One()).live.add(backends);
    }

    /** These get no new requests. */
    synchronized void retire(String upstream, HttpBackends backends) {
        One one = upstreams.get(upstream);
        if (one.live.remove(backends)) {
            one.leaving.add(backends);
        }
    }

    /** The configuration has these upstreams now. */
    synchronized void forgetOthers(Set<String> names) {
        upstreams.values().forEach(RequestCounts::forgetThoseThatAreOver);
        PastNames.forget(
                upstreams, name -> names.contains(name) || upstreams.get(name).isInUse());
    }

    synchronized RequestFigures of(String upstream) {
        One one = upstreams.get(upstream);
        if (one == null) {
            return RequestFigures.NONE;
        }
        forgetThoseThatAreOver(one);
        RequestFigures sum = one.past;
        for (HttpBackends backends : one.live) {
            sum = sum.plus(backends.status());
        }
        for (HttpBackends backends : one.leaving) {
            sum = sum.plus(backends.status());
        }
        return sum;
    }

    private static void forgetThoseThatAreOver(One one) {
        one.leaving.removeIf(backends -> isOver(one, backends));
    }

    private static boolean isOver(One one, HttpBackends backends) {
        HttpBackendsStatus status = backends.status();
        boolean over = RequestFigures.NONE.plus(status).active() == 0
                && status.pools().stream().allMatch(pool -> pool.connections() == 0);
        if (over) {
            one.past = one.past.plus(status);
        }
        return over;
    }

    synchronized Map<String, RequestFigures> all() {
        Map<String, RequestFigures> all = new LinkedHashMap<>();
        upstreams.keySet().forEach(name -> all.put(name, of(name)));
        return all;
    }
}
