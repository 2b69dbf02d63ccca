// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/** Draws two different ones by weight; of equals the first, so that the weights hold for those that are idle too. */
final class TwoRandomChoices implements Choice {
    private final Dice dice;

    TwoRandomChoices(Dice dice) {
        this.dice = dice;
    }

    @Override
    public int choose(View view, long key, Lease tried, long now) {
        if (view.used == 0) {
            return NONE;
        }
        int a = View.indexOf(view.ends, dice.below(view.totalWeight()));
        int b = view.used > 1 ? another(view, a) : a;
        boolean mayA = view.mayPick(a, tried, now);
        boolean mayB = b != a && view.mayPick(b, tried, now);
        if (mayA && mayB) {
            return hasFewer(view, b, a) ? b : a;
        }
        return mayA ? a : mayB ? b : amongAll(view, tried, now);
    }

    /** One that isn't {@code a}, as if that had no weight. */
    private int another(View view, int a) {
        int value = dice.below(view.totalWeight() - view.weights[a]);
        int startOfA = view.ends[a] - view.weights[a];
        return View.indexOf(view.ends, value < startOfA ? value : value + view.weights[a]);
    }

    private static boolean hasFewer(View view, int b, int a) {
        Member[] members = view.roster.members;
        return Choice.compare(members[b].active.get(), view.weights[b], members[a].active.get(), view.weights[a]) < 0;
    }

    /** Neither of two will do: one of all that will, by weight. */
    private int amongAll(View view, Lease tried, long now) {
        int chosen = NONE;
        int sum = 0;
        for (int i = 0; i < view.size(); i++) {
            if (view.mayPick(i, tried, now)) {
                sum += view.weights[i];
                if (dice.below(sum) < view.weights[i]) {
                    chosen = i;
                }
            }
        }
        return chosen;
    }
}
