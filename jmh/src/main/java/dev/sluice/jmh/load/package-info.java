// SPDX-License-Identifier: Apache-2.0
/** The clients of {@link dev.sluice.jmh.suite.Suite}, a process of their own. */
package dev.sluice.jmh.load;
