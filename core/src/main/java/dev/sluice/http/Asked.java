// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/** What of a request its reply depends on, longer than the request can be looked at. Kept and used again. */
final class Asked {
    boolean toHead;
    boolean toConnect;
    boolean isHttp10;
    boolean continueAwaited; // the client hasn't sent the body, and may not

    void begin(HttpRequest request, boolean bodyComes) {
        toHead = request.method().equals("HEAD");
        toConnect = request.method().equals("CONNECT");
        isHttp10 = request.isHttp10();
        continueAwaited = bodyComes && request.expectsContinue();
    }

    void takeOver(Asked other) {
        toHead = other.toHead;
        toConnect = other.toConnect;
        isHttp10 = other.isHttp10;
        continueAwaited = other.continueAwaited;
    }

    void requireNoTunnel(int status) {
        if (toConnect && status < 300) {
            throw new IllegalArgumentException("status " + status
                    + " to CONNECT would make a tunnel of the connection (RFC 9110, 9.3.6), which it can't become");
        }
    }
}
