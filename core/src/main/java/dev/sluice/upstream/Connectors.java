// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.Connector;
import dev.sluice.Protocol;
import java.io.IOException;

/**
 * Makes a connector of a protocol: {@code server::connector}, so that connections belong to the server's Readers; or one that has
 * Readers of its own, {@code protocol -> Connector.builder(protocol).start()}.
 */
@FunctionalInterface
public interface Connectors {

    /** Makes one. */
    Connector connector(Protocol<?> protocol) throws IOException;
}
