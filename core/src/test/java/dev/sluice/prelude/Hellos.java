// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

/** ClientHellos for tests elsewhere. */
public final class Hellos {
    private Hellos() {}

    /** As browsers send it: more than 2 KiB, with GREASE and an encrypted hello. */
    public static byte[] browsers(String name) {
        return HelloBytes.browsers(name);
    }

    /** A short one. */
    public static byte[] small(String name) {
        return HelloBytes.hello(HelloBytes.body(HelloBytes.serverName(name), HelloBytes.versions(0x0304)));
    }

    /** The JDK's. */
    public static byte[] jdk(String version, String name, String... protocols) throws Exception {
        return RealHellosTest.jdk(version, name, protocols);
    }

    /** The content of a record, in records of so many bytes. */
    public static byte[] inRecordsOf(int bytes, byte[] record) {
        return HelloBytes.inRecordsOf(bytes, record);
    }
}
