// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Certificates as PEM files have them, and what has to hold of a chain and its key. */
final class Certificates {
    private static final int LONGEST_CHAIN = 16;
    private static final int LEAST_RSA_BITS = 2048;

    private Certificates() {}

    /** All certificates of a file, in its order; at least one. */
    static List<X509Certificate> of(Pem pem) throws Flaw {
        CertificateFactory factory = factory();
        List<X509Certificate> certificates = new ArrayList<>();
        for (Pem.Block block : pem.blocks()) {
            if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
                certificates.add(decode(factory, block.der(), certificates.size() + 1));
            }
        }
        if (certificates.isEmpty()) {
            throw new Flaw("no certificate in it, but " + pem.contents());
        }
        return certificates;
    }

    private static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (CertificateException e) {
            throw new IllegalStateException("a JDK without X.509", e); // each one has it
        }
    }

    private static X509Certificate decode(CertificateFactory factory, byte[] der, int number) throws Flaw {
        try {
            Der.sequence(der); // the factory would take PEM inside, and leave what is behind
            return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
        } catch (Flaw | CertificateException | RuntimeException e) {
            throw Flaw.of("certificate " + number + " can't be read", e);
        }
    }

    /** Each certificate but the last was issued by the one behind it: RFC 8446, section 4.4.2. */
    static void requireOrder(List<X509Certificate> chain) throws Flaw {
        if (chain.size() > LONGEST_CHAIN) {
            throw new Flaw(chain.size() + " certificates in it, and a chain has " + LONGEST_CHAIN + " at most");
        }
        for (int i = 0; i + 1 < chain.size(); i++) {
            if (!isIssuedBy(chain.get(i), chain.get(i + 1))) {
                throw new Flaw("the chain is out of order: certificate " + (i + 1) + " (" + subject(chain.get(i))
                        + ") was not issued by certificate " + (i + 2) + " (" + subject(chain.get(i + 1))
                        + "); one's own comes first, then each one's issuer");
            }
        }
    }

    private static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    /** What the key signs is verified by the certificate. */
    static boolean belongs(PrivateKey key, X509Certificate certificate) {
        PublicKey verifier = certificate.getPublicKey();
        if (!key.getAlgorithm().equals(verifier.getAlgorithm())) {
            return false;
        }
        byte[] text = "whose key is it".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signer = signature(key);
            signer.initSign(key);
            signer.update(text);
            byte[] signed = signer.sign();
            Signature verifying = signature(key);
            verifying.initVerify(verifier);
            verifying.update(text);
            return verifying.verify(signed);
        } catch (GeneralSecurityException | RuntimeException e) {
            return false; // another curve or length
        }
    }

    private static Signature signature(PrivateKey key) throws GeneralSecurityException {
        switch (key.getAlgorithm()) {
            case "RSA":
                return Signature.getInstance("SHA256withRSA");
            case "EC":
                return Signature.getInstance("SHA256withECDSA");
            case "RSASSA-PSS":
                Signature pss = Signature.getInstance("RSASSA-PSS");
                boolean says = key instanceof RSAKey rsa && rsa.getParams() instanceof PSSParameterSpec;
                pss.setParameter(
                        says
                                ? ((RSAKey) key).getParams()
                                : new PSSParameterSpec(
                                        "SHA-256",
                                        "MGF1",
                                        MGF1ParameterSpec.SHA256,
                                        32,
                                        PSSParameterSpec.TRAILER_FIELD_BC));
                return pss;
            default: // EdDSA, Ed25519, Ed448
                return Signature.getInstance(key.getAlgorithm());
        }
    }

    /** Short keys are refused by clients; it is said here, where somebody looks. */
    static void requireLength(X509Certificate certificate) throws Flaw {
        if (certificate.getPublicKey() instanceof RSAKey rsa && rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
            throw new Flaw("an RSA key of " + rsa.getModulus().bitLength() + " bits, and peers refuse less than "
                    + LEAST_RSA_BITS);
        }
    }

    /** What is wrong with the dates at a time, or null. */
    static String wrongDate(List<X509Certificate> chain, Instant now) {
        for (int i = 0; i < chain.size(); i++) {
            X509Certificate certificate = chain.get(i);
            Instant from = certificate.getNotBefore().toInstant();
            Instant until = certificate.getNotAfter().toInstant();
            String which = "certificate " + (i + 1) + " (" + subject(certificate) + ") ";
            if (now.isBefore(from)) {
                return which + "is not valid before " + from + ", and now is " + now;
            }
            if (now.isAfter(until)) {
                return which + "has expired at " + until + ", and now is " + now;
            }
        }
        return null;
    }

    static String subject(X509Certificate certificate) {
        return Flaw.printable(certificate.getSubjectX500Principal().getName());
    }
}
