// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/**
 * Answers requests: the one method that a server's author has to write.
 *
 * <pre>{@code
 * Handler<ByteBuffer> echo = (line, reply) -> reply.send(line, LineEncoder.LF);
 * }</pre>
 *
 * <p><b>Thread.</b> The connection's Reader, or with {@code Topology.workers} a thread of the executor. A handler on a
 * Reader must not block: every connection of that Reader waits for it.
 *
 * <p><b>Lifetime.</b> {@code request} and {@code reply} are valid during the call. A request that is needed longer is
 * copied ({@code Framer.detach}), a reply that is given later is {@linkplain Reply#defer() deferred}. With workers the
 * request is a copy already.
 *
 * <p><b>What can go wrong.</b> A handler that throws ends its connection with {@link CloseReason.HandlerFailed}, after
 * the replies that were complete. One that returns without sending or deferring has answered with nothing, which is
 * right for requests that want no answer. Sending twice throws {@code IllegalStateException}; the first reply stands. So
 * does a reply that is used after the call, or on another thread, without having been deferred, as far as it can be
 * told: on the Reader's thread the same object soon stands for another request. What a task throws that the handler gave
 * to an executor is the executor's affair, and many keep it to themselves.
 *
 * @param <R> the requests, as the framer yields them
 */
@FunctionalInterface
public interface Handler<R> {

    /** Handles one request. */
    void handle(R request, Reply reply) throws Exception;
}
