// SPDX-License-Identifier: Apache-2.0
/**
 * Servers that hold very many TCP connections: {@link dev.sluice.Server} and what it is made of.
 *
 * <p>A {@link dev.sluice.Listener} is the process's end of {@code listen()}, an {@link dev.sluice.Acceptor} calls
 * {@code accept()}, a {@link dev.sluice.Reader} reads the byte streams of the connections it owns, a framer cuts them
 * into requests, and a {@link dev.sluice.Handler} answers those.
 */
package dev.sluice;
