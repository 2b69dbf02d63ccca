// SPDX-License-Identifier: Apache-2.0
/** HTTP spoken with programs that others have written: clients, and servers that stand in front. */
package dev.sluice.examples.programs;
