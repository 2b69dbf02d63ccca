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
     * Says it. Called on the connection's Reader, by several Readers at a time, so it must not block.
     *
     * @param request valid during the call
     * @return the backends, or null if nowhere: the client is told 404
     * @throws Exception ends the client's connection, which is told 500
     */
    HttpBackends route(HttpRequest request) throws Exception;
}
