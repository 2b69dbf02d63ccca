// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that ask on one connection after the other, on each up to five times, and look at each answer: a status of 200,
 * and a body that ends with what was asked. What begins with {@code /reset} must end without an answer. Each has one connection
 * at a time.
 */
final class Visitors implements AutoCloseable {
    private static final int MOST_REQUESTS = 5;
    private static final int ONE_RESET_IN = 40;

    private final int port;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger reset = new AtomicInteger();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    Visitors(int port, int visitors) {
        this.port = port;
        for (int i = 0; i < visitors; i++) {
            int number = i;
            threads.add(new Thread(() -> visit(number), "visitor-" + i));
        }
        threads.forEach(Thread::start);
    }

    private void visit(int number) {
        Random random = new Random(number);
        for (int i = 0; !over && wrong.size() < 10; i++) {
            try (Socket socket = Asking.connect(port)) {
                connected(socket, random, "/" + number + "/" + i);
            } catch (IOException e) {
                wrong.add("not even connected: " + e);
            }
        }
    }

    private void connected(Socket socket, Random random, String name) {
        boolean ends = false;
        for (int left = random.nextInt(MOST_REQUESTS); left >= 0 && !ends; left--) {
            boolean resets = random.nextInt(ONE_RESET_IN) == 0;
            String target = (resets ? "/reset" : "") + name + "/" + left;
            String answer = ask(socket, target);
            ends = answer == null;
            if (ends && resets) {
                reset.incrementAndGet();
            } else if (ends) {
                lost.add("127.0.0.1:" + socket.getLocalPort());
            } else if (!resets && answer.startsWith("HTTP/1.1 200 ") && answer.endsWith(" " + target + "\n")) {
                answered.incrementAndGet();
            } else {
                wrong.add(target + " was answered by " + answer);
            }
        }
    }

    /** The whole answer, or null if there came nothing but the end. */
    private String ask(Socket socket, String target) {
        StringBuilder answer = new StringBuilder();
        try {
            String request = "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            int next = 0;
            while (next >= 0
                    && !(answer.indexOf("\r\n\r\n") > 0
                            && answer.charAt(answer.length() - 1) == '\n'
                            && answer.length() > answer.indexOf("\r\n\r\n") + 4)) {
                next = socket.getInputStream().read();
                if (next >= 0) {
                    answer.append((char) next);
                }
            }
        } catch (SocketTimeoutException e) {
            return "stuck: " + answer;
        } catch (IOException e) {
            // reset: what there is of an answer is looked at
        }
        return answer.isEmpty() ? null : answer.toString();
    }

    /** Waits until so many more are answered, or until something is wrong. */
    void awaitAnswers(int more) {
        int before = answered.get();
        await(() -> answered.get() >= before + more || !wrong.isEmpty(), () -> more + " answers, " + this);
    }

    int resets() {
        return reset.get();
    }

    /** The addresses of those who should have got an answer, and got the end. */
    List<String> lost() {
        return List.copyOf(lost);
    }

    List<String> wrong() {
        return List.copyOf(wrong);
    }

    @Override
    public String toString() {
        return answered + " were answered, " + reset + " reset, " + lost.size() + " lost, wrong: " + wrong;
    }

    /** They end when they have the answers that they wait for. */
    @Override
    public void close() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
