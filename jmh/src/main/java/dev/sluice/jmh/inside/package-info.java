// SPDX-License-Identifier: Apache-2.0
/** What TLS between a balancer and its backends costs. */
package dev.sluice.jmh.inside;
