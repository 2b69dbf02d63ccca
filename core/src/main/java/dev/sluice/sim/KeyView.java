// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.nio.channels.SelectionKey;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;

/** A selector's keys as its user sees them: nothing can be added, and only selected keys can be removed. */
final class KeyView extends AbstractSet<SelectionKey> {
    private final Collection<? extends SelectionKey> keys;
    private final boolean removable;

    KeyView(Collection<? extends SelectionKey> keys, boolean removable) {
        this.keys = keys;
        this.removable = removable;
    }

    @Override
    public Iterator<SelectionKey> iterator() {
        Iterator<? extends SelectionKey> all = keys.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public SelectionKey next() {
                return all.next();
            }

            @Override
            public void remove() {
                if (!removable) {
                    throw new UnsupportedOperationException();
                }
                all.remove();
            }
        };
    }

    @Override
    public boolean remove(Object key) {
        if (!removable) {
            throw new UnsupportedOperationException();
        }
        return keys.remove(key);
    }

    @Override
    public void clear() {
        if (!removable) {
            throw new UnsupportedOperationException();
        }
        keys.clear();
    }

    @Override
    public boolean contains(Object key) {
        return keys.contains(key);
    }

    @Override
    public int size() {
        return keys.size();
    }
}
