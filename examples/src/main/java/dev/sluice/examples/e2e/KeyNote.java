// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.time.Instant;

/**
 * What an authority says about a server's key, signed with Ed25519: it is the key of the server with this name, until then. It is
 * no secret. In bytes: the name's length (1), the name, the seconds since 1970 (8), the signature (64).
 */
public final class KeyNote {
    private static final byte[] PURPOSE = "sluice e2e key note 1\0".getBytes(StandardCharsets.US_ASCII);
    private static final int SIGNATURE_BYTES = 64;
    private static final int MOST_NAME_BYTES = 255;

    private KeyNote() {}

    /**
     * Signs such a statement.
     *
     * @param server the server's name, 1 to 255 bytes of UTF-8
     * @param serverKey {@link ServerKey#publicKey}
     */
    public static byte[] sign(PrivateKey authority, String server, byte[] serverKey, Instant until) {
        byte[] name = server.getBytes(StandardCharsets.UTF_8);
        if (name.length < 1 || name.length > MOST_NAME_BYTES) {
            throw new IllegalArgumentException("server: " + name.length + " bytes are not within 1 to 255");
        }
        try {
            Signature signing = Signature.getInstance("Ed25519");
            signing.initSign(authority);
            signing.update(signed(name, serverKey, until.getEpochSecond()));
            return ByteBuffer.allocate(1 + name.length + Long.BYTES + SIGNATURE_BYTES)
                    .put((byte) name.length)
                    .put(name)
                    .putLong(until.getEpochSecond())
                    .put(signing.sign())
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("authority: no key of Ed25519", e);
        }
    }

    /**
     * Says what is wrong with a note; null if nothing is.
     *
     * @param note what a server has sent, any bytes
     */
    static String flaw(byte[] note, PublicKey authority, String server, byte[] serverKey, Instant now)
            throws GeneralSecurityException {
        byte[] name;
        long until;
        byte[] signature = new byte[SIGNATURE_BYTES];
        try {
            ByteBuffer in = ByteBuffer.wrap(note);
            name = new byte[in.get() & 0xff];
            until = in.get(name).getLong();
            in.get(signature);
            if (in.hasRemaining()) {
                return "the note about the server's key is too long";
            }
        } catch (BufferUnderflowException e) {
            return note.length == 0 ? "there is no note about the server's key" : "the note ends too soon";
        }
        Signature verifying = Signature.getInstance("Ed25519");
        verifying.initVerify(authority);
        verifying.update(signed(name, serverKey, until));
        if (!verifies(verifying, signature)) {
            return "the note about the server's key was not signed by the pinned authority, or is about another key";
        }
        if (!server.equals(new String(name, StandardCharsets.UTF_8))) {
            return "the note is about another server";
        }
        return now.getEpochSecond() >= until ? "the note about the server's key has expired" : null;
    }

    private static boolean verifies(Signature verifying, byte[] signature) {
        try {
            return verifying.verify(signature);
        } catch (SignatureException e) { // the JDK says so of bytes that can't be a signature
            return false;
        }
    }

    private static byte[] signed(byte[] name, byte[] serverKey, long until) {
        return ByteBuffer.allocate(PURPOSE.length + 1 + name.length + Long.BYTES + serverKey.length)
                .put(PURPOSE)
                .put((byte) name.length)
                .put(name)
                .putLong(until)
                .put(serverKey)
                .array();
    }
}
