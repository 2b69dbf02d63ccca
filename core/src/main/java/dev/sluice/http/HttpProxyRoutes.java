// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/**
 * Says where a request goes.
 *
 * <p>Backends decode a path before they look at it, and some drop what others keep: compare {@link HttpTarget#segments} rather than
 * the target as it was sent, of which {@code /%61pi} and {@code http://host/api} aren't {@code /api}.
 */
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
