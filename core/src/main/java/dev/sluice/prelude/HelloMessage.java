// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ClientHello.Ech;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The message ClientHello, complete and in one piece: RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2. Offsets in its
 * refusals are those in the message.
 */
final class HelloMessage {
    /** Type and length of a handshake message. */
    static final int HEADER_BYTES = 4;

    private static final int RANDOM_BYTES = 32;

    /** Behind the header, at least: a version, a random number, no session, one cipher suite, one compression method. */
    static final int LEAST_BODY_BYTES = 2 + RANDOM_BYTES + 1 + 4 + 2;

    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int ENCRYPTED_CLIENT_HELLO = 0xFE0D;
    private static final int HOST_NAME = 0;

    private final List<String> protocols = new ArrayList<>();
    private final List<Integer> versions = new ArrayList<>();
    private String serverName;
    private Ech ech = Ech.NONE;

    private HelloMessage() {}

    /**
     * Reads a message.
     *
     * @param in the message from index 0 to the limit, its header included
     * @param bytes what {@link ClientHello#bytes} is to say
     */
    static ClientHello read(ByteBuffer in, int bytes) throws FrameException {
        HelloMessage message = new HelloMessage();
        message.body(new TlsCursor(in, HEADER_BYTES, in.limit()));
        return new ClientHello(message.serverName, message.protocols, message.versions, message.ech, bytes);
    }

    private void body(TlsCursor body) throws FrameException {
        int version = body.u16("the version");
        if (version >> 8 != 3) {
            throw FrameException.malformed(HEADER_BYTES, "a version of no TLS", TlsAlert.PROTOCOL_VERSION);
        }
        body.skip(RANDOM_BYTES, "the random number");
        body.vector8(0, 32, "the session");
        requireEven(body.vector16(2, "the cipher suites"), "the cipher suites");
        body.vector8(1, 255, "the compression methods");
        if (body.remaining() > 0) { // before TLS 1.3 there may be none
            extensions(body.vector16(0, "the extensions"));
            body.finish("the extensions");
        }
        if (versions.isEmpty()) {
            versions.add(Math.min(version, ClientHello.TLS_1_2)); // RFC 8446, section 4.2.1
        }
    }

    private void extensions(TlsCursor extensions) throws FrameException {
        BitSet types = new BitSet();
        while (extensions.remaining() > 0) {
            int at = extensions.at();
            int type = extensions.u16("an extension");
            TlsCursor extension = extensions.vector16(0, "an extension");
            if (types.get(type)) { // RFC 8446, section 4.2
                throw FrameException.malformed(at, "an extension is repeated", TlsAlert.ILLEGAL_PARAMETER);
            }
            types.set(type);
            switch (type) {
                case SERVER_NAME -> serverNames(extension);
                case ALPN -> protocols(extension);
                case SUPPORTED_VERSIONS -> versions(extension);
                case ENCRYPTED_CLIENT_HELLO -> encryptedHello(extension);
                default -> {
                    continue;
                }
            }
            extension.finish("what an extension holds");
        }
    }

    /** RFC 6066, section 3: one name of each type; there is only one type. */
    private void serverNames(TlsCursor extension) throws FrameException {
        TlsCursor names = extension.vector16(1, "the list of server names");
        BitSet types = new BitSet();
        while (names.remaining() > 0) {
            int at = names.at();
            int type = names.u8("a server name");
            TlsCursor name = names.vector16(1, "a server name");
            if (types.get(type)) {
                throw FrameException.malformed(at, "two server names of one type", TlsAlert.ILLEGAL_PARAMETER);
            }
            types.set(type);
            if (type == HOST_NAME) {
                serverName = ServerName.of(name);
                if (serverName == null && !ServerName.isAddress(name)) {
                    throw FrameException.malformed(
                            name.at(), "a server name that is no host name", TlsAlert.ILLEGAL_PARAMETER);
                }
            }
        }
    }

    /** RFC 7301, section 3.1. */
    private void protocols(TlsCursor extension) throws FrameException {
        TlsCursor list = extension.vector16(2, "the list of protocols");
        while (list.remaining() > 0) {
            TlsCursor name = list.vector8(1, 255, "a protocol");
            boolean isGrease = name.remaining() == 2 && isGrease(name.peek(0) << 8 | name.peek(1));
            if (!isGrease) {
                StringBuilder text = new StringBuilder(name.remaining());
                for (int i = 0; i < name.remaining(); i++) {
                    text.append((char) name.peek(i));
                }
                protocols.add(text.toString());
            }
        }
    }

    /** RFC 8446, section 4.2.1. */
    private void versions(TlsCursor extension) throws FrameException {
        TlsCursor list = extension.vector8(2, 254, "the list of versions");
        requireEven(list, "the list of versions");
        while (list.remaining() > 0) {
            int version = list.u16("a version");
            if (!isGrease(version)) {
                versions.add(version);
            }
        }
    }

    /** RFC 9849, section 5. */
    private void encryptedHello(TlsCursor extension) throws FrameException {
        int at = extension.at();
        switch (extension.u8("the encrypted ClientHello")) {
            case 0 -> {
                ech = Ech.OUTER;
                extension.skip(4 + 1, "the encrypted ClientHello"); // the cipher suite and the key's number
                extension.vector16(0, "the encapsulated key");
                extension.vector16(1, "the encrypted ClientHello");
            }
            case 1 -> ech = Ech.INNER;
            default ->
                throw FrameException.malformed(
                        at, "an encrypted ClientHello of no known type", TlsAlert.ILLEGAL_PARAMETER);
        }
    }

    private static void requireEven(TlsCursor list, String what) throws FrameException {
        if (list.remaining() % 2 != 0) {
            throw FrameException.malformed(list.at(), what + " of an odd length", TlsAlert.DECODE_ERROR);
        }
    }

    /** RFC 8701, section 2: 0x0A0A, 0x1A1A and so on, which keep servers from getting used to what they know. */
    private static boolean isGrease(int value) {
        return (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF);
    }
}
