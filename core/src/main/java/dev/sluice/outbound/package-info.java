// SPDX-License-Identifier: Apache-2.0
/**
 * What has to be decided when a connection is to be made. Nothing here makes a system call, starts a thread or asks for the
 * time: that is passed in, and so is randomness.
 */
package dev.sluice.outbound;
