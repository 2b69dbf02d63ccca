// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.HeapOutput;
import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ReplyHeadTest {
    private static final Output FULL = new Output() {
        @Override
        public ByteBuffer room(int bytes) {
            throw new OutOfMemoryError("no room");
        }

        @Override
        public void put(ByteBuffer bytes) {
            throw new OutOfMemoryError("no room");
        }
    };

    private static ReplyHead head(String field) {
        ReplyHead head = new ReplyHead(new HttpDate(() -> 0));
        head.fields.add("A", field);
        head.contentType("text/plain");
        head.length(1);
        head.connection(false, false);
        return head;
    }

    private static String text(ReplyHead head) {
        HeapOutput out = new HeapOutput();
        head.encode(out, "x");
        return StandardCharsets.ISO_8859_1.decode(out.toBuffer()).toString();
    }

    @Test
    void whatCouldNotBeWrittenIsNoPartOfTheNext() {
        for (String field : new String[] {"short", "long".repeat(2_000)}) {
            ReplyHead head = head(field);
            assertThrows(OutOfMemoryError.class, () -> head.encode(FULL, "x"));
            assertEquals(text(head(field)), text(head));
        }
    }
}
