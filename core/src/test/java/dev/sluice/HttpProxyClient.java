// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.HttpProxyCase.Strain;
import dev.sluice.HttpProxyRun.Answer;
import dev.sluice.HttpProxyRun.Asked;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** A client of {@link HttpProxyRun}: it asks, at times before it is answered, and judges each response. */
final class HttpProxyClient implements HttpProxyRun.End, NaiveHttp.Told {
    private static final List<String> METHODS = List.of("GET", "GET", "HEAD", "PUT", "POST", "POST");
    private static final Set<String> ERRORS = Set.of("502", "503", "504");

    private final HttpProxyRun run;
    private final SplittableRandom random;
    private final NaiveHttp in = new NaiveHttp(false, this);
    private final List<Asked> asked = new ArrayList<>();
    private Connection connection;
    private int left;
    private int answered;
    private boolean lastWasAsked;
    private Answer answer; // that comes; null for an error's
    private boolean interim;
    private ByteArrayOutputStream body;
    private boolean tunnel;
    private boolean hasEnded; // here
    private CloseReason end;
    boolean isOver;

    HttpProxyClient(HttpProxyRun run, SplittableRandom random) {
        this.run = run;
        this.random = random;
        this.left = 1 + random.nextInt(12);
    }

    @Override
    public void opened(Connection itself) {
        connection = itself;
        goOn();
        if (unruly() && random.nextInt(3) == 0) {
            run.sim.after(run.millis(5000), random.nextBoolean() ? this::reset : this::close);
        }
        if (unruly() && random.nextInt(3) == 0) {
            run.sim.after(run.millis(1000), () -> {
                connection.pause();
                run.sim.after(run.millis(20_000), connection::resume);
            });
        }
    }

    private boolean unruly() {
        return run.given.strain().is(Strain.UNRULY_CLIENTS);
    }

    private void reset() {
        hasEnded = true;
        connection.abort();
    }

    private void close() {
        hasEnded = true;
        connection.close();
    }

    private void goOn() {
        if (left == 0 || lastWasAsked || !connection.isOpen()) {
            return;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = random.nextInt(4); i >= 0 && left > 0 && !lastWasAsked; i--) {
            left--;
            ask(out);
        }
        pieces(out.toByteArray(), 0);
    }

    private void ask(ByteArrayOutputStream out) {
        String method = METHODS.get(random.nextInt(METHODS.size()));
        boolean http10 = random.nextInt(8) == 0;
        boolean upgrades = method.equals("GET") && !http10 && random.nextInt(10) == 0;
        boolean hasBody = method.startsWith("P");
        boolean chunked = hasBody && !http10 && random.nextBoolean();
        byte[] bytes = HttpProxyRun.bytes("request", run.requests.size(), hasBody ? run.length() : 0);
        Asked one = run.ask(method, http10, chunked, upgrades, bytes);
        asked.add(one);
        boolean last = upgrades || (http10 ? random.nextBoolean() : random.nextInt(15) == 0);
        lastWasAsked = last;
        StringBuilder head = new StringBuilder();
        head.append(method).append(" /").append(one.number).append(http10 ? " HTTP/1.0" : " HTTP/1.1");
        head.append("\r\nHost: h\r\nX-Number: ").append(one.number).append("\r\n");
        if (upgrades) {
            head.append("Upgrade: test\r\nConnection: upgrade\r\n");
        } else if (last != http10) {
            head.append(http10 ? "Connection: keep-alive\r\n" : "Connection: close\r\n");
        }
        if (hasBody) {
            head.append(chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + bytes.length + "\r\n");
        }
        out.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
        if (!chunked) {
            out.writeBytes(bytes);
            return;
        }
        int at = 0;
        while (at < bytes.length) {
            int size = 1 + random.nextInt(bytes.length - at);
            out.writeBytes((Integer.toHexString(size) + ";x=y\r\n").getBytes(ISO_8859_1));
            out.write(bytes, at, size);
            out.writeBytes("\r\n".getBytes(ISO_8859_1));
            at += size;
        }
        out.writeBytes("0\r\nTrailer: x\r\n\r\n".getBytes(ISO_8859_1));
    }

    private void pieces(byte[] bytes, int from) {
        int size =
                random.nextInt(3) == 0 ? Math.min(bytes.length - from, 1 + random.nextInt(3000)) : bytes.length - from;
        if (!connection.send(ByteBuffer.wrap(bytes, from, size))) {
            return;
        }
        if (unruly() && random.nextInt(6) == 0) { // and what it has asked for is still on its way
            run.sim.after(run.millis(1000), this::reset);
        }
        if (from + size < bytes.length) {
            run.sim.after(run.millis(300), () -> run.guarded(() -> pieces(bytes, from + size)));
        } else if (left > 0 && !lastWasAsked) {
            run.sim.after(run.millis(2000), () -> run.guarded(this::goOn));
        } else if (random.nextInt(4) == 0 && !asked.get(asked.size() - 1).upgrades) {
            connection.endOutput();
        }
    }

    // ---- responses

    @Override
    public void received(ByteBuffer bytes) {
        in.read(bytes);
    }

    @Override
    public NaiveHttp.Body head(String start, List<String> fields) {
        check(answered < asked.size(), "nobody has asked: " + start);
        Asked to = asked.get(answered);
        String status = start.split(" ")[1];
        body = new ByteArrayOutputStream();
        interim = status.equals("103");
        if (interim) {
            check(!to.http10, "an interim response for whom there is none");
            return NaiveHttp.Body.NONE;
        }
        String number = NaiveHttp.field(fields, "x-answer");
        if (number == null) {
            check(ERRORS.contains(status) && run.mayFail(), start + " " + fields);
            answer = null;
        } else {
            check(Integer.parseInt(number) >= 0, "a response that nobody has asked for");
            answer = run.answers.get(Integer.parseInt(number));
            check(answer.to() == to, "the response to " + answer.to().number + " came as that to " + to.number);
        }
        if ("close".equals(NaiveHttp.field(fields, "connection"))) { // of HTTP/1.0, for want of chunks
            check(to.http10 || asked.get(asked.size() - 1) == to || !run.given.isGentle(), "an end for no reason");
            run.answered += asked.size() - answered - 1;
            lastWasAsked = true;
        }
        tunnel = status.equals("101");
        if (tunnel) {
            check(to.upgrades, "a switch that nobody wants");
            run.answered++;
            run.sim.after(run.millis(3000), connection::close);
            return NaiveHttp.Body.WITHOUT_END;
        }
        boolean none = to.method.equals("HEAD") || status.equals("204") || status.equals("304");
        if (!none && !to.http10) {
            boolean says = NaiveHttp.field(fields, "content-length") != null
                    || NaiveHttp.field(fields, "transfer-encoding") != null;
            check(says, "no length: " + fields);
        }
        return none ? NaiveHttp.Body.NONE : NaiveHttp.Body.AS_IT_SAYS;
    }

    @Override
    public void body(byte[] bytes) {
        body.writeBytes(bytes);
        if (answer != null) {
            byte[] soFar = body.toByteArray();
            byte[] expected = answer.body();
            check(
                    soFar.length <= expected.length && Arrays.equals(soFar, 0, soFar.length, expected, 0, soFar.length),
                    "another body than that of answer " + answer.number());
        }
    }

    @Override
    public void end() {
        if (interim) {
            return;
        }
        Asked to = asked.get(answered++);
        if (answer != null && !to.method.equals("HEAD")) {
            check(body.size() == answer.body().length, "a response that was cut looks whole");
        }
        run.answered++;
        if (answered == asked.size() && (left == 0 || lastWasAsked)) {
            close();
        }
    }

    @Override
    public void inputEnded() {
        if (in.isWithoutEnd() && !tunnel) {
            end();
        }
        hasEnded = true;
        connection.close();
    }

    @Override
    public void closed(CloseReason reason) {
        isOver = true;
        end = reason;
    }

    @Override
    public String toString() {
        return connection + ", " + answered + " of " + asked.size() + " answered, " + left + " left, unsent "
                + connection.unsentBytes() + (hasEnded ? ", has ended" : "") + ", " + end;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("to a client came: " + what);
        }
    }
}
