// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.frame.FrameView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** All that somebody between has seen, one character for each byte. Any thread. */
public final class Seen implements Tap.Watcher {
    private static final int WINDOW = 6; // shorter ones may turn up in what is random

    private final StringBuilder ofClient = new StringBuilder();
    private final StringBuilder ofBackend = new StringBuilder();

    @Override
    public synchronized ByteBuffer passing(long connection, Tap.From from, ByteBuffer bytes) {
        (from == Tap.From.CLIENT ? ofClient : ofBackend)
                .append(new String(FrameView.copy(bytes).array(), StandardCharsets.ISO_8859_1));
        return bytes;
    }

    /** What the client has sent. */
    public synchronized String ofClient() {
        return ofClient.toString();
    }

    /** What the backend has sent. */
    public synchronized String ofBackend() {
        return ofBackend.toString();
    }

    /** The first six bytes in a row of a secret that were seen in either direction; null if none were. */
    public synchronized String anyOf(String secret) {
        for (int at = 0; at + WINDOW <= secret.length(); at++) {
            String window = secret.substring(at, at + WINDOW);
            if (ofClient.indexOf(window) >= 0 || ofBackend.indexOf(window) >= 0) {
                return window;
            }
        }
        return null;
    }

    /** The same of bytes. */
    public String anyOf(byte[] secret) {
        return anyOf(new String(secret, StandardCharsets.ISO_8859_1));
    }

    @Override
    public synchronized String toString() {
        return "client: " + Arrays.toString(ofClient.toString().split("\n")) + ", backend: "
                + Arrays.toString(ofBackend.toString().split("\n"));
    }
}
