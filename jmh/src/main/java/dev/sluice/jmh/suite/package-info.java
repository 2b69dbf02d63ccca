// SPDX-License-Identifier: Apache-2.0
/** Sluice beside its peers, each in a process of its own: {@link dev.sluice.jmh.suite.Suite}. */
package dev.sluice.jmh.suite;
