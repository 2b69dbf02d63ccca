// SPDX-License-Identifier: Apache-2.0
/** A proxy of layer 7, for HTTP: its configuration, its routes, and how requests find them. */
package dev.sluice.examples.l7;
