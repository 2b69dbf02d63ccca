// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

/** Says where a client's bytes go. */
@FunctionalInterface
public interface RelayRouter {
    /**
     * Finds the backend of a client. Called on the client's Reader, which serves nobody else meanwhile, so it must not wait;
     * from several Readers at once. What it throws ends the client's connection.
     *
     * @return where to, or null to refuse the client: its connection ends, behind TLS' alert unrecognized_name if a
     *     ClientHello was read
     */
    RelayTarget route(RelayRequest request) throws Exception;
}
