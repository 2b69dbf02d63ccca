// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.concurrent.TimeUnit;
import javax.crypto.KeyAgreement;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the JDK takes to make a pair of keys for X25519, and to agree on a secret. A handshake of the example {@code e2e} has one pair
 * and two agreements on each side.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AgreementBenchmark {
    private static final String X25519 = "X25519";

    private KeyPairGenerator pairs;
    private KeyPair own;
    private KeyPair others;

    /** Makes two pairs. */
    @Setup
    public void prepare() throws GeneralSecurityException {
        pairs = KeyPairGenerator.getInstance(X25519);
        own = pairs.generateKeyPair();
        others = pairs.generateKeyPair();
    }

    /** A new pair. */
    @Benchmark
    public KeyPair newPair() {
        return pairs.generateKeyPair();
    }

    /** A secret of one's own private key and the other's public one. */
    @Benchmark
    public byte[] agree() throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance(X25519);
        agreement.init(own.getPrivate());
        agreement.doPhase(others.getPublic(), true);
        return agreement.generateSecret();
    }
}
