// SPDX-License-Identifier: Apache-2.0
/** A proxy of layer 4: its configuration, its routes, and what it shows of itself. */
package dev.sluice.examples.l4;
