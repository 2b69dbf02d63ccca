// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, by which people tell a server to read its configuration again. Java has no API for signals but {@code sun.misc}'s,
 * of which compilers warn unsuppressably; hence by reflection.
 */
final class HangupSignal {
    private static final Logger LOG = LoggerFactory.getLogger(HangupSignal.class);

    private HangupSignal() {}

    /** Does something at each SIGHUP from now on, on a thread of the JVM's, instead of ending. */
    static void handle(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object acting = Proxy.newProxyInstance(
                    HangupSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            Object hangup = signal.getConstructor(String.class).newInstance("HUP");
            signal.getMethod("handle", signal, handler).invoke(null, hangup, acting);
        } catch (InvocationTargetException e) { // a system without it, or a JVM that leaves signals alone
            LOG.warn("SIGHUP can't be handled here: {}", e.getCause().toString());
        } catch (ReflectiveOperationException e) {
            LOG.warn("this JDK has no signals: {}", e.toString());
        }
    }
}
