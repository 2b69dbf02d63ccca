// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;

/**
 * A certificate that a {@link TestCa} has issued, with the chain to the authority, and its key.
 *
 * @param chain the certificate, then the issuer of each; without the root
 */
public record TestCertificate(PrivateKey key, List<X509Certificate> chain) {

    /** Copies the chain. */
    public TestCertificate {
        chain = List.copyOf(chain);
    }

    /** The chain as PEM. */
    public String chainPem() {
        return pem(chain);
    }

    /** The key as PEM: PKCS#8, not encrypted. */
    public String keyPem() {
        return block("PRIVATE KEY", key.getEncoded());
    }

    /**
     * Chain and key as PKCS#12, in an entry of the name {@code own}.
     *
     * @param password ASCII, for the JDK takes no other here
     */
    public byte[] pkcs12(char[] password) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("own", key, password, chain.toArray(X509Certificate[]::new));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            store.store(out, password);
            return out.toByteArray();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e); // nothing here depends on what is given
        }
    }

    static String pem(List<X509Certificate> certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            try {
                pem.append(block("CERTIFICATE", certificate.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException(e); // they were read from this encoding
            }
        }
        return pem.toString();
    }

    private static String block(String label, byte[] der) {
        String lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
    }

    /** The subject; nothing of the key. */
    @Override
    public String toString() {
        return chain.get(0).getSubjectX500Principal().getName();
    }
}
