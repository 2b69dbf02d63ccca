// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ProxyHeader.Transport;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What was written is read again, however it is split; what is changed on the way is read or refused, and no more. */
class ProxyProperties {
    private static final int MAX = 1 << 20;

    @Property(tries = 1000)
    void headersComeBack(@ForAll("headers") ProxyHeader header, @ForAll Random random) throws FrameException {
        byte[] stream = ProxyBytes.encoded(header);
        ProxyHeaderFramer framer = new ProxyHeaderFramer(MAX);
        int shown = 0;
        ProxyHeader back = null;
        while (back == null) {
            shown += 1 + random.nextInt(Math.min(stream.length - shown, 40));
            ByteBuffer in = ByteBuffer.wrap(stream, 0, shown);
            back = framer.next(in);
            assertEquals(back == null ? 0 : stream.length, in.position());
        }
        assertEquals(header, back);
        assertEquals(header.hashCode(), back.hashCode());
        assertEquals(ByteBuffer.wrap(stream), ByteBuffer.wrap(ProxyBytes.encoded(back)));
    }

    @Property(tries = 300)
    void noBeginningOfAHeaderIsOne(@ForAll("headers") ProxyHeader header, @ForAll Random random) throws FrameException {
        byte[] stream = ProxyBytes.encoded(header);
        int cut = 1 + random.nextInt(stream.length - 1);
        assertNull(new ProxyHeaderFramer(MAX).next(ByteBuffer.wrap(stream, 0, cut)));
    }

    @Property(tries = 3000)
    void changedHeadersAreReadOrRefusedTheSameAtEverySplit(
            @ForAll("headers") ProxyHeader header, @ForAll Random random) {
        byte[] stream = ProxyBytes.encoded(header);
        for (int i = random.nextInt(4); i >= 0; i--) {
            stream[random.nextInt(stream.length)] = (byte) (random.nextBoolean() ? random.nextInt() : '0');
        }
        ProxyHeaderFramer framer = new ProxyHeaderFramer(MAX);
        assertEquals(outcome(new ProxyHeaderFramer(MAX), stream, stream.length), outcome(framer, stream, 1));
    }

    private static String outcome(ProxyHeaderFramer framer, byte[] stream, int step) {
        try {
            for (int shown = step; shown <= stream.length; shown += step) {
                ByteBuffer in = ByteBuffer.wrap(stream, 0, shown);
                ProxyHeader header = framer.next(in);
                if (header != null) {
                    return in.position() + " " + header;
                }
            }
            return "more";
        } catch (FrameException e) {
            return e.getMessage();
        }
    }

    @Property(tries = 2000)
    void ipv6ComesBack(@ForAll("ipv6") byte[] address) {
        ByteBuffer text = ByteBuffer.wrap(ProxyBytes.ascii(IpText.text(address)));
        assertEquals(ByteBuffer.wrap(address), ByteBuffer.wrap(IpText.ipv6(text, 0, text.limit())));
    }

    @Provide
    Arbitrary<byte[]> ipv6() { // many zeros, so that there are gaps
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(2, Arbitraries.just((byte) 0)),
                        net.jqwik.api.Tuple.of(1, Arbitraries.bytes()))
                .array(byte[].class)
                .ofSize(16);
    }

    private static Arbitrary<SocketAddress> inet() {
        Arbitrary<byte[]> addresses =
                Arbitraries.oneOf(Arbitraries.bytes().array(byte[].class).ofSize(4), new ProxyProperties().ipv6());
        return Combinators.combine(addresses, Arbitraries.integers().between(0, 65535))
                .as((address, port) -> ProxyHeader.inet(address, port));
    }

    private static Arbitrary<SocketAddress> unix() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .ofMaxLength(107)
                .map(name -> UnixDomainSocketAddress.of(name.isEmpty() ? "" : "/" + name));
    }

    private static Arbitrary<ProxyTlv> custom() {
        return Combinators.combine(
                        Arbitraries.integers().between(0xE0, 0xFF),
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(300))
                .as((type, value) -> new ProxyTlv(type, ByteBuffer.wrap(value)));
    }

    private static Arbitrary<ProxySsl> ssl() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 255),
                        Arbitraries.integers(),
                        Arbitraries.strings().ascii().ofMaxLength(10),
                        Arbitraries.strings().withCharRange('\u00e0', '\u4000').ofMaxLength(10))
                .as((client, verify, version, name) -> new ProxySsl(client, verify, List.of())
                        .with(ProxyTlv.SSL_VERSION, version)
                        .with(ProxyTlv.SSL_CN, name));
    }

    @Provide
    Arbitrary<ProxyHeader> headers() {
        Arbitrary<ProxyHeader> v1 =
                Combinators.combine(inet(), inet()).as((from, to) -> ProxyHeader.of(ProxyVersion.V1, from, to));
        Arbitrary<Transport> transports = Arbitraries.of(Transport.STREAM, Transport.DGRAM);
        Arbitrary<ProxyHeader> v2 = Arbitraries.oneOf(
                Combinators.combine(transports, inet(), inet())
                        .as((transport, from, to) -> ProxyHeader.of(ProxyVersion.V2, transport, from, to)),
                Combinators.combine(transports, unix(), unix())
                        .as((transport, from, to) -> ProxyHeader.of(ProxyVersion.V2, transport, from, to)));
        Arbitrary<ProxyHeader> withTlvs = Combinators.combine(
                        v2,
                        custom().list().ofMaxSize(5),
                        ssl().injectNull(0.5),
                        Arbitraries.strings().ascii().ofMaxLength(20).injectNull(0.5),
                        Arbitraries.of(true, false))
                .as((header, custom, ssl, text, checked) -> {
                    ProxyHeader with = header;
                    for (ProxyTlv tlv : custom) {
                        with = with.with(tlv);
                    }
                    with = ssl == null ? with : with.withSsl(ssl);
                    with = text == null
                            ? with
                            : with.withAlpn(text).withAuthority(text + "\u00fc").withNetns(text);
                    return checked ? with.withChecksum() : with;
                });
        Arbitrary<ProxyHeader> without = Arbitraries.of(
                ProxyHeader.local(), ProxyHeader.unknown(ProxyVersion.V1), ProxyHeader.unknown(ProxyVersion.V2));
        return Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(3, v1), net.jqwik.api.Tuple.of(5, withTlvs), net.jqwik.api.Tuple.of(1, without));
    }
}
