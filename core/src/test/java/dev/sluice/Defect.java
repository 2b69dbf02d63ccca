// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A mistake that somebody could make in the server: other text in one place of one source.
 *
 * @param name what it is
 * @param file the source, below the root package
 * @param text what stands there, exactly once
 * @param wrong what the mistake makes of it
 * @param seeds within how many seeds, from 0 on, the simulation must find it
 */
record Defect(String name, String file, String text, String wrong, int seeds) {

    /** The source with the mistake in it. */
    String source(Path root) throws IOException {
        String source = Files.readString(root.resolve("dev/sluice").resolve(file));
        int at = source.indexOf(text);
        if (at < 0 || source.indexOf(text, at + 1) >= 0) {
            throw new AssertionError(name + ": \"" + text + "\" stands " + (at < 0 ? "nowhere" : "more than once")
                    + " in " + file + ", so adapt the defect to the source");
        }
        return source.replace(text, wrong);
    }

    @Override
    public String toString() {
        return name;
    }

    static final List<Defect> ALL = List.of(
            // limits
            new Defect("one connection too many", "Permits.java", "now < max; now", "now <= max; now", 200),
            new Defect(
                    "a permit given back twice",
                    "Reader.java",
                    "            c.level().admission.left(remote);",
                    "            c.level().admission.left(null);\n            c.level().admission.left(remote);",
                    50),
            new Defect("a permit that came free is not announced", "Permits.java", "waiting.get() > 0", "false", 200),
            new Defect(
                    "a listener's permit is not given back",
                    "Admission.java",
                    "        if (ofListener != null) {\n            ofListener.giveBack();",
                    "        if (ofListener != null) {\n            ofListener.hasFree();",
                    50),
            new Defect(
                    "a listener's full count leaks the server's permit",
                    "Admission.java",
                    "            ofListener.giveBack();\n            return Cause",
                    "            return Cause",
                    200),
            new Defect(
                    "one connection too many of a source",
                    "Sources.java",
                    "now < max && held",
                    "now <= max && held",
                    200),
            new Defect(
                    "a source's last connection stays in its count",
                    "Sources.java",
                    "now == 1 ? null : now - 1",
                    "now == 1 ? now : now - 1",
                    200),
            new Defect(
                    "a refused source keeps its slot",
                    "Admission.java",
                    "            return true;\n        }\n        giveBackPermits();\n        return false;",
                    "            return true;\n        }\n        return false;",
                    200),
            new Defect(
                    "a burst has one more",
                    "AcceptRate.java",
                    "ahead + tokenNanos > burstNanos",
                    "ahead > burstNanos",
                    200),
            new Defect(
                    "one who was refused keeps the slot for that",
                    "Reader.java",
                    "            c.level().admission.endRefusal();",
                    "            c.level().admission.isOfConnector();",
                    200),
            new Defect(
                    "whoever is refused counts as turned away",
                    "SocketConnection.java",
                    "!wasOpened && (pauses & BY_REFUSAL)",
                    "(pauses & BY_REFUSAL)",
                    500),
            new Defect(
                    "one who is refused is read",
                    "FrameLevel.java",
                    "        c.pause(SocketConnection.BY_REFUSAL);\n",
                    "",
                    500),
            new Defect(
                    "a busy connection is evicted",
                    "SocketConnection.java",
                    "                && isIdle();\n",
                    "                ;\n",
                    2000),
            new Defect(
                    "an eviction has no end",
                    "Admission.java",
                    "        evicting.set(false);",
                    "        evicting.get();",
                    500),
            new Defect(
                    "one reply in flight too many",
                    "ReplyQueue.java",
                    "++size >= connection",
                    "++size > connection",
                    50),
            new Defect(
                    "twice as much unsent as the limit says",
                    "Outbound.java",
                    "target.unsentBytes() + n > target.reader().limits.outboundBytes()",
                    "target.unsentBytes() + n > 2 * target.reader().limits.outboundBytes()",
                    1000),
            // the budget
            new Defect(
                    "more is taken than there is",
                    "loop/SharedBytes.java",
                    "now + bytes <= most",
                    "now + bytes <= 2 * most",
                    1000),
            new Defect(
                    "what a buffer takes is not given back",
                    "loop/BufferPool.java",
                    "        lease.giveBack(buffer.capacity());\n",
                    "",
                    50),
            new Defect(
                    "what a letter takes is not given back",
                    "SocketConnection.java",
                    "        reader().lease().giveBack(bytes);\n",
                    "",
                    50),
            new Defect(
                    "what a reply slot takes is not given back",
                    "ReplySlot.java",
                    "            connection.reader().lease().giveBack(OVERHEAD_BYTES);\n",
                    "",
                    50),
            new Defect(
                    "what a call on a worker takes is not given back",
                    "WorkerCall.java",
                    "        giveBack();\n        if (failure",
                    "        if (failure",
                    50),
            new Defect(
                    "what a framer that is kept takes is not given back",
                    "SocketConnection.java",
                    "            reader().lease().giveBack(framer.charged);\n",
                    "",
                    50),
            new Defect(
                    "what is given back is counted twice",
                    "loop/Lease.java",
                    "shared.giveBack(now - kept);",
                    "shared.giveBack(2 * (now - kept));",
                    50),
            new Defect(
                    "a loop keeps its part when it has ended",
                    "loop/Loop.java",
                    "        buffers.lease().close();\n",
                    "",
                    50),
            new Defect(
                    "who needs room and gets none goes on",
                    "Pressure.java",
                    "if (victim == needy) {\n            needy.cutForBudget();",
                    "if (victim == needy) {",
                    2000),
            // moving
            new Defect(
                    "who has moved still counts where it was",
                    "Reader.java",
                    "        loop.forget(c);\n        assigned.decrementAndGet();\n",
                    "        loop.forget(c);\n",
                    50),
            new Defect(
                    "who has moved is not read",
                    "Move.java",
                    "        connection.moving(false);\n        register();\n        connection.arrived();",
                    "        connection.moving(false);\n        connection.arrived();",
                    50),
            new Defect(
                    "one in the middle of something is moved",
                    "SocketConnection.java",
                    "                && isIdle()\n                && reader().current",
                    "                && reader().current",
                    200),
            // turns
            new Defect("a turn has no end", "FrameLevel.java", "if (left == 0)", "if (left == -1000)", 200),
            new Defect(
                    "who waits for its turn is forgotten",
                    "SocketConnection.java",
                    "            turnComes = true;\n            reader().loop.later(this);",
                    "            turnComes = true;",
                    200),
            // back pressure
            new Defect(
                    "a pause is ignored",
                    "SocketConnection.java",
                    "state == ConnectionState.OPEN && (pauses & ~BACKLOG) == 0",
                    "state == ConnectionState.OPEN",
                    50),
            new Defect(
                    "the low mark is missed by one",
                    "SocketConnection.java",
                    "heldOutBytes <= reader().lowMark()",
                    "heldOutBytes < reader().lowMark()",
                    2000),
            new Defect(
                    "frames held during a pause are forgotten",
                    "SocketConnection.java",
                    "if (pauses == BACKLOG) {",
                    "if (false) {",
                    50),
            new Defect(
                    "interest is not restored after a partial write",
                    "SocketConnection.java",
                    "firstUnsent() != null ? SelectionKey.OP_WRITE : 0",
                    "0",
                    50),
            new Defect(
                    "a second change of interest is lost",
                    "loop/KeyTarget.java",
                    "        listed = false;\n        if (desired",
                    "        if (desired",
                    50),
            // order and content
            new Defect(
                    "a reply overtakes an earlier one",
                    "ReplySlot.java",
                    "        if (head) {\n            connection.reader()",
                    "        if (true) {\n            connection.reader()",
                    50),
            new Defect(
                    "bytes from the loop overtake those of other threads",
                    "SocketConnection.java",
                    "onLoop() && nothingIsOnItsWay()",
                    "onLoop()",
                    1000),
            new Defect(
                    "calls of one connection run at the same time",
                    "ReplyQueue.java",
                    "        if (callRunning) {\n            if (waiting",
                    "        if (false) {\n            if (waiting",
                    1000),
            new Defect(
                    "the beginning of a frame is dropped",
                    "FrameLevel.java",
                    "c.state() == ConnectionState.OPEN && in.hasRemaining()",
                    "false",
                    50),
            new Defect(
                    "bytes are sent behind refused ones",
                    "SocketConnection.java",
                    "overLimit = true;",
                    "overLimit |= false;",
                    1000),
            // deadlines and wake-ups
            new Defect("a wake-up is lost", "loop/Mailbox.java", "selector.wakeup()", "Thread.onSpinWait()", 50),
            new Defect(
                    "only the first mail wakes the loop",
                    "loop/Mailbox.java",
                    "signalled.set(false)",
                    "signalled.get()",
                    50),
            new Defect(
                    "work that was put off is forgotten before the select",
                    "loop/Loop.java",
                    "nanos == 0 ? polling",
                    "false ? polling",
                    50),
            new Defect(
                    "a timer fires a turn too late",
                    "loop/TimerWheel.java",
                    "turn <= last; turn++",
                    "turn < last; turn++",
                    200),
            new Defect(
                    "the linger deadline is not armed",
                    "DeadlineWatch.java",
                    "        c.ending.deadline = loop.now() + linger;\n        arm(c);\n",
                    "        c.ending.deadline = loop.now() + linger;\n",
                    1000),
            new Defect(
                    "a deadline is not armed again after progress",
                    "DeadlineWatch.java",
                    "            c.cutAsDecided();\n        }\n        arm(c);\n",
                    "            c.cutAsDecided();\n        }\n",
                    1000),
            new Defect(
                    "a frame that has begun has no deadline",
                    "DeadlineWatch.java",
                    "        c.readBy = readingNow(c) + frame;\n        arm(c);\n",
                    "",
                    2000),
            new Defect(
                    "a pause puts a deadline off by more than it takes",
                    "DeadlineWatch.java",
                    "        c.readBy += loop.now();\n",
                    "        c.readBy = loop.now() + frame;\n",
                    5000),
            new Defect(
                    "a pause counts against the peer",
                    "DeadlineWatch.java",
                    "        c.readBy += loop.now();\n",
                    "        c.readBy = loop.now();\n",
                    2000),
            new Defect(
                    "unsent bytes have no deadline",
                    "DeadlineWatch.java",
                    "        c.firstUnsent().deadline(loop.now() + writeStall);\n        arm(c);\n",
                    "        c.firstUnsent().deadline(loop.now() + writeStall);\n",
                    2000),
            new Defect(
                    "a connection that waits for a reply is called idle",
                    "DeadlineWatch.java",
                    "c.isQuiet() && isPast(",
                    "isPast(",
                    2000),
            new Defect(
                    "an ended connection stays on the wheel",
                    "Ending.java",
                    "            reader.loop.timers().disarm(connection);\n",
                    "",
                    50),
            new Defect(
                    "accepting doesn't go on after an error",
                    "Acceptor.java",
                    "        loop.timers().arm(backOff, loop.now() + nanos);\n",
                    "",
                    50),
            new Defect(
                    "a drain has no end",
                    "Drain.java",
                    "        if (!forcing) {\n            forcing = true;",
                    "        if (forcing) {\n            forcing = true;",
                    1000),
            new Defect(
                    "a selector that spins is not replaced",
                    "loop/Polling.java",
                    "++earlyReturns < MOST_EARLY_RETURNS",
                    "true",
                    200),
            new Defect(
                    "interest is written to the key of a selector that was replaced",
                    "loop/KeyTarget.java",
                    "        key = newKey;\n        registered = desired;",
                    "        registered = desired;",
                    500),
            // ends
            new Defect(
                    "a close reason is overwritten",
                    "SocketConnection.java",
                    "        if (ending == null) {\n            ending = new Ending(why);\n        }\n",
                    "        ending = new Ending(why);\n",
                    1000),
            new Defect(
                    "an end is not told",
                    "SocketConnection.java",
                    "        if (wasOpened) {",
                    "        if (false) {",
                    50),
            new Defect(
                    "nobody is told that the server stops",
                    "SocketConnection.java",
                    "level.protocol.draining(this) != AfterGoodbye.WAIT_FOR_PEER",
                    "level.protocol != null",
                    500),
            new Defect(
                    "a resume changes no interest",
                    "SocketConnection.java",
                    "            unpause(BY_USER);\n            settle();\n",
                    "            unpause(BY_USER);\n",
                    1000),
            new Defect(
                    "replies of an ended connection stay",
                    "SocketConnection.java",
                    "            replies.drop();\n",
                    "",
                    50),
            new Defect(
                    "a buffer of held input is not given back",
                    "SocketConnection.java",
                    "            heldIn.release();\n",
                    "",
                    200),
            new Defect(
                    "a buffer of unsent bytes is not given back",
                    "Outbound.java",
                    "            connection.heldOut(-connection.unsent.size());\n            connection.unsent.release();\n",
                    "            connection.heldOut(-connection.unsent.size());\n",
                    200),
            new Defect(
                    "a connection that ended stays in its Reader's count",
                    "Reader.java",
                    "            assigned.decrementAndGet();\n            c.level()",
                    "            c.level()",
                    50));
}
