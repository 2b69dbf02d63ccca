// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the JDK takes to seal a message with AES-256-GCM, and to open it, each with a nonce of its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SealingBenchmark {
    private static final int TAG_BITS = 128;
    private static final int NONCE_BYTES = 12;
    private static final int KEY_BYTES = 32;

    /** Bytes of a message. */
    @Param({"64", "1024", "16384"})
    private int bytes;

    private final SecretKeySpec key = new SecretKeySpec(new byte[KEY_BYTES], "AES");
    private Cipher cipher;
    private byte[] plain;
    private byte[] sealed;
    private long number;

    /** Seals a message. */
    @Setup
    public void prepare() throws GeneralSecurityException {
        cipher = Cipher.getInstance("AES/GCM/NoPadding");
        plain = new byte[bytes];
        sealed = sealed(0);
    }

    private static GCMParameterSpec nonce(long number) {
        byte[] nonce =
                ByteBuffer.allocate(NONCE_BYTES).putInt(0).putLong(number).array();
        return new GCMParameterSpec(TAG_BITS, nonce);
    }

    private byte[] sealed(long itsNumber) throws GeneralSecurityException {
        cipher.init(Cipher.ENCRYPT_MODE, key, nonce(itsNumber));
        return cipher.doFinal(plain);
    }

    /** Seals the next message. */
    @Benchmark
    public byte[] seal() throws GeneralSecurityException {
        return sealed(++number);
    }

    /** Opens one. */
    @Benchmark
    public byte[] open() throws GeneralSecurityException {
        cipher.init(Cipher.DECRYPT_MODE, key, nonce(0));
        return cipher.doFinal(sealed);
    }
}
