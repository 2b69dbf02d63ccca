// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

/**
 * What a proxy's pages call things.
 *
 * @param proxy its name, which its metrics begin with, as {@code l4}
 * @param active what backends have, in the plural and small letters, as {@code relays}
 */
public record Words(String proxy, String active) {

    String title() {
        return Character.toUpperCase(active.charAt(0)) + active.substring(1);
    }
}
