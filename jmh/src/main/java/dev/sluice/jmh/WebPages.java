// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What servers of HTTP answer that are measured beside each other. */
public final class WebPages {
    /** Is answered with 13 bytes. */
    public static final String SMALL = "/plaintext";

    /** Is answered with {@link #LARGE_BYTES}. */
    public static final String LARGE = "/large";

    /** Is answered with 13 bytes, and the connection ends. Sluice alone has it. */
    public static final String LAST = "/last";

    /** Bytes of the body of {@link #LARGE}. */
    public static final int LARGE_BYTES = 100 << 10;

    private WebPages() {}

    /** The body of {@link #SMALL}. */
    public static byte[] small() {
        return "Hello, World!".getBytes(StandardCharsets.US_ASCII);
    }

    /** The body of {@link #LARGE}. */
    public static byte[] large() {
        byte[] bytes = new byte[LARGE_BYTES];
        Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }
}
