// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

/**
 * One thing that is wrong in a configuration.
 *
 * @param line where, from 1
 * @param column where, from 1
 * @param field the key with those of the tables around it, as {@code upstream.web.backends[1].weight}; empty if the file
 *     itself is no TOML
 * @param problem what is wrong, and what is allowed
 */
public record ConfigError(int line, int column, String field, String problem) {

    /** One line, as compilers write them behind the file's name. */
    @Override
    public String toString() {
        return line + ":" + column + ": " + (field.isEmpty() ? "" : field + ": ") + problem;
    }
}
