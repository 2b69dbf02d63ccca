// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.HttpProxyCase.Strain;
import dev.sluice.HttpProxyRun.Answer;
import dev.sluice.HttpProxyRun.Asked;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A backend's end of a connection in {@link HttpProxyRun}: it judges each request, and answers it more or less well. */
final class HttpProxyBackend implements HttpProxyRun.End, NaiveHttp.Told {
    private enum Manner {
        GOOD,
        EARLY,
        SILENT,
        CLOSES,
        RESETS,
        CUTS,
        STALLS,
        DIES,
        GARBAGE,
        MORE
    }

    private static final int MOST_BEFORE = 12; // requests of a client
    private static final Duration LATE = Duration.ofSeconds(2); // the proxy looks once in a second, and news travels

    private final HttpProxyRun run;
    private final SplittableRandom random;
    private final NaiveHttp in = new NaiveHttp(true, this);
    private Connection connection;
    private Asked asked; // null between two requests
    private ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Manner manner;
    private boolean early; // it answers before the request is whole
    private boolean answering; // until it is
    private int diesAt; // so many bytes of the body
    private boolean isOver;
    private int uses = 1;
    private Answer tunnel;

    HttpProxyBackend(HttpProxyRun run, SplittableRandom random) {
        this.run = run;
        this.random = random;
        this.uses = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : Integer.MAX_VALUE;
    }

    @Override
    public void opened(Connection itself) {
        connection = itself;
    }

    @Override
    public void received(ByteBuffer bytes) {
        in.read(bytes);
    }

    @Override
    public NaiveHttp.Body head(String start, List<String> fields) {
        String[] words = start.split(" ", -1);
        check(words.length == 3 && words[2].equals("HTTP/1.1") && words[1].startsWith("/"), start);
        check("h".equals(NaiveHttp.field(fields, "host")), "another host: " + fields);
        check(asked == null && !answering, "a request before the response to the one before");
        int number = Integer.parseInt(words[1].substring(1));
        check(number < run.requests.size(), "a request that nobody has sent: " + start);
        asked = run.requests.get(number);
        check(asked.method.equals(words[0]), start);
        check(("" + number).equals(NaiveHttp.field(fields, "x-number")), "fields of another request: " + fields);
        asked.arrivals++;
        check(asked.isIdempotent() || asked.arrivals == 1, "it came twice: " + start);
        boolean bad = run.given.strain().is(Strain.UNRULY_BACKENDS) && !run.isCalm() && random.nextInt(3) == 0;
        manner = bad ? Manner.values()[random.nextInt(Manner.values().length)] : Manner.GOOD;
        body = new ByteArrayOutputStream();
        if (asked.upgrades && manner == Manner.GOOD && random.nextInt(3) > 0) {
            switchProtocols();
            return NaiveHttp.Body.WITHOUT_END;
        }
        if (bad && asked.body.length > 0 && random.nextBoolean()) {
            manner = random.nextBoolean() ? Manner.EARLY : Manner.DIES;
        }
        diesAt = manner == Manner.DIES ? random.nextInt(asked.body.length + 1) : Integer.MAX_VALUE;
        boolean ends = manner == Manner.CLOSES || manner == Manner.RESETS;
        early = manner == Manner.EARLY || ends && random.nextBoolean();
        if (early) {
            later(this::answer);
        }
        return NaiveHttp.Body.AS_IT_SAYS;
    }

    @Override
    public void body(byte[] bytes) {
        body.writeBytes(bytes);
        byte[] expected = asked.body;
        byte[] soFar = body.toByteArray();
        check(
                soFar.length <= expected.length && Arrays.equals(soFar, 0, soFar.length, expected, 0, soFar.length),
                "another body than that of " + asked.number);
        if (soFar.length >= diesAt) {
            die(random.nextBoolean());
        }
    }

    private void die(boolean inOrder) {
        if (inOrder) {
            connection.close();
        } else {
            connection.abort();
        }
    }

    @Override
    public void end() {
        check(body.size() == asked.body.length, "a body that was cut looks whole, of " + asked.number);
        if (manner == Manner.SILENT) {
            saysNothingMore(1);
        }
        if (!early) {
            later(this::answer);
        } else if (!answering) {
            asked = null;
        }
    }

    private void later(Runnable action) {
        answering = true;
        run.sim.after(run.millis(run.random.nextInt(10) == 0 ? 3000 : 100), () -> run.guarded(action));
    }

    private void switchProtocols() {
        tunnel = run.answer(asked, HttpProxyRun.bytes("tunnel", run.answers.size(), run.length()));
        send("HTTP/1.1 101 Switching Protocols\r\nX-Answer: " + tunnel.number()
                + "\r\nUpgrade: test\r\nConnection: upgrade\r\n\r\n");
        connection.send(ByteBuffer.wrap(tunnel.body()));
    }

    private void answer() {
        Asked to = asked;
        if (!connection.isOpen()) {
            return;
        }
        switch (manner) {
            case SILENT -> {}
            case DIES -> die(random.nextBoolean()); // if it hasn't in the body
            case CLOSES -> connection.close();
            case RESETS -> connection.abort();
            case GARBAGE -> {
                send("HTTP/1.1 2000 What\r\n\r\n");
                connection.close();
            }
            default -> respond(to);
        }
    }

    private void respond(Asked to) {
        boolean bodiless = random.nextInt(6) == 0;
        int length = bodiless ? 0 : run.length();
        Answer answer = run.answer(to, HttpProxyRun.bytes("answer", run.answers.size(), length));
        boolean last = --uses == 0;
        boolean chunked = random.nextBoolean();
        boolean endsClearly = manner == Manner.CUTS || manner == Manner.STALLS || manner == Manner.MORE;
        boolean untilClose = !bodiless && last && random.nextBoolean() && !endsClearly;
        StringBuilder head = new StringBuilder();
        for (int i = random.nextInt(6) - 3; i > 0; i--) {
            head.append(
                    random.nextBoolean() ? "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" : "HTTP/1.1 100 Go on\r\n\r\n");
        }
        int status = !bodiless ? 200 : random.nextBoolean() ? 204 : 304;
        head.append("HTTP/1.1 ").append(status).append(" OK\r\nX-Answer: ").append(answer.number());
        head.append(last ? "\r\nConnection: close\r\n" : "\r\n");
        if (!bodiless && !untilClose) {
            head.append(chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + length + "\r\n");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
        if (!bodiless && !to.method.equals("HEAD")) {
            writeBody(out, answer.body(), chunked && !untilClose);
        }
        byte[] whole = out.toByteArray();
        if (manner == Manner.CUTS) {
            int cut = random.nextInt(whole.length);
            pieces(whole, 0, cut, random.nextBoolean() ? connection::close : connection::abort);
            return;
        }
        if (manner == Manner.STALLS) {
            pieces(whole, 0, random.nextInt(whole.length), () -> saysNothingMore(MOST_BEFORE));
            return;
        }
        if (manner == Manner.MORE) {
            out.writeBytes("HTTP/1.1 200 OK\r\nX-Answer: -1\r\nContent-Length: 4\r\n\r\nevil".getBytes(ISO_8859_1));
            connection.send(ByteBuffer.wrap(out.toByteArray()));
            return;
        }
        pieces(whole, 0, whole.length, () -> {
            answering = false;
            if (!early || !in.isInMessage()) {
                asked = null;
            }
            if (last) {
                connection.close();
            }
        });
    }

    /** Somebody waits for it now, and must not for long, nor those whose turn to be answered comes before that. */
    private void saysNothingMore(int waiting) {
        if (run.given.strain() != Strain.UNRULY_BACKENDS) {
            return; // clients that don't read, or the network, may be what it waits for
        }
        if (connection.unsentBytes() > 0) {
            run.sim.after(Duration.ofSeconds(1), () -> saysNothingMore(waiting));
            return;
        }
        Duration longest = run.given.responseTimeout().plus(LATE).multipliedBy(waiting);
        run.sim.after(
                longest, () -> run.guarded(() -> check(isOver, "nothing, though it said nothing for " + longest)));
    }

    private void writeBody(ByteArrayOutputStream out, byte[] bytes, boolean chunked) {
        if (!chunked) {
            out.writeBytes(bytes);
            return;
        }
        for (int at = 0; at < bytes.length; ) {
            int size = 1 + random.nextInt(bytes.length - at);
            out.writeBytes((Integer.toHexString(size) + "\r\n").getBytes(ISO_8859_1));
            out.write(bytes, at, size);
            out.writeBytes("\r\n".getBytes(ISO_8859_1));
            at += size;
        }
        out.writeBytes("0\r\n\r\n".getBytes(ISO_8859_1));
    }

    /** Sends the last piece behind what it is followed by, or its receiver would be faster than that. */
    private void pieces(byte[] bytes, int from, int to, Runnable then) {
        int size = random.nextInt(3) == 0 ? Math.min(to - from, 1 + random.nextInt(2000)) : to - from;
        if (from + size < to) {
            connection.send(ByteBuffer.wrap(bytes, from, size));
            run.sim.after(run.millis(300), () -> run.guarded(() -> pieces(bytes, from + size, to, then)));
            return;
        }
        connection.send(ByteBuffer.wrap(bytes, from, size));
        then.run();
    }

    private void send(String text) {
        connection.send(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
    }

    @Override
    public void inputEnded() {
        connection.close();
    }

    @Override
    public void closed(CloseReason reason) {
        isOver = true; // whoever has asked is told, which is judged there
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("to a backend came: " + what);
        }
    }
}
