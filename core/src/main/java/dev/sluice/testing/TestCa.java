// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import static dev.sluice.testing.DerOutput.explicit;
import static dev.sluice.testing.DerOutput.integer;
import static dev.sluice.testing.DerOutput.octets;
import static dev.sluice.testing.DerOutput.oid;
import static dev.sluice.testing.DerOutput.sequence;
import static dev.sluice.testing.DerOutput.value;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A throw-away certificate authority, so that tests and examples of TLS need no other tool. Not for anything that is to be
 * trusted: its keys are in the memory of the process, it keeps no books, and revokes nothing.
 *
 * <pre>{@code
 * TestCa ca = TestCa.create("Test CA");
 * TestCertificate server = ca.server("localhost", "*.example.org", "127.0.0.1");
 * TestCertificate alice = ca.client("alice");
 * }</pre>
 *
 * <p>Keys are EC of the curve P-256 unless another kind is asked for. A certificate is valid from an hour ago for 90 days, an
 * authority for a year. Methods may be called from any thread.
 */
public final class TestCa {
    /** Kinds of keys. */
    public enum Key {
        /** ECDSA with the curve P-256. */
        EC("EC", "SHA256withECDSA", "1.2.840.10045.4.3.2"),
        /** ECDSA with the curve P-384. */
        EC_384("EC", "SHA256withECDSA", "1.2.840.10045.4.3.2"),
        /** RSA of 2,048 bits. */
        RSA("RSA", "SHA256withRSA", "1.2.840.113549.1.1.11"),
        /** RSA of 1,024 bits, which nobody should take. */
        RSA_SHORT("RSA", "SHA256withRSA", "1.2.840.113549.1.1.11"),
        /** Ed25519. */
        ED25519("Ed25519", "Ed25519", "1.3.101.112");

        private final String keys;
        private final String signatures;
        private final String oid;

        Key(String keys, String signatures, String oid) {
            this.keys = keys;
            this.signatures = signatures;
            this.oid = oid;
        }

        private KeyPair generate() throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(keys);
            AlgorithmParameterSpec size =
                    switch (this) {
                        case EC -> new ECGenParameterSpec("secp256r1");
                        case EC_384 -> new ECGenParameterSpec("secp384r1");
                        case RSA -> new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4);
                        case RSA_SHORT -> new RSAKeyGenParameterSpec(1024, RSAKeyGenParameterSpec.F4);
                        case ED25519 -> null;
                    };
            if (size != null) {
                generator.initialize(size);
            }
            return generator.generateKeyPair();
        }

        /** RSA's identifiers have parameters, which are NULL: RFC 4055, section 5. */
        private byte[] algorithm() {
            return keys.equals("RSA") ? sequence(oid(oid), value(0x05)) : sequence(oid(oid));
        }
    }

    private static final Duration AGE = Duration.ofHours(1);
    private static final Duration LEAF = Duration.ofDays(90);
    private static final Duration AUTHORITY = Duration.ofDays(365);
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final byte[] SIGNS = DerOutput.bits(7, (byte) 0x80); // digitalSignature
    private static final byte[] SIGNS_CERTIFICATES = DerOutput.bits(1, (byte) 0x06); // keyCertSign, cRLSign

    private final Key kind;
    private final PrivateKey key;
    private final List<X509Certificate> chain; // its own first; with the root

    private TestCa(Key kind, PrivateKey key, List<X509Certificate> chain) {
        this.kind = kind;
        this.key = key;
        this.chain = chain;
    }

    /** A root of its own. */
    public static TestCa create(String name) {
        return create(name, Key.EC);
    }

    /** A root of its own with a key of that kind. */
    public static TestCa create(String name, Key kind) {
        try {
            KeyPair pair = kind.generate();
            Instant from = Instant.now().minus(AGE);
            X509Certificate root = sign(
                    kind,
                    pair.getPrivate(),
                    pair.getPublic(),
                    name(name),
                    new Subject(name(name), pair.getPublic(), from, from.plus(AUTHORITY), authority()));
            return new TestCa(kind, pair.getPrivate(), List.of(root));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An authority below this one. */
    public TestCa intermediate(String name) {
        try {
            KeyPair pair = Key.EC.generate();
            Instant from = Instant.now().minus(AGE);
            List<X509Certificate> above = new ArrayList<>();
            above.add(sign(new Subject(name(name), pair.getPublic(), from, from.plus(AUTHORITY), authority())));
            above.addAll(chain);
            return new TestCa(Key.EC, pair.getPrivate(), List.copyOf(above));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A certificate for servers.
     *
     * @param names names of hosts, such with a star as their first label, addresses of IPv4, and {@code ::1}; the first is the
     *     common name as well
     */
    public TestCertificate server(String... names) {
        return certificate(names[0]).names(names).issue();
    }

    /** A certificate for a client of that name. */
    public TestCertificate client(String name) {
        return certificate(name).forClients().issue();
    }

    /** Begins a certificate with that common name. */
    public Request certificate(String commonName) {
        return new Request(this, commonName);
    }

    /** Its own certificate. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** The root that whoever trusts it has to have, as PEM. */
    public String rootPem() {
        return TestCertificate.pem(List.of(chain.get(chain.size() - 1)));
    }

    /** What is to be in a certificate. One thread at a time. */
    public static final class Request {
        private final TestCa ca;
        private final String commonName;
        private final List<String> names = new ArrayList<>();
        private Key kind = Key.EC;
        private Instant from = Instant.now().minus(AGE);
        private Instant until = from.plus(LEAF);
        private boolean forClients;

        private Request(TestCa ca, String commonName) {
            this.ca = ca;
            this.commonName = commonName;
        }

        /** Names of hosts, addresses of IPv4, and {@code ::1}. */
        public Request names(String... some) {
            names.addAll(List.of(some));
            return this;
        }

        /** The kind of its key. */
        public Request key(Key newKind) {
            kind = newKind;
            return this;
        }

        /** When it is valid, in whole seconds. */
        public Request valid(Instant newFrom, Instant newUntil) {
            from = newFrom;
            until = newUntil;
            return this;
        }

        /** For clients, not for servers. */
        public Request forClients() {
            forClients = true;
            return this;
        }

        /** Makes the key and signs the certificate. */
        public TestCertificate issue() {
            try {
                KeyPair pair = kind.generate();
                List<byte[]> extensions = new ArrayList<>();
                extensions.add(extension("2.5.29.15", true, SIGNS));
                String purpose = forClients ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1";
                extensions.add(extension("2.5.29.37", false, sequence(oid(purpose))));
                if (!names.isEmpty()) {
                    extensions.add(extension("2.5.29.17", false, alternativeNames(names)));
                }
                List<X509Certificate> certificates = new ArrayList<>();
                certificates.add(ca.sign(new Subject(name(commonName), pair.getPublic(), from, until, extensions)));
                certificates.addAll(ca.chain.subList(0, ca.chain.size() - 1));
                return new TestCertificate(pair.getPrivate(), certificates);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    // ---- the certificate: RFC 5280, section 4.1

    private record Subject(byte[] name, PublicKey key, Instant from, Instant until, List<byte[]> extensions) {}

    private X509Certificate sign(Subject subject) throws GeneralSecurityException {
        byte[] issuer = certificate().getSubjectX500Principal().getEncoded();
        return sign(kind, key, certificate().getPublicKey(), issuer, subject);
    }

    private static X509Certificate sign(Key kind, PrivateKey key, PublicKey ofIssuer, byte[] issuer, Subject subject)
            throws GeneralSecurityException {
        List<byte[]> extensions = new ArrayList<>(subject.extensions);
        extensions.add(extension("2.5.29.14", false, octets(digest(subject.key))));
        extensions.add(extension("2.5.29.35", false, sequence(value(0x80, digest(ofIssuer)))));
        byte[] body = sequence(
                explicit(0, integer(BigInteger.TWO)), // version 3
                integer(new BigInteger(119, RANDOM).add(BigInteger.ONE)),
                kind.algorithm(),
                issuer,
                sequence(DerOutput.time(subject.from), DerOutput.time(subject.until)),
                subject.name,
                subject.key.getEncoded(),
                explicit(3, sequence(extensions.toArray(byte[][]::new))));
        Signature signature = Signature.getInstance(kind.signatures);
        signature.initSign(key);
        signature.update(body);
        byte[] whole = sequence(body, kind.algorithm(), DerOutput.bits(0, signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
    }

    private static byte[] name(String commonName) {
        return sequence(DerOutput.set(sequence(oid("2.5.4.3"), DerOutput.text(commonName))));
    }

    private static byte[] digest(PublicKey key) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-1").digest(key.getEncoded()); // a name, which nothing depends on
    }

    private static List<byte[]> authority() {
        return List.of(
                extension("2.5.29.19", true, sequence(DerOutput.yes())),
                extension("2.5.29.15", true, SIGNS_CERTIFICATES));
    }

    private static byte[] extension(String id, boolean isCritical, byte[] inside) {
        return isCritical ? sequence(oid(id), DerOutput.yes(), octets(inside)) : sequence(oid(id), octets(inside));
    }

    private static byte[] alternativeNames(List<String> names) {
        List<byte[]> all = new ArrayList<>();
        for (String name : names) {
            byte[] address = address(name);
            all.add(
                    address == null
                            ? value(0x82, name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII))
                            : value(0x87, address));
        }
        return sequence(all.toArray(byte[][]::new));
    }

    /** The octets of an address of IPv4, or of IPv6's loopback, null of a name. */
    private static byte[] address(String text) {
        if (text.equals("::1")) {
            byte[] loopback = new byte[16];
            loopback[15] = 1;
            return loopback;
        }
        if (!text.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            return null;
        }
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        for (String octet : text.split("\\.")) {
            octets.write(Integer.parseInt(octet));
        }
        return octets.toByteArray();
    }
}
