// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.prelude.IpNetwork;
import java.util.List;

/**
 * What backends are told about clients.
 *
 * @param xForwarded whether {@code X-Forwarded-For}, {@code -Proto} and {@code -Host} are sent
 * @param forwarded whether {@code Forwarded} is sent
 * @param via what {@code Via} says of this proxy; empty so that it isn't sent
 * @param trusted networks of proxies that are believed what they say of their clients
 */
record ForwardingConfig(boolean xForwarded, boolean forwarded, String via, List<IpNetwork> trusted) {
    static final ForwardingConfig DEFAULTS = new ForwardingConfig(true, false, "sluice", List.of());

    ForwardingConfig {
        trusted = List.copyOf(trusted);
    }
}
