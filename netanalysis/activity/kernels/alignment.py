"""Every alignment measure for a block of relabellings in one pass over the units."""

import numpy as np

from netanalysis._kernels.compiling import kernel
from netanalysis._kernels.random import below, new_state


@kernel
def shuffle_within(start, stop, seeds, members, bounds, out):
    """Rows `start:stop` of `out`: permutations that move units only inside their group.

    ``members[bounds[g]:bounds[g + 1]]`` are the units of group g; ``out[r, u]`` is whose label u receives.
    """
    for r in range(start, stop):
        state = new_state(seeds[r])
        for g in range(len(bounds) - 1):
            a, b = bounds[g], bounds[g + 1]
            for k in range(a, b):
                out[r, members[k]] = members[k]
            for k in range(b - a - 1, 0, -1):
                j = below(state, k + 1)
                u, v = members[a + k], members[a + j]
                out[r, u], out[r, v] = out[r, v], out[r, u]


@kernel
def place(start, stop, orders, labels, n_labels, positions, distance, order, near, near_ptr, moore, moore_ptr, out):
    """Measures of where the labels lie, one row of `out` per relabelling ``labels[orders[r]]``.

    Columns: isolated (neighbours), isolated (order), index variance, join count, Moran's I,
    pair distance within over all, within-cluster sum of squares per unit.
    """
    n, dims = positions.shape
    size = np.zeros(n_labels, np.float64)
    for u in range(n):
        size[labels[u]] += 1
    all_pairs = 0.0
    for u in range(n):
        for v in range(u):
            all_pairs += distance[u, v]
    all_mean = all_pairs / (n * (n - 1) / 2)
    lab = np.empty(n, np.int64)
    rank = np.empty(n, np.int64)
    for k in range(n):
        rank[order[k]] = k
    first = np.empty(n_labels + 1, np.int64)
    first[0] = 0
    for c in range(n_labels):
        first[c + 1] = first[c] + np.int64(size[c])
    fill = np.empty(n_labels, np.int64)
    by_label = np.empty(n, np.int64)
    centre = np.empty((n_labels, dims), np.float64)
    s1 = np.empty(n_labels, np.float64)
    s2 = np.empty(n_labels, np.float64)
    joins = np.empty(n_labels, np.float64)
    degree = np.empty(n_labels, np.float64)
    for r in range(start, stop):
        for u in range(n):
            lab[u] = labels[orders[r, u]]
        # neighbours: isolated units and like pairs
        alone, like = 0, 0
        for u in range(n):
            same = 0
            for e in range(near_ptr[u], near_ptr[u + 1]):
                same += lab[near[e]] == lab[u]
            like += same
            alone += same == 0
        out[r, 0] = alone / n
        out[r, 3] = like / len(near) if len(near) > 0 else np.nan
        # the order of the units on a line
        alone = 0
        s1[:] = 0.0
        s2[:] = 0.0
        for k in range(n):
            c = lab[order[k]]
            before = k > 0 and lab[order[k - 1]] == c
            after = k < n - 1 and lab[order[k + 1]] == c
            alone += not (before or after)
            s1[c] += k
            s2[c] += float(k) * k
        out[r, 1] = alone / n
        spread = 0.0
        for c in range(n_labels):
            spread += s2[c] / size[c] - (s1[c] / size[c]) ** 2
        out[r, 2] = spread
        # Moran's I of each label's indicator, weighted by its frequency
        joins[:] = 0.0
        degree[:] = 0.0
        for u in range(n):
            c = lab[u]
            degree[c] += moore_ptr[u + 1] - moore_ptr[u]
            for e in range(moore_ptr[u], moore_ptr[u + 1]):
                joins[c] += lab[moore[e]] == c
        moran, total = 0.0, float(len(moore))
        for c in range(n_labels):
            p = size[c] / n
            if 0.0 < p < 1.0 and total > 0:
                moran += p * (joins[c] - 2 * p * degree[c] + p * p * total) / (total * p * (1 - p))
        out[r, 4] = moran if total > 0 else np.nan
        # distances inside clusters
        for c in range(n_labels):
            fill[c] = first[c]
        centre[:] = 0.0
        for u in range(n):
            c = lab[u]
            by_label[fill[c]] = u
            fill[c] += 1
            for d in range(dims):
                centre[c, d] += positions[u, d]
        within, pairs = 0.0, 0.0
        for c in range(n_labels):
            for a in range(first[c], first[c + 1]):
                row = distance[by_label[a]]
                for b in range(first[c], a):
                    within += row[by_label[b]]
            pairs += size[c] * (size[c] - 1) / 2
        out[r, 5] = within / pairs / all_mean if pairs > 0 and all_mean > 0 else np.nan
        squares = 0.0
        for u in range(n):
            for d in range(dims):
                squares += (positions[u, d] - centre[lab[u], d] / size[lab[u]]) ** 2
        out[r, 6] = squares / n


@kernel
def wiring(start, stop, orders, labels, n_labels, weights, out):
    """Measures of how labels share weight: Q of the partition, within over between, assortativity.

    `weights` are magnitudes with a zero diagonal.
    """
    n = len(labels)
    size = np.zeros(n_labels, np.float64)
    for u in range(n):
        size[labels[u]] += 1
    strength_out, strength_in, total = np.zeros(n, np.float64), np.zeros(n, np.float64), 0.0
    for u in range(n):
        for v in range(n):
            strength_out[u] += weights[u, v]
            strength_in[v] += weights[u, v]
    total = strength_out.sum()
    pairs_within = 0.0
    for c in range(n_labels):
        pairs_within += size[c] * (size[c] - 1)
    pairs_between = float(n) * (n - 1) - pairs_within
    first = np.empty(n_labels + 1, np.int64)
    first[0] = 0
    for c in range(n_labels):
        first[c + 1] = first[c] + np.int64(size[c])
    fill = np.empty(n_labels, np.int64)
    by_label = np.empty(n, np.int64)
    a, b = np.empty(n_labels, np.float64), np.empty(n_labels, np.float64)
    for r in range(start, stop):
        a[:] = 0.0
        b[:] = 0.0
        for c in range(n_labels):
            fill[c] = first[c]
        for u in range(n):
            c = labels[orders[r, u]]
            by_label[fill[c]] = u
            fill[c] += 1
            a[c] += strength_out[u]
            b[c] += strength_in[u]
        within = 0.0
        for c in range(n_labels):
            for i in range(first[c], first[c + 1]):
                row = weights[by_label[i]]
                for j in range(first[c], first[c + 1]):
                    within += row[by_label[j]]
        expected = 0.0
        for c in range(n_labels):
            expected += a[c] * b[c]
        if total == 0:
            out[r, :] = np.nan
            continue
        share, chance = within / total, expected / total**2
        out[r, 0] = share - chance
        between = total - within
        out[r, 1] = (
            (within / pairs_within) / (between / pairs_between)
            if pairs_within > 0 and pairs_between > 0 and between > 0
            else np.nan
        )
        out[r, 2] = (share - chance) / (1 - chance) if chance < 1 else np.nan


@kernel
def overlap(start, stop, orders, labels, n_labels, other, n_other, out):
    """Mutual information (nats) and the pair count of the adjusted Rand index with another partition."""
    n = len(labels)
    table = np.empty((n_labels, n_other), np.float64)
    size, size_other = np.zeros(n_labels, np.float64), np.zeros(n_other, np.float64)
    for u in range(n):
        size[labels[u]] += 1
        size_other[other[u]] += 1
    for r in range(start, stop):
        table[:] = 0.0
        for u in range(n):
            table[labels[orders[r, u]], other[u]] += 1
        information, pairs = 0.0, 0.0
        for c in range(n_labels):
            for d in range(n_other):
                m = table[c, d]
                if m > 0:
                    information += m / n * np.log(n * m / (size[c] * size_other[d]))
                    pairs += m * (m - 1) / 2
        out[r, 0] = information
        out[r, 1] = pairs


@kernel
def mantel(start, stop, orders, x, y, out):
    """Sum over pairs of ``x[order[u], order[v]] * y[u, v]``: the part of a Mantel correlation that moves."""
    n = len(x)
    for r in range(start, stop):
        total = 0.0
        for u in range(n):
            row, mine = x[orders[r, u]], y[u]
            for v in range(u):
                total += row[orders[r, v]] * mine[v]
        out[r] = total
