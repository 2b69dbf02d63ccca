// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

/**
 * Bytes that can never become a frame. It says what is wrong, at which offset, and which limit was passed. It carries
 * no stack trace: what a peer sends must not cost more than it has to.
 */
public final class FrameException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What is wrong with the bytes. */
    public enum Kind {
        /** The frame is, or says that it is, longer than the limit. */
        TOO_LONG,
        /** The bytes break the format. */
        MALFORMED,
        /** The stream ended inside a frame. */
        TRUNCATED
    }

    private final Kind kind;
    private final long offset;
    private final long limit;
    private final String what;
    private final int code;
    private final transient Object about;

    private FrameException(Kind kind, long offset, long limit, String what, String message, int code) {
        this(kind, offset, limit, what, message, code, null);
    }

    private FrameException(Kind kind, long offset, long limit, String what, String message, int code, Object about) {
        super(message, null, false, false);
        this.about = about;
        this.code = code;
        this.kind = kind;
        this.offset = offset;
        this.limit = limit;
        this.what = what;
    }

    /**
     * The frame is longer than allowed.
     *
     * @param length what the frame has, or says that it has, in bytes; as unsigned where it doesn't fit
     * @param limit the limit it passed, in bytes
     */
    public static FrameException tooLong(long length, long limit) {
        return new FrameException(Kind.TOO_LONG, limit, limit, "frame too long", figures(length, limit), 0);
    }

    /**
     * The frame is longer than allowed, in the words of its protocol.
     *
     * @param length what the frame has, or says that it has, in bytes; as unsigned where it doesn't fit
     * @param limit the limit it passed, in bytes
     * @param what what {@link #what} returns; never the peer's raw bytes
     */
    public static FrameException tooLong(long length, long limit, String what) {
        return new FrameException(Kind.TOO_LONG, limit, limit, what, what + ": " + figures(length, limit), 0);
    }

    /**
     * Something of the frame, or their number, is above a limit, in a protocol that has numbers for errors.
     *
     * @param limit the limit that was passed, in whatever it counts
     * @param what what {@link #what} returns; never the peer's raw bytes
     * @param code what {@link #code} returns
     */
    public static FrameException above(long limit, String what, int code) {
        return new FrameException(Kind.TOO_LONG, limit, limit, what, what + ", the limit is " + limit, code);
    }

    /**
     * The bytes break the format.
     *
     * @param offset bytes between the start of the frame and the offending byte
     * @param what what was found and what was expected; never the peer's raw bytes
     */
    public static FrameException malformed(long offset, String what) {
        return malformed(offset, what, 0);
    }

    /**
     * The bytes break the format, in a protocol that has numbers for errors.
     *
     * @param offset bytes between the start of the frame and the offending byte
     * @param what what was found and what was expected; never the peer's raw bytes
     * @param code what {@link #code} returns
     */
    public static FrameException malformed(long offset, String what, int code) {
        String message = what + " at offset " + offset + " of the frame";
        return new FrameException(Kind.MALFORMED, offset, -1, what, message, code);
    }

    /**
     * The stream ended inside a frame.
     *
     * @param offset bytes of the unfinished frame that had arrived and were not consumed
     */
    public static FrameException truncated(long offset) {
        String what = "stream ended inside a frame";
        return new FrameException(Kind.TRUNCATED, offset, -1, what, what + ", after " + offset + " bytes of it", 0);
    }

    /**
     * The same, with what its framer knows of the frame, for the protocol that made the framer.
     *
     * @param frame what {@link #about()} returns; it must not be a view of bytes that the framer was given
     */
    public FrameException about(Object frame) {
        return new FrameException(kind, offset, limit, what, getMessage(), code, frame);
    }

    private static String figures(long length, long limit) {
        return "frame of " + Long.toUnsignedString(length) + " bytes or more, the limit is " + limit;
    }

    /** What is wrong. */
    public Kind kind() {
        return kind;
    }

    /** What is wrong, in a few words without offset and figures, as a protocol may tell its peer. */
    public String what() {
        return what;
    }

    /** The number that the protocol has for this error, such as HTTP's 431; 0 if it has none. */
    public int code() {
        return code;
    }

    /** What its framer knows of the frame, null if nothing. It may hold what the peer sent. */
    public Object about() {
        return about;
    }

    /** Bytes between the start of the frame and the place where it went wrong. */
    public long offset() {
        return offset;
    }

    /** The limit that was passed, in bytes; -1 unless the kind is {@link Kind#TOO_LONG}. */
    public long limit() {
        return limit;
    }
}
