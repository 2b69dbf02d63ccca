// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.io.IOException;

/** A certificate, a key or a bundle can't be used: one line that says which file, and why. */
public final class TlsFileException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String file;

    TlsFileException(String file, String why, Throwable cause) {
        super(file + ": " + why, cause);
        this.file = file;
    }

    /** The file; of what was read from none, how it is named. */
    public String file() {
        return file;
    }
}
