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

    private FailurePaths() {}

    /** Loads what there is for errors. Returns how many classes that are. */
    static int load() {
        IOException example = new IOException("Too many open files");
        LogText.of(LoggedFailure.of(example));
        AcceptError.of(example);
        int number = 0;
        for (Class<?> each : CLASSES) {
            number += load(each);
        }
        return number;
    }

    /** Loads what a class consists of. Returns how many they are. */
    static int load(Class<?> each) {
        return 1 + each.getDeclaredClasses().length + loadSwitches(each); // asked for them, the JVM loads them
    }

    // What the compiler makes for switches over enums of other classes is declared nowhere.
    private static int loadSwitches(Class<?> of) {
        try {
            Class.forName(of.getName() + "$1", true, of.getClassLoader());
            return 1;
        } catch (ClassNotFoundException e) {
            return 0; // it has none
        }
    }
}
