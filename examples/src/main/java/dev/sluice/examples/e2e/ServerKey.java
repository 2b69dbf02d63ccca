// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** A server's own key, which stays the same from connection to connection, and what an authority says about it, if any does. */
public final class ServerKey {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    final PrivateKey privateKey;
    final byte[] note;
    private final byte[] publicKey;

    private ServerKey(PrivateKey privateKey, byte[] publicKey, byte[] note) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
        this.note = note;
    }

    /** Makes a new one. */
    public static ServerKey generate() {
        try {
            return of(X25519.generate().getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no X25519", e);
        }
    }

    private static ServerKey of(PrivateKey key) throws GeneralSecurityException {
        return new ServerKey(key, X25519.publicOf(key), new byte[0]);
    }

    /**
     * Reads one.
     *
     * @param pem PKCS#8, as {@link #pem} gives it, or {@code openssl genpkey -algorithm X25519}
     * @throws IllegalArgumentException if it is none; it says nothing of what is there instead
     */
    public static ServerKey parse(String pem) {
        int from = pem.indexOf(BEGIN);
        int to = pem.indexOf(END);
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("no PRIVATE KEY in PEM");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(pem.substring(from + BEGIN.length(), to));
            return of(KeyFactory.getInstance("X25519").generatePrivate(new PKCS8EncodedKeySpec(encoded)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("no private key of X25519");
        }
    }

    /** The private key in PEM, to be kept where only the server reads it. */
    public String pem() {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(privateKey.getEncoded());
        return BEGIN + "\n" + lines + "\n" + END + "\n";
    }

    /** The 32 bytes that clients pin. */
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /** The same key with what {@link KeyNote#sign} has made for it. */
    public ServerKey withNote(byte[] newNote) {
        return new ServerKey(privateKey, publicKey, newNote.clone());
    }

    /** The public key; never the private one. */
    @Override
    public String toString() {
        return "ServerKey " + Base64.getEncoder().encodeToString(publicKey);
    }
}
