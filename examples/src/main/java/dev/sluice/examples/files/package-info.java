// SPDX-License-Identifier: Apache-2.0
/** A static web server for a folder. */
package dev.sluice.examples.files;
