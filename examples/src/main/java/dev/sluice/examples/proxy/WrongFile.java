// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.nio.file.Path;

/** Something is wrong in a file; the message has a line for each, as {@code FILE:LINE:COLUMN: FIELD: PROBLEM}. */
public final class WrongFile extends Exception {
    private static final long serialVersionUID = 1L;

    /** Says which file. */
    public WrongFile(Path file, ConfigException errors) {
        super(errors.lines(file.toString()));
    }
}
