// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What can go wrong in a simulated network, by name. A probability given to {@link Faults} is drawn at each opportunity,
 * which is said with each fault; {@link Simulation#force} makes it happen at the next ones.
 */
public enum Fault {
    /** A read gives less than has arrived, down to one byte. At each read. */
    SHORT_READ("shortRead"),
    /** A write takes less than there is room for, down to one byte. At each write. */
    SHORT_WRITE("shortWrite"),
    /** A write takes nothing, and the socket is not writable for up to 20 ms. At each write. */
    FULL_BUFFER("fullBuffer"),
    /** Bytes travel up to 200 ms longer, and are overtaken by those of other connections. At each delivery. */
    DELAY("delay"),
    /** Bytes travel up to 1 ms longer: enough to be overtaken by other connections'. At each delivery. */
    REORDER("reorder"),
    /** The connection is reset at both ends. At each delivery. */
    RESET("reset"),
    /** A random client closes its socket, whatever it has sent or awaits. At each of its requests. */
    FIN("fin"),
    /** A random client ends its stream behind this request, and reads on. At each of its requests. */
    HALF_CLOSE("halfClose"),
    /** A random client sends and never reads, for up to a minute. At each of its connections. */
    NEVER_READS("neverReads"),
    /** Accept fails: no descriptor is left. At each accept that would give a connection. */
    ACCEPT_NO_DESCRIPTOR("acceptNoDescriptor"),
    /** Accept fails: no memory is left. At each accept that would give a connection. */
    ACCEPT_NO_MEMORY("acceptNoMemory"),
    /** Accept fails with an error that nobody knows. At each accept that would give a connection. */
    ACCEPT_UNKNOWN("acceptUnknown"),
    /** A worker's task is begun up to a second later. At each task. */
    SLOW_WORKER("slowWorker"),
    /** A sleeping loop wakes with nothing to do. At each step of the clock. */
    SPURIOUS_WAKEUP("spuriousWakeup"),
    /** A loop is run up to 50 ms after it could have been. At each time that it would wake. */
    LATE_WAKEUP("lateWakeup"),
    /** The clock jumps forward by up to 10 s. At each step of the clock. */
    CLOCK_JUMP("clockJump"),
    /** The connect is refused. At each connect. */
    CONNECT_REFUSED("connectRefused"),
    /** The connect gets no answer, and times out after 127 s. At each connect. */
    CONNECT_TIMEOUT("connectTimeout"),
    /** The connect takes up to 3 s longer. At each connect. */
    CONNECT_DELAY("connectDelay"),
    /** The two hosts don't reach each other for up to 5 s. At each delivery. */
    PARTITION("partition"),
    /** A loop's selector returns at once from each select, until the loop takes another. At each step of the clock. */
    SELECTOR_SPINS("selectorSpins");

    private final String text;

    Fault(String text) {
        this.text = text;
    }

    /** The name, as in {@code shortRead}. */
    @Override
    public String toString() {
        return text;
    }

    /**
     * The fault of that name.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names
     */
    public static Fault named(String name) {
        for (Fault fault : values()) {
            if (fault.text.equals(name)) {
                return fault;
            }
        }
        throw new IllegalArgumentException("fault '" + name + "' is unknown, must be one of "
                + Arrays.stream(values()).map(Fault::toString).collect(Collectors.joining(", ")));
    }
}
