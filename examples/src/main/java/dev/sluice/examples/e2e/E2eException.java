// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

/** What the peer has sent, or somebody between, can't be believed. It carries no stack trace, and nothing of the peer's bytes. */
final class E2eException extends Exception {
    private static final long serialVersionUID = 1L;

    private final E2eFailure failure;

    E2eException(E2eFailure failure, String message) {
        super(message, null, false, false);
        this.failure = failure;
    }

    E2eFailure failure() {
        return failure;
    }
}
