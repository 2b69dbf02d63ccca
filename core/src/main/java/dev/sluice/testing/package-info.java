// SPDX-License-Identifier: Apache-2.0
/**
 * Tries framers and encoders, from any test framework: {@link dev.sluice.testing.FramerContract} holds a framer to its
 * contract, {@link dev.sluice.testing.CollectedOutput} takes what an encoder writes. {@link dev.sluice.testing.TestCa} makes
 * certificates to throw away.
 */
package dev.sluice.testing;
