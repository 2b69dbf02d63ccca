// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.TcpOptions.KeepAlive;
import dev.sluice.loop.LogText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** An endpoint's text: its grammar is in {@link Endpoint#parse}. */
final class EndpointText {
    private static final String TCP = "tcp://";
    private static final String UNIX = "unix:";
    private static final String INHERITED = "inherited:";

    private final String text;
    private final int settingsAt; // behind the question mark, or the length of the text
    private final Set<String> seen = new HashSet<>();

    EndpointText(String text) {
        this.text = text;
        int mark = text.indexOf('?');
        this.settingsAt = mark < 0 ? text.length() : mark + 1;
    }

    Endpoint parse() {
        int end = settingsAt < text.length() || text.endsWith("?") ? settingsAt - 1 : settingsAt;
        Endpoint endpoint;
        if (text.startsWith(TCP)) {
            endpoint = tcp(end);
        } else if (text.startsWith(UNIX)) {
            endpoint = unix(text.substring(UNIX.length(), end));
        } else if (text.startsWith(INHERITED)) {
            if (end != INHERITED.length()) {
                throw wrong(INHERITED.length(), "nothing may follow inherited: but settings");
            }
            endpoint = Endpoint.inherited();
        } else {
            throw wrong(0, "it begins with none of tcp://HOST:PORT, unix:PATH and inherited:");
        }
        return end < text.length() ? withSettings(endpoint) : endpoint;
    }

    private IllegalArgumentException wrong(int at, String why) {
        return new IllegalArgumentException(
                "endpoint: " + LogText.of(text) + " is wrong at character " + (at + 1) + ": " + why);
    }

    // ---- addresses

    private Endpoint tcp(int end) {
        int colon = text.lastIndexOf(':', end - 1);
        if (colon < TCP.length() || colon < text.lastIndexOf(']', end - 1)) {
            throw wrong(end, "a colon and a port are missing; 0 takes a free port");
        }
        int port = number(colon + 1, end, "a port", 65_535);
        String host = text.substring(TCP.length(), colon);
        if (host.equals("*")) {
            return Endpoint.tcp(port);
        }
        String fault = HostSyntax.fault(host);
        if (fault != null) {
            throw wrong(TCP.length(), fault);
        }
        try {
            return Endpoint.of(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (UnknownHostException e) {
            throw wrong(TCP.length(), "this host has no address here");
        }
    }

    private int number(int from, int to, String what, int max) {
        boolean digits = from < to && to - from <= 10;
        for (int i = from; i < to; i++) {
            digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        long value = digits ? Long.parseLong(text, from, to, 10) : -1;
        if (value < 0 || value > max) {
            throw wrong(from, what + " is a decimal number within 0 to " + max);
        }
        return (int) value;
    }

    private Endpoint unix(String coded) {
        if (coded.isEmpty()) {
            throw wrong(UNIX.length(), "a path is missing");
        }
        if (coded.startsWith("//")) {
            throw wrong(UNIX.length(), "an absolute path begins with one slash, as in unix:/run/x.sock");
        }
        String decoded;
        try {
            decoded = PercentCode.decode(coded);
        } catch (PercentCode.MalformedException e) {
            throw wrong(UNIX.length() + e.at(), e.getMessage());
        }
        try {
            return Endpoint.unix(Path.of(decoded));
        } catch (InvalidPathException e) {
            throw wrong(UNIX.length(), "this is no path: " + e.getReason());
        }
    }

    // ---- settings

    private Endpoint withSettings(Endpoint endpoint) {
        Endpoint result = endpoint;
        int at = settingsAt;
        while (at <= text.length()) {
            int end = text.indexOf('&', at);
            if (end < 0) {
                end = text.length();
            }
            int equals = text.indexOf('=', at);
            if (equals < 0 || equals >= end) {
                throw wrong(at, "a setting is written as NAME=VALUE");
            }
            String name = text.substring(at, equals);
            if (!seen.add(name)) {
                throw wrong(at, LogText.of(name) + " is given twice");
            }
            result = withSetting(result, name, at, equals + 1, end);
            at = end + 1;
        }
        return result;
    }

    private Endpoint withSetting(Endpoint endpoint, String name, int at, int from, int to) {
        TcpOptions options = endpoint.options();
        return switch (name) {
            case "backlog" -> endpoint.withBacklog(number(from, to, name, Integer.MAX_VALUE));
            case "connections" -> endpoint.withConnections(number(from, to, name, Integer.MAX_VALUE));
            case "permissions" -> withPermissions(endpoint, from, to);
            case "noDelay" -> endpoint.withOptions(options.withNoDelay(truth(from, to)));
            case "proxyProtocol" -> withProxyProtocol(endpoint, from, to);
            case "keepAlive" -> endpoint.withOptions(options.withKeepAlive(keepAlive(from, to)));
            case "receiveBuffer" ->
                endpoint.withOptions(options.withReceiveBuffer(number(from, to, name, Integer.MAX_VALUE)));
            case "sendBuffer" ->
                endpoint.withOptions(options.withSendBuffer(number(from, to, name, Integer.MAX_VALUE)));
            case "trafficClass" -> endpoint.withOptions(options.withTrafficClass(number(from, to, name, 255)));
            case "resetOnClose" -> endpoint.withOptions(options.withResetOnClose(truth(from, to)));
            default ->
                throw wrong(
                        at,
                        "there is no setting of that name; there are backlog, connections, permissions, proxyProtocol, noDelay, keepAlive,"
                                + " receiveBuffer, sendBuffer, trafficClass and resetOnClose");
        };
    }

    private Endpoint withPermissions(Endpoint endpoint, int from, int to) {
        try {
            return endpoint.withPermissions(PosixFilePermissions.fromString(text.substring(from, to)));
        } catch (IllegalArgumentException e) {
            throw wrong(from, "permissions are written as rw-rw----");
        }
    }

    private boolean truth(int from, int to) {
        return switch (text.substring(from, to)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(from, "this is neither true nor false");
        };
    }

    private Endpoint withProxyProtocol(Endpoint endpoint, int from, int to) {
        try {
            return endpoint.withProxyProtocol(
                    ProxyProtocol.requiredFrom(text.substring(from, to).split(",", -1)));
        } catch (IllegalArgumentException e) {
            throw wrong(from, e.getMessage());
        }
    }

    private KeepAlive keepAlive(int from, int to) {
        String value = text.substring(from, to);
        if (value.equals("on") || value.equals("off")) {
            return value.equals("on") ? KeepAlive.ON : KeepAlive.OFF;
        }
        int first = text.indexOf(',', from);
        int second = first < 0 ? -1 : text.indexOf(',', first + 1);
        if (second < 0 || second >= to) {
            throw wrong(from, "this is neither on, nor off, nor IDLE,INTERVAL,PROBES");
        }
        return KeepAlive.of(
                Duration.ofSeconds(number(from, first, "idle seconds", 32_767)),
                Duration.ofSeconds(number(first + 1, second, "the seconds between probes", 32_767)),
                number(second + 1, to, "the number of probes", 127));
    }

    // ---- the way back

    static String of(Endpoint endpoint) {
        StringBuilder text = new StringBuilder();
        if (endpoint.isInherited()) {
            text.append(INHERITED);
        } else if (endpoint.address() instanceof UnixDomainSocketAddress unix) {
            text.append(UNIX).append(PercentCode.encode(unix.getPath().toString()));
        } else {
            text.append(endpoint.isTcp() ? TCP : "").append(endpoint.where());
        }
        int address = text.length();
        Endpoint usual = endpoint.isInherited() ? Endpoint.inherited() : Endpoint.of(endpoint.address());
        if (endpoint.backlog() != usual.backlog()) {
            text.append("&backlog=").append(endpoint.backlog());
        }
        if (endpoint.connections() != usual.connections()) {
            text.append("&connections=").append(endpoint.connections());
        }
        if (endpoint.proxyProtocol() != null) {
            text.append("&proxyProtocol=").append(endpoint.proxyProtocol().networks());
        }
        if (endpoint.permissions() != null) {
            text.append("&permissions=").append(PosixFilePermissions.toString(endpoint.permissions()));
        }
        append(text, endpoint.options());
        if (text.length() > address) {
            text.setCharAt(address, '?');
        }
        return text.toString();
    }

    private static void append(StringBuilder text, TcpOptions options) {
        TcpOptions usual = TcpOptions.defaults();
        if (options.noDelay() != usual.noDelay()) {
            text.append("&noDelay=").append(options.noDelay());
        }
        if (!options.keepAlive().equals(usual.keepAlive())) {
            text.append("&keepAlive=").append(text(options.keepAlive()));
        }
        if (options.receiveBuffer() != usual.receiveBuffer()) {
            text.append("&receiveBuffer=").append(options.receiveBuffer());
        }
        if (options.sendBuffer() != usual.sendBuffer()) {
            text.append("&sendBuffer=").append(options.sendBuffer());
        }
        if (options.trafficClass() != usual.trafficClass()) {
            text.append("&trafficClass=").append(options.trafficClass());
        }
        if (options.resetOnClose() != usual.resetOnClose()) {
            text.append("&resetOnClose=").append(options.resetOnClose());
        }
    }

    private static String text(KeepAlive keepAlive) {
        if (keepAlive.equals(KeepAlive.ON)) {
            return "on";
        }
        return keepAlive.idle().getSeconds() + "," + keepAlive.interval().getSeconds() + "," + keepAlive.probes();
    }
}
