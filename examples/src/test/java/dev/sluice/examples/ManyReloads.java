// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static dev.sluice.examples.Await.await;

/** A proxy whose configuration is replaced again and again, each time by one that is different in something. */
public final class ManyReloads {
    /** Where no socket is opened for each. */
    public static final int RELOADS = 1_000;
    /** Where listeners are opened, or the like. */
    public static final int LISTENERS = 200;

    private static final int FIRST = 50;
    private static final long MOST = 60; // more than is on its way out, and a fraction of what there was in all

    /** The configurations. */
    public interface Text {
        /** The one of a number, from 0 on: the proxy was started with that. */
        String of(int number);
    }

    /** What takes one over, and asks the proxy something. */
    public interface Reload {
        /** To that text. */
        void to(String text) throws Exception;
    }

    private final Text text;
    private final Reload reload;
    private int number;

    /** None is made yet. */
    public ManyReloads(Text text, Reload reload) {
        this.text = text;
        this.reload = reload;
    }

    /** Makes the next one. */
    public void next() {
        try {
            reload.to(text.of(++number));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Makes so many. */
    public void next(int times) {
        for (int i = 0; i < times; i++) {
            next();
        }
    }

    /** How many were made. */
    public int made() {
        return number;
    }

    /** Makes so many, and some before to warm up: nobody looks at figures meanwhile, and in the end nothing is left of them. */
    public void leaveNothing(int times) {
        next(FIRST);
        Instances before = Instances.now();
        next(times);
        await(
                () -> {
                    next();
                    return Instances.now().moreSince(before, MOST).isEmpty();
                },
                () -> number + " reloads left " + Instances.now().moreSince(before, MOST));
    }

    /** Settings of TLS to the upstream {@code main}, others for each number. */
    public static String tls(int number) {
        return "[upstream.main.tls]\ninsecure = true\nserver-name = \"name" + number + ".example\"\n";
    }
}
