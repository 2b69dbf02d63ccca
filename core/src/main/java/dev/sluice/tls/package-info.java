// SPDX-License-Identifier: Apache-2.0
/**
 * Keys, certificates and settings of TLS. A {@link dev.sluice.tls.TlsIdentity} is a chain of certificates with its key, read by
 * {@link dev.sluice.tls.IdentityFile}; {@link dev.sluice.tls.ServerTls} says how a server speaks TLS, {@link
 * dev.sluice.tls.ClientTls} how a client does, and {@link dev.sluice.tls.TlsInfo} what two of them have agreed on.
 *
 * <p>The cryptography and the protocol are the JDK's ({@code javax.net.ssl}), and what the JDK doesn't read of keys is read here.
 * Nothing here knows a connection.
 */
package dev.sluice.tls;
