// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.FrameException.Kind;
import dev.sluice.frame.HeapOutput;
import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NetstringFramerTest {

    // snippet: contract
    @Test
    void keepsTheContractOfFramers() {
        FramerContract.of(NetstringFramer::new)
                .maxFrameBytes(16)
                .accepts("5:hello,0:,3:a,b,", "hello", "", "a,b")
                .accepts("12:exactly 16!!,1:x,", "exactly 16!!", "x")
                .rejects("1:a,13:one too long,", Kind.TOO_LONG, "a")
                .rejects("0:,4294967296:", Kind.TOO_LONG, "")
                .rejects("3:abc;", Kind.MALFORMED)
                .rejects("03:abc,", Kind.MALFORMED)
                .rejects(":,", Kind.MALFORMED)
                .rejects("-1:,", Kind.MALFORMED)
                .rejects("1:a,5:hel", Kind.TRUNCATED, "a")
                .unfinished(length -> Arrays.copyOf("1000000:".getBytes(StandardCharsets.US_ASCII), length))
                .check();
    }
    // end snippet

    @Test
    void theEncoderWritesWhatTheFramerReads() throws Exception {
        ByteBuffer bytes = HeapOutput.encode(ByteBuffer.wrap("a,b".getBytes()), NetstringFramer.ENCODER);
        assertEquals(
                "3:a,b,", StandardCharsets.US_ASCII.decode(bytes.duplicate()).toString());
        ByteBuffer frame = new NetstringFramer(16).next(bytes);
        assertEquals("a,b", StandardCharsets.US_ASCII.decode(frame).toString());
    }

    @Test
    void aLimitThatNoNetstringFitsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new NetstringFramer(2));
    }
}
