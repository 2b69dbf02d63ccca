// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Loop;
import dev.sluice.loop.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** The page of {@link Server#explain}: what each loop says of itself by mail, within a bounded time. */
final class Explanation {
    private static final long PATIENCE_NANOS = 500_000_000;
    private static final long MILLI = 1_000_000;
    private static final int STACK_SHOWN = 20;

    private final Server server;
    private final LoopGroup group;
    private final StringBuilder page = new StringBuilder();

    Explanation(Server server, LoopGroup group) {
        this.server = server;
        this.group = group;
    }

    /** What a loop says of itself. */
    private record Answer(String text, List<Oddest> oddest) {}

    /** Asks all loops at once, and waits for them together. */
    String page() {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < group.size(); i++) {
            answers.add(ask(group.loop(i), group.readerOn(i)));
        }
        appendServer();
        long end = System.nanoTime() + PATIENCE_NANOS;
        List<Oddest> oddest = Oddest.kinds(0);
        for (int i = 0; i < answers.size(); i++) {
            appendLoop(i, answers.get(i), end - System.nanoTime(), oddest);
        }
        oddest.forEach(odd -> odd.appendTo(page));
        return page.toString();
    }

    private void appendServer() {
        Counters counters = server.counters();
        page.append("server: ").append(server.isDraining() ? "draining" : "accepting");
        page.append(", connections ").append(counters.connections());
        page.append(", accepted ").append(counters.accepted());
        page.append(", frames ").append(counters.frames());
        page.append(", bytes read ").append(counters.bytesRead());
        page.append(", written ").append(counters.bytesWritten()).append('\n');
        page.append("closed:").append(nonZero(server.closed())).append('\n');
        page.append("refused:").append(nonZero(server.refused())).append('\n');
        for (Acceptor acceptor : server.acceptors()) {
            page.append("acceptor on ").append(acceptor.listener());
            page.append(": accepted ").append(acceptor.accepted());
            page.append(", errors ").append(acceptor.errors());
            page.append(acceptor.isFull() ? ", full: waits for a connection to end\n" : "\n");
        }
    }

    private static String nonZero(java.util.Map<?, Long> figures) {
        String text = figures.entrySet().stream()
                .filter(figure -> figure.getValue() > 0)
                .map(figure -> " " + figure.getKey() + " " + figure.getValue())
                .collect(Collectors.joining(","));
        return text.isEmpty() ? " none" : text;
    }

    // ---- asking

    private CompletableFuture<Answer> ask(Loop loop, Reader reader) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Question question = new Question(loop, reader, answer);
        if (loop.onLoop()) {
            question.run();
        } else if (group.isStepped() && !loop.hasEnded()) { // nobody else is in it: its owner asks
            loop.claim();
            try {
                question.run();
            } finally {
                loop.release();
            }
        } else if (!loop.post(question)) {
            answer.complete(new Answer("has ended", List.of()));
        }
        return answer;
    }

    private record Question(Loop loop, Reader reader, CompletableFuture<Answer> answer) implements Work {
        @Override
        public void run() {
            long now = loop.now();
            StringBuilder text = new StringBuilder("passes ").append(loop.passes());
            text.append(", timers armed ").append(loop.timers().armed());
            text.append(", selectors replaced ").append(loop.selectorsReplaced());
            if (reader == null) {
                answer.complete(new Answer(text.toString(), List.of()));
                return;
            }
            int paused = 0;
            for (SocketConnection c = reader.first(); c != null; c = c.next) {
                paused += c.isPaused() ? 1 : 0;
            }
            text.append(", connections ").append(reader.connections());
            text.append(", of these paused ").append(paused);
            text.append(", buffers lent ").append(loop.buffers().lent());
            text.append(", bytes charged ").append(loop.buffers().lease().taken());
            List<Oddest> oddest = Oddest.kinds(now);
            oddest.forEach(odd -> odd.add(reader, now));
            answer.complete(new Answer(text.toString(), oddest));
        }

        @Override
        public void failed(Throwable cause) {
            answer.complete(new Answer("has ended", List.of()));
        }
    }

    // ---- answers

    private void appendLoop(int i, CompletableFuture<Answer> asked, long patienceNanos, List<Oddest> oddest) {
        page.append("loop ").append(group.loop(i).name()).append(": ");
        try {
            Answer answer = asked.get(Math.max(0, patienceNanos), TimeUnit.NANOSECONDS);
            page.append(answer.text).append(", blocked ").append(group.watch(i).blocked());
            page.append(" times\n");
            for (int kind = 0; kind < answer.oddest.size(); kind++) {
                oddest.get(kind).addAll(answer.oddest.get(kind));
            }
        } catch (TimeoutException e) {
            appendSilent(group.loop(i), group.readerOn(i));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            page.append("not waited for, the caller was interrupted\n");
        } catch (ExecutionException e) {
            throw new AssertionError("answers don't fail", e);
        }
    }

    private void appendSilent(Loop loop, Reader reader) {
        long since = loop.busySince();
        BusyWith what = BusyWith.now(loop, reader);
        page.append("does not answer");
        if (since != 0) {
            page.append(", in one pass for ")
                    .append((group.environment.nanoClock().getAsLong() - since) / MILLI);
            page.append(" ms");
        }
        page.append(", in ").append(what.what()).append('\n');
        if (what.stack() != null) {
            StackTraceElement[] frames = what.stack().getStackTrace();
            for (int i = 0; i < Math.min(STACK_SHOWN, frames.length); i++) {
                page.append("    at ").append(frames[i]).append('\n');
            }
        }
    }
}
