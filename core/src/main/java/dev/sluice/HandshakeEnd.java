// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/** What has become of a handshake of TLS, on a connection that was accepted: {@link HandshakeCounters#ended}. */
public enum HandshakeEnd {
    /** The two have agreed on keys. */
    SECURED,
    /** The peer has sent what can't be taken, has ended its stream in the middle, or isn't believed: {@link CloseReason.TlsFailed}. */
    FAILED,
    /** {@link Deadlines#handshake} has passed, before the peer's first message or in the middle. */
    TIMED_OUT,
    /**
     * {@link Deadlines#handshake} has passed while it waited for its turn, for {@link Limits#handshakes} were under way, {@link
     * Limits#handshakesPerSecond} had begun, or its Reader had no time.
     */
    NEVER_BEGUN,
    /** The connection has ended otherwise: its peer has reset it, for instance, or the server has stopped. */
    CUT
}
