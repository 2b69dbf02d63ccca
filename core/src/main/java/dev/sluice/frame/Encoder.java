// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

/**
 * Writes a message as bytes. Encoders hold no state and are shared between threads.
 *
 * @param <T> what is encoded
 */
@FunctionalInterface
public interface Encoder<T> {

    /**
     * Appends the message to the output. If this throws, nothing of the message is sent.
     *
     * @throws IllegalArgumentException if the message cannot be encoded, for instance because it is too long for its
     *     length field
     */
    void encode(T message, Output out);
}
