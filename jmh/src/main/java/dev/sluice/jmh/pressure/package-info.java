// SPDX-License-Identifier: Apache-2.0
/** What a server does when it is pushed: figures that are measured from outside, of a process of its own. */
package dev.sluice.jmh.pressure;
