// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Looks up the addresses of a host. It is called on loops, so it must not block: what takes time is done elsewhere, on a
 * thread for instance, and completes the stage from there. It has to complete each stage at some time.
 */
@FunctionalInterface
public interface Resolver {

    /**
     * Begins to look up a host.
     *
     * @param host its name
     * @return completed with its addresses, the preferred one first, or with a {@link java.net.UnknownHostException} if there
     *     is no such host, or with another exception if that could not be found out
     */
    CompletionStage<List<InetAddress>> resolve(String host);
}
