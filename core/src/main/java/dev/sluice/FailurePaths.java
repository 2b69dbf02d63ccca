// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.HeapOutput;
import dev.sluice.loop.HeldBytes;
import dev.sluice.loop.LogText;
import dev.sluice.loop.LoggedFailure;
import java.io.IOException;
import java.util.List;

/**
 * What is needed when descriptors have run out, loaded while there are some. A class that lies in a directory is a file that
 * has to be opened, and at the first {@code EMFILE} that can't be done any more: a loop would end for want of words.
 */
final class FailurePaths {
    private static final List<Class<?>> CLASSES = List.of(
            Acceptor.class,
            Admission.class,
            Closure.class,
            CloseReason.class,
            ConnectionWork.class,
            Ending.class,
            Errand.class,
            Eviction.class,
            FrameException.class,
            HeapOutput.class,
            HeldBytes.class,
            Outbound.class,
            Pressure.class,
            Reader.class,
            ReplyQueue.class,
            ReplySlot.class,
            SocketConnection.class,
            WorkerCall.class);

    static {
        IOException example = new IOException("Too many open files");
        LogText.of(LoggedFailure.of(example));
        AcceptError.of(example);
        for (Class<?> each : CLASSES) {
            each.getDeclaredClasses(); // asked for them, the JVM loads them
            loadSwitches(each);
        }
    }

    private FailurePaths() {}

    /** Loads what there is for errors, the first time. */
    static void load() {
        // done with this class itself
    }

    // What the compiler makes for switches over enums of other classes is declared nowhere.
    private static void loadSwitches(Class<?> of) {
        try {
            Class.forName(of.getName() + "$1", true, of.getClassLoader());
        } catch (ClassNotFoundException e) {
            // it has none
        }
    }
}
