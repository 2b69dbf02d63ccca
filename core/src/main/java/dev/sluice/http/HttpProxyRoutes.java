// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/** Says where a request goes. */
@FunctionalInterface
public interface HttpProxyRoutes {

    /**
     * Says it. Called on the Reader, for each request.
     *
     * @param request valid during the call
     * @return null if nowhere: the client is told 404
     */
    HttpBackends route(HttpRequest request) throws Exception;
}
