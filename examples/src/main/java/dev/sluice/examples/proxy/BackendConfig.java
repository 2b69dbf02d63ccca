// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.ArrayList;
import java.util.List;

/**
 * One server behind the proxy.
 *
 * @param name in logs and metrics; its address unless given
 * @param address of the server
 * @param weight its share beside the others, 0 to 256; 0 gets no new connections
 */
public record BackendConfig(String name, HostPort address, int weight) {
    /**
     * Backends of the same weight, by words of the command line.
     *
     * @param addresses {@code HOST:PORT}
     * @throws IllegalArgumentException if one is none, or there twice; the message says which
     */
    public static List<BackendConfig> all(List<String> addresses) {
        List<BackendConfig> all = new ArrayList<>();
        for (String text : addresses) {
            HostPort address = Readings.option("--backend", Readings::peerAddress, text);
            if (all.stream().anyMatch(other -> other.address.equals(address))) {
                throw new IllegalArgumentException("--backend: " + address + " is given twice");
            }
            all.add(new BackendConfig(address.toString(), address, 1));
        }
        return all;
    }
}
