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
        if (server.listeners().stream().anyMatch(listener -> listener.endpoint().tls() != null)) {
            append(counters.handshakes());
        }
        page.append("budget: used ").append(counters.budgetUsed());
        page.append(" of ").append(counters.budgetLimit()).append(" bytes");
        page.append(group.budget.bytes.isTight() ? ", nearly used up: who has unsent bytes is not read\n" : "\n");
        server.listeners().forEach(this::appendListener);
        server.acceptors().forEach(this::appendAcceptor);
    }

    private void append(HandshakeCounters handshakes) {
        page.append("handshakes: under way ").append(handshakes.underWay());
        page.append(" of ").append(group.limits.handshakes());
        page.append(", waiting ").append(handshakes.waiting());
        page.append(", tasks elsewhere ").append(handshakes.tasks());
        page.append(", ended:").append(nonZero(handshakes.ended())).append('\n');
    }

    private void appendListener(Listener listener) {
        Endpoint endpoint = listener.endpoint();
        page.append("listener on ").append(listener).append(": connections ").append(listener.connections());
        page.append(" of ").append(endpoint.connections()).append(", backlog ");
        page.append(endpoint.isInherited() ? "as inherited\n" : endpoint.backlog() + "\n");
    }

    private void appendAcceptor(Acceptor acceptor) {
        page.append("acceptor on ").append(acceptor.listener());
        page.append(", loop ").append(acceptor.loop().name());
        page.append(": accepted ").append(acceptor.accepted());
        page.append(", errors ").append(acceptor.errors());
        page.append(", rests ").append(acceptor.rests());
        Closure closure = acceptor.closure();
        if (closure != null) {
            long nanos = group.environment.nanoClock().getAsLong() - closure.sinceNanos();
            page.append(", has let nobody in for ").append(Math.max(0, nanos) / MILLI);
            page.append(" ms: ").append(closure.why());
        }
        page.append('\n');
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
            text.append(", mail waiting ").append(loop.mailWaiting());
            text.append(", selectors replaced ").append(loop.selectorsReplaced());
            if (reader == null) {
                answer.complete(new Answer(text.toString(), List.of()));
                return;
            }
            text.append(", connections ").append(reader.connections());
            text.append(", of these paused ").append(reader.paused()).append(whatFor(reader));
            text.append(", buffers lent ").append(reader.lentBuffers());
            text.append(" of ").append(reader.lentBytes()).append(" bytes");
            text.append(", bytes charged ").append(reader.lease().taken());
            List<Oddest> oddest = Oddest.kinds(now);
            oddest.forEach(odd -> odd.add(reader, now));
            answer.complete(new Answer(text.toString(), oddest));
        }

        // A connection may be paused for several things at once.
        private static String whatFor(Reader reader) {
            if (reader.paused() == 0) {
                return "";
            }
            int byUser = 0;
            int byUnsent = 0;
            int byReplies = 0;
            for (SocketConnection c = reader.first(); c != null; c = c.next) {
                byUser += c.isPausedBy(SocketConnection.BY_USER) ? 1 : 0;
                byUnsent += c.isPausedBy(SocketConnection.BY_UNSENT) ? 1 : 0;
                byReplies += c.isPausedBy(SocketConnection.BY_REPLIES) ? 1 : 0;
            }
            return " (by the protocol " + byUser + ", for unsent bytes " + byUnsent + ", for replies in flight "
                    + byReplies + ")";
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
        page.append(", mail waiting ").append(loop.mailWaiting());
        page.append(", in ").append(what.what()).append('\n');
        if (what.stack() != null) {
            StackTraceElement[] frames = what.stack().getStackTrace();
            for (int i = 0; i < Math.min(STACK_SHOWN, frames.length); i++) {
                page.append("    at ").append(frames[i]).append('\n');
            }
        }
    }
}
