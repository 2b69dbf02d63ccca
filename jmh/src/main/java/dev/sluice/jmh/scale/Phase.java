// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

/** What is measured one after the other. Public, as {@link Trial}. */
public enum Phase {
    /** Connections are opened, until the server has accepted so many. */
    ACCEPT,
    /** So many times a loop is woken for one thing. */
    WAKE_UP,
    /** Everything gets a deadline. */
    ARM,
    /** Each deadline fires. */
    FIRE
}
