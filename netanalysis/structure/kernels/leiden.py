"""Leiden and Louvain on a matrix, for any modularity-like quality (Traag, Waltman & van Eck 2019,
doi:10.1038/s41598-019-41695-z).

Quality in the form of :mod:`.quality_form`: undirected, directed and signed networks differ in
their B only. Large sparse networks go through :mod:`.leiden_sparse`.
"""

import numpy as np

from netanalysis._kernels.compiling import inlined, kernel
from netanalysis._kernels.random import new_state, uniform
from netanalysis.structure.kernels.labels import NODE, compact, grouped, number_by_size, shuffled
from netanalysis.structure.kernels.node_moves import TINY, aggregate, move_nodes, sum_rows
from netanalysis.structure.kernels.quality_form import matrix_form

THETA = 0.3  # randomness of the refinement, in mean weights of a connection; results hardly differ from .1 to 3


@inlined
def _refine(b, label, k, worth, theta, order, state, part):
    """Split every community into well-connected parts by merging single nodes, into `part`."""
    members, start = grouped(label, k, order)
    n = len(label)
    part_of = np.empty(n, NODE)  # by place among the members, as all that follows
    single = np.empty(n, np.bool_)
    bond = np.empty(n, np.float64)  # worth to the rest of the community; not negative: well connected, may merge
    gain = np.empty(n, np.float64)
    chance = np.empty(n, np.float64)
    scale = 0.125 / theta if theta > 0.0 else 0.0
    for c in range(k):
        first, last = start[c], start[c + 1]
        for x in range(first, last):
            part_of[x] = x
            single[x] = True
            bond[x] = worth[c, members[x]]
        for x in range(first, last):
            if not single[x] or bond[x] < 0.0:
                continue
            i = members[x]
            for y in range(first, last):
                gain[y] = 0.0
            for y in range(first, last):
                gain[part_of[y]] += b[i, members[y]]
            # Chances go with (1 + gain / (8 theta))^8, nearly exp(gain / theta) and without a branch; alone gains 0.
            most = 0.0
            for y in range(first, last):
                gain[y] = gain[y] if bond[y] >= 0.0 else -1.0
                most = max(most, gain[y])
            for y in range(first, last):
                z = 1.0 + (gain[y] - most) * scale
                z = z if (z > 0.0) & (gain[y] >= 0.0) else 0.0
                z *= z
                z *= z
                chance[y] = z * z
            total = 0.0
            for y in range(first, last):
                total += chance[y]
            left = total * uniform(state)
            target = x
            for y in range(first, last):
                left -= chance[y]
                if left < 0.0:
                    target = y
                    break
            if target != x:
                part_of[x] = target
                single[target] = False
                bond[target] += bond[x] - 2.0 * gain[target]
                bond[x] = -1.0
    for x in range(n):
        part[members[x]] = part_of[x]


@inlined
def merge(b, n, worth, group, state):
    """Louvain on the first n nodes of `b`, from single nodes: communities into `group`, and return their number.

    `b` and `worth` are used up.
    """
    for i in range(n):
        group[i] = i
    label = group.copy()
    size = n
    while True:
        sum_rows(b, n, n, label, n, worth)
        move_nodes(b, n, shuffled(n, state), label, n, worth)
        k = compact(label, n)
        for i in range(size):
            group[i] = label[group[i]]
        if k == n:
            return k
        sum_rows(b, n, n, label, k, worth)
        aggregate(worth, k, n, label, b)
        n = k
        for c in range(n):
            label[c] = c


@inlined
def _split_components(w, label, k):
    """Make every connected piece of a community one of its own, in place."""
    n = len(label)
    members, start = grouped(label, k, shuffled(n, new_state(0)))
    for c in range(k):
        first, last = start[c], start[c + 1]
        x = first
        reached = first + 1  # the members before this place are connected to the first
        while x < last:
            if x == reached:
                for y in range(x, last):
                    label[members[y]] = k
                k += 1
                reached += 1
            i = members[x]
            x += 1
            for y in range(reached, last):
                j = members[y]
                if w[i, j] != 0.0 or w[j, i] != 0.0:
                    members[y] = members[reached]
                    members[reached] = j
                    reached += 1


@kernel
def optimize(start, stop, w, resolution, refined, iterations, seeds, labels, q):
    """Runs start to stop, those of the first network coming first, into `labels` and `q`, NaN without weights.

    An iteration splits the communities into parts, merges these anew, and moves nodes until none gains. `refined` is
    Leiden: it starts from random groups, which takes less time than from single nodes and ends as well; parts are
    random and well connected. After an iteration that gained nothing, nodes move between the parts of the next, which
    frees communities that merged too early; when that gains nothing either, or after `iterations` and the first, the
    run is over, and communities are made connected, never a loss where no weight is negative. Otherwise Louvain: from
    single nodes, one iteration, in which communities stay whole.
    """
    n, runs = w.shape[1], q.shape[1]
    b, worth, worth_of_parts = np.empty((n, n), np.float64), np.empty((n, n), np.float64), np.empty((n, n), np.float64)
    label, best_label, group = np.empty(n, NODE), np.empty(n, NODE), np.empty(n, NODE)
    alone, mean_weight, positive = 0.0, 0.0, True
    for task in range(start, stop):
        g, r = task // runs, task % runs
        if task == start or r == 0:
            alone, mean_weight, positive = matrix_form(w[g], resolution, b)
        theta = THETA * mean_weight
        state = new_state(seeds[g, r])
        order = shuffled(n, state)
        k = int(np.ceil(np.sqrt(n))) if refined else n
        for x in range(n):
            label[order[x]] = x % k
        sum_rows(b, n, n, label, k, worth)
        k = move_nodes(b, n, order, label, k, worth)
        best = -np.inf
        failed = 0
        part = label.copy()
        for _ in range(iterations + 1 if refined else 1):
            order = shuffled(n, state)
            if refined:
                _refine(b, label, k, worth, theta, order, state, part)
            n_parts = compact(part, n)
            sum_rows(b, n, n, part, n_parts, worth_of_parts)
            if failed == 1:
                move_nodes(b, n, order, part, n_parts, worth_of_parts)
                n_parts = compact(part, n)
                sum_rows(b, n, n, part, n_parts, worth_of_parts)
            coarse = np.empty((n_parts, n_parts), np.float64)
            aggregate(worth_of_parts, n_parts, n, part, coarse)
            k = merge(coarse, n_parts, np.empty((n_parts, n_parts), np.float64), group, state)
            sum_rows(worth_of_parts, n_parts, n, group, k, worth)
            for i in range(n):
                label[i] = group[part[i]]
            k = move_nodes(b, n, order, label, k, worth)
            found = 0.0
            for i in range(n):
                found += worth[label[i], i]
            failed = 0 if found > best + TINY else failed + 1
            if failed == 2:
                break
            if failed == 0:
                best = found
                for i in range(n):
                    best_label[i] = label[i]
        if refined and positive:
            _split_components(w[g], best_label, compact(best_label, n))
        number_by_size(best_label, labels[g, r])
        sum_rows(b, n, n, best_label, compact(best_label, n), worth)
        found = alone
        for i in range(n):
            found += worth[best_label[i], i]
        q[g, r] = found if mean_weight != 0.0 else np.nan
