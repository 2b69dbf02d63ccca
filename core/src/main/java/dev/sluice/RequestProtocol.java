// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/**
 * A protocol in which each frame is a request that has a reply, and replies leave in the order of the requests. Not for
 * clients, nor for peers that both send when they like: those are {@link DuplexProtocol}.
 *
 * @param <R> the requests
 */
public non-sealed interface RequestProtocol<R> extends Protocol<R>, Handler<R> {}
