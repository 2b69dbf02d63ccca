// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.outbound.PortRange;
import dev.sluice.prelude.IpNetwork;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How values of the file are read. Each is a function that throws an {@code IllegalArgumentException} whose message says
 * what is wrong and what is allowed.
 */
public final class Readings {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}) ?(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12}) ?(B|KiB|MiB|GiB)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}");
    private static final int LONGEST_TEXT = 1024;

    private Readings() {}

    public static Function<Object, Integer> number(int least, int most) {
        return value -> {
            if (value instanceof Long number && number >= least && number <= most) {
                return number.intValue();
            }
            throw wrong(value, "is no whole number within " + least + " to " + most);
        };
    }

    public static Boolean flag(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(value, "is neither true nor false");
    }

    /** Any text up to 1,024 characters that isn't empty. */
    public static String text(Object value) {
        if (value instanceof String text && !text.isEmpty() && text.length() <= LONGEST_TEXT) {
            return text;
        }
        throw wrong(value, "is no text of 1 to " + LONGEST_TEXT + " characters in quotes");
    }

    /** The same without characters that would end a line or a header, or can't be seen. */
    public static String visibleText(Object value) {
        String text = text(value);
        if (text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            return text;
        }
        throw wrong(value, "has other characters than those of ASCII that can be seen");
    }

    /** A name: it appears in logs and metrics. */
    public static String name(Object value) {
        if (value instanceof String text && NAME.matcher(text).matches()) {
            return text;
        }
        throw wrong(value, "is no name: 1 to 64 letters, digits, underscores, and behind the first dots and hyphens");
    }

    public static Function<Object, Duration> duration(Duration least, Duration most) {
        return value -> {
            Matcher matcher = DURATION.matcher(value instanceof String text ? text : "");
            if (!matcher.matches()) {
                throw wrong(value, "is no duration: a whole number and ms, s, m, h or d, as \"30s\"");
            }
            Duration duration = durationOf(Long.parseLong(matcher.group(1)), matcher.group(2));
            if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                throw wrong(value, "is not within " + durationText(least) + " to " + durationText(most));
            }
            return duration;
        };
    }

    private static Duration durationOf(long number, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    /** A duration as the file has it. */
    public static String durationText(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        if (seconds % 3600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds % 86_400 != 0 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    public static Function<Object, Long> size(long least, long most) {
        return value -> {
            Matcher matcher = SIZE.matcher(value instanceof String text ? text : "");
            if (!matcher.matches()) {
                throw wrong(value, "is no size: a whole number and B, KiB, MiB or GiB, as \"64 KiB\"");
            }
            long unit = 1L << 10 * "BKMG".indexOf(matcher.group(2).charAt(0));
            long number = Long.parseLong(matcher.group(1));
            if (number > most / unit || number * unit < least) {
                throw wrong(value, "is not within " + sizeText(least) + " to " + sizeText(most));
            }
            return number * unit;
        };
    }

    /** A size as the file has it. */
    public static String sizeText(long bytes) {
        int unit = 0;
        long number = bytes;
        while (unit < 3 && number != 0 && number % 1024 == 0) {
            number /= 1024;
            unit++;
        }
        return number + " " + new String[] {"B", "KiB", "MiB", "GiB"}[unit];
    }

    /** One of an enum's constants, written in small letters with hyphens. */
    public static <E extends Enum<E>> Function<Object, E> choice(Class<E> type) {
        return value -> {
            Optional<E> found = Arrays.stream(type.getEnumConstants())
                    .filter(constant -> label(constant).equals(value))
                    .findFirst();
            String all = Arrays.stream(type.getEnumConstants())
                    .map(Readings::label)
                    .collect(Collectors.joining("\", \"", "\"", "\""));
            return found.orElseThrow(() -> wrong(value, "is none of " + all));
        };
    }

    /** A constant as the file has it. */
    public static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Where to listen: a port of 0 takes a free one. */
    public static HostPort listenAddress(Object value) {
        return HostPort.parse(addressText(value));
    }

    /** Where to connect to. */
    public static HostPort peerAddress(Object value) {
        HostPort address = HostPort.parse(addressText(value));
        if (address.isWildcard() || address.port() == 0) {
            throw wrong(value, "is nothing to connect to: a host and a port within 1 to 65535 are needed");
        }
        return address;
    }

    private static String addressText(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw wrong(value, "is no HOST:PORT in quotes, as \"10.0.0.1:80\"");
    }

    public static IpNetwork network(Object value) {
        if (!(value instanceof String text)) {
            throw wrong(value, "is no network in quotes, as \"10.0.0.0/8\"");
        }
        try {
            return IpNetwork.parse(text);
        } catch (IllegalArgumentException e) {
            String why = e.getMessage().replaceFirst("^network: ", "");
            throw new IllegalArgumentException(why.replace(text, Quoted.of(text)), e);
        }
    }

    public static PortRange portRange(Object value) {
        try {
            return PortRange.parse(value instanceof String text ? text : "");
        } catch (IllegalArgumentException e) {
            throw wrong(value, "is no address with a range of ports within 1 to 65535, as \"10.0.0.2:20000-29999\"");
        }
    }

    /**
     * A word of the command line.
     *
     * @param option what the message of a wrong one begins with
     */
    public static <T> T option(String option, Function<Object, T> reading, Object value) {
        try {
            return reading.apply(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
        }
    }

    public static IllegalArgumentException wrong(Object value, String why) {
        return new IllegalArgumentException(Quoted.of(Value.plain(value)) + " " + why);
    }
}
