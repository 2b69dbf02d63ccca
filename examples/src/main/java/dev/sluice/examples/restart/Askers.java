// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.restart;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Threads that each connect, ask, await the answer and close, one request after the other, at a given pace. */
final class Askers implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final InetSocketAddress address;
    private final long paceNanos;
    private final Tally tally = new Tally();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ending;

    /** Begins to ask, {@code rate} times a second by all threads together. */
    Askers(InetSocketAddress address, int number, int rate) {
        this.address = address;
        this.paceNanos = SECOND_NANOS * number / rate;
        for (int i = 0; i < number; i++) {
            Thread thread = new Thread(this::run, "asker-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void run() {
        long next = System.nanoTime();
        for (int i = 0; !ending; i++) {
            ask(i);
            next += paceNanos;
            long wait = next - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            } else {
                next -= wait; // what was late is not made up for by a burst
            }
        }
    }

    private void ask(int i) {
        byte[] request = (Thread.currentThread().getName() + " asks " + i + "\n").getBytes(StandardCharsets.US_ASCII);
        tally.asked();
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(address, TIMEOUT_MILLIS);
            socket.getOutputStream().write(request);
            byte[] answer = socket.getInputStream().readNBytes(request.length);
            if (Arrays.equals(answer, request)) {
                tally.answered();
            } else {
                tally.lost("ended after " + answer.length + " bytes of an answer");
            }
        } catch (IOException e) {
            tally.lost(String.valueOf(e.getMessage()));
        }
    }

    /** Waits until so many more requests have been answered, or were lost. */
    void awaitAnswers(int number) {
        long until = tally.done() + number;
        while (tally.done() < until) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Asks no more, and tells how it went once the last answers have come. */
    Tally end() throws InterruptedException {
        ending = true;
        for (Thread thread : threads) {
            thread.join();
        }
        return tally;
    }

    @Override
    public void close() {
        ending = true;
    }
}
