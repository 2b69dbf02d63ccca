// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The first line of a file. */
final class Password {
    private static final int MOST_BYTES = 4096;

    private Password() {}

    static char[] read(Path file) throws Flaw {
        byte[] bytes = BoundedFile.read(file, MOST_BYTES);
        int end = 0;
        while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
            end++;
        }
        if (end == 0) {
            throw new Flaw("its first line, which is to be the password, is empty");
        }
        try {
            String line = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, end))
                    .toString();
            return line.toCharArray();
        } catch (CharacterCodingException e) {
            throw new Flaw("its first line, which is to be the password, is no UTF-8", e);
        }
    }
}
