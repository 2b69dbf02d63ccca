// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Where a {@link TlsIdentity} is read from: PEM, in one file or two, or PKCS#12. A value of this class never changes; the
 * {@code with} methods return others. Nothing is read before {@link #read} is called, and each call reads anew.
 *
 * <table>
 * <caption>What is read</caption>
 * <tr><th>what</th><th>forms</th></tr>
 * <tr><td>certificates</td><td>PEM {@code CERTIFICATE}, one's own first and then the issuer of each</td></tr>
 * <tr><td>keys</td><td>PEM {@code PRIVATE KEY} (PKCS#8), {@code ENCRYPTED PRIVATE KEY} (by PBES2: PBKDF2 with a SHA, AES or
 *     Triple DES in CBC, up to 10,000,000 rounds), {@code RSA PRIVATE KEY} (PKCS#1), {@code EC PRIVATE KEY} (SEC 1, of a named
 *     curve); RSA, RSASSA-PSS, EC, Ed25519 and Ed448</td></tr>
 * <tr><td>PKCS#12</td><td>what the JDK reads, with one private key in it, or the one that is named; the password is ASCII</td></tr>
 * </table>
 *
 * <p>A file has at most 1 MiB. Text around PEM's blocks is skipped. If anything is wrong, reading fails with one line that says
 * which file it is, and why; no password is ever in it.
 *
 * <pre>{@code
 * ServerTls tls = ServerTls.of(IdentityFile.pem(Path.of("server.pem"), Path.of("server.key")));
 * }</pre>
 */
public final class IdentityFile {
    private static final int MOST_BYTES = 1 << 20;

    private final Path certificates;
    private final Path keyFile;
    private final boolean isPkcs12;
    private final char[] password; // null if there is none
    private final Path passwordFile; // null if there is none
    private final String alias; // null for the only one

    private IdentityFile(
            Path certificates, Path keyFile, boolean isPkcs12, char[] password, Path passwordFile, String alias) {
        this.certificates = certificates;
        this.keyFile = keyFile;
        this.isPkcs12 = isPkcs12;
        this.password = password;
        this.passwordFile = passwordFile;
        this.alias = alias;
    }

    /** A PEM file that has the chain and the key. */
    public static IdentityFile pem(Path file) {
        return pem(file, file);
    }

    /** A PEM file with the chain, and one with the key. */
    public static IdentityFile pem(Path certificates, Path key) {
        if (certificates == null || key == null) {
            throw new IllegalArgumentException((certificates == null ? "certificates" : "key") + ": missing");
        }
        return new IdentityFile(certificates, key, false, null, null, null);
    }

    /** A PKCS#12 file. */
    public static IdentityFile pkcs12(Path file) {
        if (file == null) {
            throw new IllegalArgumentException("file: missing");
        }
        return new IdentityFile(file, file, true, null, null, null);
    }

    /** The same with the password of its key, or of the PKCS#12 file; it is copied. */
    public IdentityFile withPassword(char[] newPassword) {
        return new IdentityFile(certificates, keyFile, isPkcs12, newPassword.clone(), null, alias);
    }

    /** The same with a file whose first line is the password, in UTF-8; it is read each time as well. */
    public IdentityFile withPasswordFile(Path file) {
        if (file == null) {
            throw new IllegalArgumentException("passwordFile: missing");
        }
        return new IdentityFile(certificates, keyFile, isPkcs12, null, file, alias);
    }

    /** The same with the name of an entry of the PKCS#12 file, if several have a key. */
    public IdentityFile withAlias(String newAlias) {
        if (!isPkcs12) {
            throw new IllegalArgumentException("alias: entries of PEM files have no names");
        }
        return new IdentityFile(certificates, keyFile, true, password, passwordFile, newAlias);
    }

    /**
     * Reads the identity.
     *
     * @throws TlsFileException if that can't be; it says which file, and why
     */
    public TlsIdentity read() throws TlsFileException {
        Path at = passwordFile == null ? certificates : passwordFile;
        try {
            char[] given = passwordFile == null ? password : Password.read(passwordFile);
            at = certificates;
            byte[] bytes = BoundedFile.read(certificates, MOST_BYTES);
            if (isPkcs12) {
                return pkcs12(certificates.toString(), bytes, given, alias);
            }
            Pem pem = Pem.read(bytes);
            List<X509Certificate> chain = Certificates.of(pem);
            at = keyFile;
            boolean isOneFile = keyFile.equals(certificates);
            Pem keyPem = isOneFile ? pem : Pem.read(BoundedFile.read(keyFile, MOST_BYTES));
            PrivateKey key = PrivateKeys.of(keyPem, given);
            TlsIdentity.requireBelongs(
                    key, chain, isOneFile ? "the certificate" : "the certificate in " + certificates);
            at = certificates;
            return TlsIdentity.checked(certificates.toString(), key, chain);
        } catch (Flaw e) {
            throw new TlsFileException(at.toString(), e.getMessage(), e);
        }
    }

    static TlsIdentity pkcs12(String name, byte[] bytes, char[] password, String alias) throws Flaw {
        if (password == null) {
            throw new Flaw("PKCS#12 needs a password, and none was given");
        }
        if (new String(password).chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new Flaw("a password of other characters than ASCII's, with which the JDK reads no PKCS#12");
        }
        KeyStore store = store(bytes, password);
        try {
            String entry = alias == null ? onlyKey(store) : alias;
            if (!store.isKeyEntry(entry)) {
                throw new Flaw("no key named " + Flaw.printable(entry) + " in it");
            }
            if (!(store.getKey(entry, password) instanceof PrivateKey key)) {
                throw new Flaw("the key is none of a certificate");
            }
            List<X509Certificate> chain = chain(store.getCertificateChain(entry));
            TlsIdentity.requireBelongs(key, chain, "the certificate");
            return TlsIdentity.checked(name, key, chain);
        } catch (UnrecoverableKeyException e) {
            throw new Flaw("wrong password: not the one of the key", e);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw Flaw.of("PKCS#12 that can't be read", e);
        }
    }

    private static KeyStore store(byte[] bytes, char[] password) throws Flaw {
        try {
            if (bytes.length == 0 || bytes[0] != Der.SEQUENCE) {
                throw new Flaw(bytes.length == 0 ? "empty" : "not PKCS#12");
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(bytes), password);
            return store;
        } catch (IOException e) {
            if (e.getCause() instanceof UnrecoverableKeyException) {
                throw new Flaw("wrong password, or the PKCS#12 is damaged", e);
            }
            throw Flaw.of("not PKCS#12, or damaged", e);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw Flaw.of("not PKCS#12, or damaged", e);
        }
    }

    private static String onlyKey(KeyStore store) throws GeneralSecurityException, Flaw {
        List<String> keys = new ArrayList<>();
        for (String name : Collections.list(store.aliases())) {
            if (store.isKeyEntry(name)) {
                keys.add(name);
            }
        }
        if (keys.size() != 1) {
            Collections.sort(keys);
            throw new Flaw(
                    keys.isEmpty()
                            ? "no private key in it"
                            : keys.size() + " private keys in it, and none is named: "
                                    + Flaw.printable(String.join(", ", keys)));
        }
        return keys.get(0);
    }

    private static List<X509Certificate> chain(Certificate[] certificates) throws Flaw {
        List<X509Certificate> chain = new ArrayList<>();
        if (certificates != null) {
            for (Certificate certificate : certificates) {
                chain.add((X509Certificate) certificate);
            }
        }
        if (chain.isEmpty()) {
            throw new Flaw("no certificate in it");
        }
        return chain;
    }

    /** The files; never the password. */
    @Override
    public String toString() {
        return keyFile.equals(certificates) ? certificates.toString() : certificates + " and " + keyFile;
    }
}
