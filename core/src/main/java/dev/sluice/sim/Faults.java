// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.Arrays;
import java.util.Objects;

/**
 * How probable each {@link Fault} is. Immutable; {@link #toString} gives what {@link #parse} takes, so that the faults of
 * a failed run can be given on a command line.
 *
 * <pre>{@code
 * Faults rough = Faults.none().with(Fault.SHORT_READ, 0.2).with(Fault.RESET, 0.001);
 * Faults same = Faults.parse("shortRead=0.2,reset=0.001");
 * }</pre>
 */
public final class Faults {
    private static final Faults NONE = new Faults(new double[Fault.values().length]);
    private static final Faults MIXED = NONE.with(Fault.SHORT_READ, 0.05)
            .with(Fault.SHORT_WRITE, 0.05)
            .with(Fault.FULL_BUFFER, 0.01)
            .with(Fault.DELAY, 0.01)
            .with(Fault.REORDER, 0.1)
            .with(Fault.RESET, 0.001)
            .with(Fault.FIN, 0.002)
            .with(Fault.HALF_CLOSE, 0.005)
            .with(Fault.NEVER_READS, 0.01)
            .with(Fault.ACCEPT_NO_DESCRIPTOR, 0.02)
            .with(Fault.ACCEPT_NO_MEMORY, 0.01)
            .with(Fault.ACCEPT_UNKNOWN, 0.01)
            .with(Fault.SLOW_WORKER, 0.01)
            .with(Fault.SPURIOUS_WAKEUP, 0.01)
            .with(Fault.LATE_WAKEUP, 0.01)
            .with(Fault.CLOCK_JUMP, 0.0005)
            .with(Fault.CONNECT_REFUSED, 0.01)
            .with(Fault.CONNECT_TIMEOUT, 0.002)
            .with(Fault.CONNECT_DELAY, 0.02)
            .with(Fault.PARTITION, 0.0001)
            .with(Fault.SELECTOR_SPINS, 0.0001);

    private final double[] probabilities;

    private Faults(double[] probabilities) {
        this.probabilities = probabilities;
    }

    /** Nothing goes wrong. */
    public static Faults none() {
        return NONE;
    }

    /** Something of everything, each fault rare enough for most requests to be answered. */
    public static Faults mixed() {
        return MIXED;
    }

    /**
     * Reads {@code name=probability,...}; an empty text is {@link #none}.
     *
     * @throws IllegalArgumentException if a name is unknown or a probability isn't within 0 to 1; the message says which
     */
    public static Faults parse(String text) {
        Faults faults = NONE;
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("fault '" + part + "' must be name=probability");
            }
            faults = faults.with(
                    part.substring(0, equals).strip(),
                    number(part.substring(equals + 1).strip(), part));
        }
        return faults;
    }

    private static double number(String text, String part) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("fault '" + part + "' must be name=probability", e);
        }
    }

    /**
     * The same with another probability of one fault.
     *
     * @param probability 0 to 1
     */
    public Faults with(Fault fault, double probability) {
        Objects.requireNonNull(fault, "fault");
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    "probability of " + fault + ": " + probability + " is not within 0 to 1");
        }
        double[] changed = probabilities.clone();
        changed[fault.ordinal()] = probability;
        return new Faults(changed);
    }

    /** As {@link #with(Fault, double)}, by name. */
    public Faults with(String name, double probability) {
        return with(Fault.named(name), probability);
    }

    /** The probability of a fault, 0 to 1. */
    public double probability(Fault fault) {
        return probabilities[fault.ordinal()];
    }

    /** The faults that can happen, as {@link #parse} takes them. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Fault fault : Fault.values()) {
            if (probability(fault) > 0) {
                text.append(text.isEmpty() ? "" : ",").append(fault).append('=').append(probability(fault));
            }
        }
        return text.toString();
    }

    /** Whether the other gives each fault the same probability. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Faults faults && Arrays.equals(probabilities, faults.probabilities);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(probabilities);
    }
}
