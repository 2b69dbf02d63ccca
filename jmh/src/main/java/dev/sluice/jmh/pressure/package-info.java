// SPDX-License-Identifier: Apache-2.0
/** Servers that are pushed: each program makes peers misbehave, and prints what that did to the server and to others. */
package dev.sluice.jmh.pressure;
