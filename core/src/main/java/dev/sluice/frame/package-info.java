// SPDX-License-Identifier: Apache-2.0
/**
 * Framers cut the byte stream into frames, encoders write messages as bytes. Nothing here knows a channel, a thread or
 * a clock; {@link dev.sluice.frame.Framer} holds the contract.
 */
package dev.sluice.frame;
