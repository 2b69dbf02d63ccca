// SPDX-License-Identifier: Apache-2.0
/**
 * End-to-end encryption between a client and a backend, through proxies that end TLS: the handshake
 * {@code Noise_NX_25519_AESGCM_SHA256} of the Noise Protocol Framework (revision 34), and records of one message each. All
 * cryptography is the JDK's. {@link dev.sluice.examples.e2e.E2eProtocol} is where to begin.
 */
package dev.sluice.examples.e2e;
