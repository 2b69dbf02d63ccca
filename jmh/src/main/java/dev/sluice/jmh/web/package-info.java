// SPDX-License-Identifier: Apache-2.0
/** What the example servers of HTTP cost beside nginx, and behind it. */
package dev.sluice.jmh.web;
