// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.helpers.FormattingTuple;
import org.slf4j.helpers.MessageFormatter;

/** A logger that keeps what it was told, as a log would show it. */
final class LoggedLines {
    final List<String> lines = new CopyOnWriteArrayList<>();

    Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (method.getReturnType() == boolean.class) {
                        return true;
                    }
                    lines.add(method.getName() + " " + line(arguments));
                    return null;
                });
    }

    private static String line(Object[] arguments) {
        Object[] values = arguments.length == 2 && arguments[1] instanceof Object[] many
                ? many
                : java.util.Arrays.copyOfRange(arguments, 1, arguments.length);
        FormattingTuple message = MessageFormatter.arrayFormat((String) arguments[0], values);
        if (message.getThrowable() == null) {
            return message.getMessage();
        }
        StringWriter stack = new StringWriter();
        message.getThrowable().printStackTrace(new PrintWriter(stack, true));
        return message.getMessage() + "\n" + stack;
    }
}
