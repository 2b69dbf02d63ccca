// SPDX-License-Identifier: Apache-2.0
/** What the proxies of layer 4 and layer 7 have in common: files that are read and written, upstreams, pages, reloads. */
package dev.sluice.examples.proxy;
