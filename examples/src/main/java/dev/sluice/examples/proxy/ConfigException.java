// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration is wrong: all that is wrong with it, in the order of the file. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigError> errors;

    public ConfigException(List<ConfigError> errors) {
        super(errors.size() == 1 ? "1 error" : errors.size() + " errors");
        this.errors = List.copyOf(errors);
    }

    /** At least one. */
    public List<ConfigError> errors() {
        return errors;
    }

    /** A line for each, beginning with the file's name. */
    public String lines(String file) {
        return errors.stream().map(error -> file + ":" + error).collect(Collectors.joining("\n"));
    }
}
