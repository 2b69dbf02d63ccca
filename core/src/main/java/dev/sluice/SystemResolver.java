// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.outbound.Resolver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The machine's resolver. It blocks, for many seconds if need be, so a few threads ask it, which exist only while they do. */
final class SystemResolver implements Resolver {
    private static final int THREADS = 8;
    private static final int MOST_WAITING = 1024;
    private static final int SECONDS_WITHOUT_WORK = 10;

    private final AtomicInteger threads = new AtomicInteger();
    private final ThreadPoolExecutor pool;

    SystemResolver() {
        pool = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                SECONDS_WITHOUT_WORK,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MOST_WAITING),
                this::thread);
        pool.allowCoreThreadTimeOut(true);
    }

    private Thread thread(Runnable task) {
        Thread thread = new Thread(task, "sluice-names-" + threads.getAndIncrement());
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public CompletionStage<List<InetAddress>> resolve(String host) {
        CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
        try {
            pool.execute(() -> ask(host, answer));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new IOException(MOST_WAITING + " names wait to be looked up", e));
        }
        return answer;
    }

    private static void ask(String host, CompletableFuture<List<InetAddress>> answer) {
        try {
            answer.complete(List.of(InetAddress.getAllByName(host)));
        } catch (UnknownHostException | RuntimeException | Error e) {
            answer.completeExceptionally(e);
        }
    }
}
