// SPDX-License-Identifier: Apache-2.0
/**
 * One thread around one selector: its phases, mailbox, timers and buffers, and the one class that makes system calls.
 * Not exported; knows nothing of the rest of Sluice.
 */
package dev.sluice.loop;
