// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.time.Clock;

/** Which server a client believes. It has to know that from elsewhere: whatever stands between could say anything. */
public final class Trust {
    private final Check check;

    /** What there is to check. */
    private interface Check {
        void accept(byte[] serverKey, byte[] note) throws E2eException, GeneralSecurityException;
    }

    private Trust(Check check) {
        this.check = check;
    }

    /** The one that has this key: {@link ServerKey#publicKey}. */
    public static Trust pinned(byte[] serverKey) {
        if (serverKey.length != X25519.KEY_BYTES) {
            throw new IllegalArgumentException("serverKey: " + serverKey.length + " bytes, not 32");
        }
        byte[] pinned = serverKey.clone();
        return new Trust((shown, note) -> {
            if (!MessageDigest.isEqual(pinned, shown)) {
                throw new E2eException(E2eFailure.WRONG_SERVER_KEY, "the server's key is not the pinned one");
            }
        });
    }

    /**
     * The one of this name, whose key this authority has signed by {@link KeyNote#sign}. Keys may change then without clients
     * being told.
     *
     * @param authority of Ed25519
     */
    public static Trust signedBy(PublicKey authority, String server, Clock clock) {
        return new Trust((shown, note) -> {
            String flaw = KeyNote.flaw(note, authority, server, shown, clock.instant());
            if (flaw != null) {
                throw new E2eException(E2eFailure.BAD_NOTE, flaw);
            }
        });
    }

    void check(byte[] serverKey, byte[] note) throws E2eException, GeneralSecurityException {
        check.accept(serverKey, note);
    }
}
