// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import java.util.Arrays;

/** SET with its options, and the older commands that are SET with one of them. */
final class SetCommand {

    private SetCommand() {}

    static void set(Call call) {
        if (call.count() == 3) { // without options, as nearly always
            put(call, 1, 2, Entry.NEVER);
            call.ok();
            return;
        }
        Options options = new Options();
        if (!options.read(call)) {
            call.error(Call.SYNTAX_ERROR);
            return;
        }
        long expiresAt = options.timeAt == 0
                ? Entry.NEVER
                : Times.expiresAt(call, options.timeAt, options.unitMillis, options.absolute, true, "set");
        if (expiresAt != Times.REFUSED) {
            set(call, options, expiresAt);
        }
    }

    private static void set(Call call, Options options, long expiresAt) {
        Entry entry = call.store.find(call.request, 1);
        boolean allowed = !(options.onlyNew && entry != null) && !(options.onlyOld && entry == null);
        byte[] old = options.get && entry != null ? Arrays.copyOf(entry.value, entry.length) : null;
        if (allowed) {
            put(call, 1, 2, options.keepTime && entry != null ? entry.expiresAtMillis : expiresAt);
        }
        if (old != null) {
            call.bulk(old, old.length);
        } else if (options.get || !allowed) {
            call.nothing();
        } else {
            call.ok();
        }
    }

    static void setnx(Call call) {
        boolean isNew = call.store.find(call.request, 1) == null;
        if (isNew) {
            put(call, 1, 2, Entry.NEVER);
        }
        call.integer(isNew ? 1 : 0);
    }

    static void setex(Call call) {
        setWithTime(call, 1000, "setex");
    }

    static void psetex(Call call) {
        setWithTime(call, 1, "psetex");
    }

    private static void setWithTime(Call call, int unitMillis, String name) {
        long expiresAt = Times.expiresAt(call, 2, unitMillis, false, true, name);
        if (expiresAt != Times.REFUSED) {
            put(call, 1, 3, expiresAt);
            call.ok();
        }
    }

    static void getset(Call call) {
        Entry entry = call.store.find(call.request, 1);
        byte[] old = entry == null ? null : Arrays.copyOf(entry.value, entry.length);
        put(call, 1, 2, Entry.NEVER);
        if (old == null) {
            call.nothing();
        } else {
            call.bulk(old, old.length);
        }
    }

    /** Sets a key, whatever was there. */
    static void put(Call call, int key, int value, long expiresAt) {
        Store store = call.store;
        Entry entry = store.findOrAdd(call.request, key);
        int before = entry.value.length;
        entry.set(call.request, value);
        store.changed(entry.value.length - before);
        store.expires(entry, expiresAt);
    }

    /** What may follow key and value. */
    private static final class Options {
        boolean onlyNew;
        boolean onlyOld;
        boolean get;
        boolean keepTime;
        boolean absolute;
        int unitMillis;
        int timeAt; // index of the argument, 0 if there is none

        /** Returns false if they make no sense. */
        boolean read(Call call) {
            for (int i = 3; i < call.count(); i++) {
                boolean last = i + 1 == call.count();
                if (call.is(i, "nx") && !onlyOld) {
                    onlyNew = true;
                } else if (call.is(i, "xx") && !onlyNew) {
                    onlyOld = true;
                } else if (call.is(i, "get")) {
                    get = true;
                } else if (call.is(i, "keepttl") && timeAt == 0) {
                    keepTime = true;
                } else if (!last && isTime(call, i) && timeAt == 0 && !keepTime) {
                    timeAt = ++i;
                } else {
                    return false;
                }
            }
            return true;
        }

        private boolean isTime(Call call, int i) {
            boolean seconds = call.is(i, "ex") || call.is(i, "exat");
            boolean millis = call.is(i, "px") || call.is(i, "pxat");
            unitMillis = seconds ? 1000 : 1;
            absolute = call.is(i, "exat") || call.is(i, "pxat");
            return seconds || millis;
        }
    }
}
