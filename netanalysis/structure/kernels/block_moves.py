"""Nodes move between the groups of a block model, one at a time, to shorten its description.

The graph is a :class:`netanalysis.structure._description_length.Graph`. The state of a model is
``(label, size, m, ends, ties)``: m[r, s] connections from group r to s (undirected: m is symmetric, and those within a
group are counted once), ``ends[0]`` and ``ends[1]`` the ends of connections that leave and enter a group,
``ties[d, r, c]`` how many nodes of group r have the c-th value of the degree d.
"""

import math

import numpy as np

from netanalysis._kernels.compiling import kernel, part
from netanalysis._kernels.random import below, uniform
from netanalysis.structure.kernels.block_counts import log_factorial, of_group, of_number

EVERY_GROUP = 16  # groups, or fewer: a node tries all of them
TRIES = 6  # else so many, reached through a neighbour of a neighbour
LOG_2 = math.log(2.0)
TINY = 1e-9


@part
def _neighbours(i, label, lists, near, to):
    """Groups near node i, and the connections to and from each, as ``to[0]`` and ``to[1]``, zeros before."""
    n_near = 0
    for d in range(2):
        indptr, indices, counts = lists[3 * d], lists[3 * d + 1], lists[3 * d + 2]
        for e in range(indptr[i], indptr[i + 1]):
            t = label[indices[e]]
            if to[0, t] == 0 and to[1, t] == 0:
                near[n_near] = t
                n_near += 1
            to[d, t] += counts[e]
    return n_near


@part
def _pair(x, within, tables):
    """What x connections between two groups, or within one of an undirected network, save."""
    return log_factorial(x, tables) + (x * LOG_2 if within else 0.0)


@part
def _leave(r, m, near, n_near, to, directed, tables, gone):
    """What it costs the cells of group r and each near group t, other than r, that a node leaves r; ``gone[t]``."""
    total = 0.0
    for a in range(n_near):
        t = near[a]
        if t == r:
            continue
        cost = log_factorial(m[r, t], tables) - log_factorial(m[r, t] - to[0, t], tables)
        if directed:
            cost += log_factorial(m[t, r], tables) - log_factorial(m[t, r] - to[1, t], tables)
        gone[t] = cost
        total += cost
    return total


@part
def _change(r, s, m, near, n_near, to, directed, tables, gone, left):
    """The change of the cost of all cells when a node goes from group r to s."""
    total = left
    for a in range(n_near):
        t = near[a]
        if t == r:
            continue
        if t == s:
            total -= gone[t]
            continue
        total += log_factorial(m[s, t], tables) - log_factorial(m[s, t] + to[0, t], tables)
        if directed:
            total += log_factorial(m[t, s], tables) - log_factorial(m[t, s] + to[1, t], tables)
    out_r, out_s, in_r, in_s = to[0, r], to[0, s], to[1, r], to[1, s]
    within = not directed
    total += _pair(m[r, r], within, tables) - _pair(m[r, r] - out_r - in_r, within, tables)
    total += _pair(m[s, s], within, tables) - _pair(m[s, s] + out_s + in_s, within, tables)
    if directed:
        total += log_factorial(m[r, s], tables) - log_factorial(m[r, s] - out_s + in_r, tables)
        total += log_factorial(m[s, r], tables) - log_factorial(m[s, r] - in_s + out_r, tables)
    else:
        total += log_factorial(m[r, s], tables) - log_factorial(m[r, s] - out_s + out_r, tables)
    return total


@part
def _change_of_groups(i, r, s, size, ends, ties, degrees, classes, directed, corrected, given, tables):
    """The change of what the two groups cost by themselves."""
    k_out, k_in = degrees[0, i], degrees[1, i]
    total = of_group(size[r] - 1, ends[0, r] - k_out, ends[1, r] - k_in, directed, corrected, given, tables)
    total -= of_group(size[r], ends[0, r], ends[1, r], directed, corrected, given, tables)
    total += of_group(size[s] + 1, ends[0, s] + k_out, ends[1, s] + k_in, directed, corrected, given, tables)
    total -= of_group(size[s], ends[0, s], ends[1, s], directed, corrected, given, tables)
    if corrected and not given:
        for d in range(2 if directed else 1):
            c = classes[d, i]
            total += math.log(float(ties[d, r, c])) - math.log(float(ties[d, s, c] + 1))
    return total


@part
def _move(i, r, s, label, size, m, ends, ties, degrees, classes, near, n_near, to, directed, corrected):
    label[i] = s
    size[r] -= 1
    size[s] += 1
    for a in range(n_near):
        t = near[a]
        if t in (r, s):
            continue
        m[r, t] -= to[0, t]
        m[s, t] += to[0, t]
        if directed:
            m[t, r] -= to[1, t]
            m[t, s] += to[1, t]
        else:
            m[t, r], m[t, s] = m[r, t], m[s, t]
    out_r, out_s, in_r, in_s = to[0, r], to[0, s], to[1, r], to[1, s]
    m[r, r] -= out_r + in_r
    m[s, s] += out_s + in_s
    if directed:
        m[r, s] += in_r - out_s
        m[s, r] += out_r - in_s
    else:
        m[r, s] += out_r - out_s
        m[s, r] = m[r, s]
    for d in range(2):
        ends[d, r] -= degrees[d, i]
        ends[d, s] += degrees[d, i]
        if corrected and (directed or d == 0):
            ties[d, r, classes[d, i]] -= 1
            ties[d, s, classes[d, i]] += 1


@part
def _a_neighbour(i, lists, state):
    """A neighbour of node i, by one of its connections at random; i where there are none."""
    out = lists[0][i + 1] - lists[0][i]
    into = lists[3][i + 1] - lists[3][i]
    if out + into == 0:
        return i
    e = below(state, out + into)
    return lists[1][lists[0][i] + e] if e < out else lists[4][lists[3][i] + e - out]


@kernel
def sweep(nodes, directed, corrected, lists, degrees, classes, edges, model, beta, free, twin, given, state, tables):
    """Offer a move to each of the nodes, in the order given; return how much longer the description has become.

    With `beta` infinite to the best group that is tried, else to one of them with a probability
    ``exp(-beta * change)``. Only if `free` may a group be emptied or founded anew; empty ones are those of size 0.
    Nodes of group r move only to ``twin[r]``, where that is not negative. If degrees are `given`, what describes them
    is left out.
    """
    label, size, m, ends, ties = model
    n, room = len(label), len(size)
    near, to, gone = np.empty(room, np.int64), np.zeros((2, room), np.int64), np.zeros(room)
    offered, change = np.empty(max(TRIES, EVERY_GROUP) + 2, np.int64), np.empty(max(TRIES, EVERY_GROUP) + 2)
    used = 0
    for r in range(room):
        used += size[r] > 0
    total = 0.0
    for x in range(len(nodes)):
        i = nodes[x]
        r = np.int64(label[i])
        if size[r] == 1 and not free:
            continue
        n_near = _neighbours(i, label, lists, near, to)
        left = _leave(r, m, near, n_near, to, directed, tables, gone)
        number = of_number(used, n, edges, directed, tables) if free else 0.0
        last = of_number(used - 1, n, edges, directed, tables) - number if free and size[r] == 1 else 0.0
        count, empty = 0, -1
        if twin[r] >= 0:
            offered[0] = twin[r]
            count = 1
        elif used <= EVERY_GROUP:
            for s in range(room):
                if size[s] == 0:
                    empty = s
                elif s != r and count < EVERY_GROUP:
                    offered[count] = s
                    count += 1
        else:
            for a in range(TRIES + 1):
                j = below(state, n) if a == TRIES else _a_neighbour(_a_neighbour(i, lists, state), lists, state)
                s = np.int64(label[j])
                known = s == r
                for b in range(count):
                    known = known or offered[b] == s
                if not known:
                    offered[count] = s
                    count += 1
            if free and size[r] > 1:
                s = below(state, room)
                for _ in range(room):
                    if size[s] == 0:
                        empty = s
                        break
                    s = s + 1 if s + 1 < room else 0
        if free and size[r] > 1 and empty >= 0:
            offered[count] = empty
            count += 1
        best, at = -TINY, -1
        for a in range(count):
            s = offered[a]
            c = _change(r, s, m, near, n_near, to, directed, tables, gone, left)
            c += (
                _change_of_groups(i, r, s, size, ends, ties, degrees, classes, directed, corrected, given, tables)
                + last
            )
            if size[s] == 0:
                c += of_number(used + 1, n, edges, directed, tables) - number
            change[a] = c
            if c < best:
                best, at = c, a
        if beta < 1e9:
            lowest, weights = min(best, 0.0), 0.0
            for a in range(count):
                weights += math.exp(-beta * (change[a] - lowest))
            drawn = uniform(state) * (weights + math.exp(beta * lowest))
            at = -1
            for a in range(count):
                drawn -= math.exp(-beta * (change[a] - lowest))
                if drawn < 0.0:
                    at = a
                    break
        if at >= 0:
            s = offered[at]
            total += change[at]
            used += int(size[s] == 0) - int(size[r] == 1)
            _move(i, r, s, label, size, m, ends, ties, degrees, classes, near, n_near, to, directed, corrected)
        for a in range(n_near):
            to[0, near[a]] = 0
            to[1, near[a]] = 0
    return total


@kernel
def tally(label, directed, corrected, lists, degrees, classes, size, m, ends, ties):
    """Count the state of a model anew from its labels, into zeros."""
    for i in range(len(label)):
        r = label[i]
        size[r] += 1
        for d in range(2):
            ends[d, r] += degrees[d, i]
            if corrected and (directed or d == 0):
                ties[d, r, classes[d, i]] += 1
        indptr, indices, counts = lists[0], lists[1], lists[2]
        for e in range(indptr[i], indptr[i + 1]):
            s = label[indices[e]]
            if directed or i < indices[e]:
                m[r, s] += counts[e]
                if not directed and s != r:
                    m[s, r] += counts[e]


@kernel
def cost(directed, corrected, n, edges, model, tables):
    """The description length of a model whose groups are all in use, but for what no partition changes."""
    _label, size, m, ends, ties = model
    k = len(size)
    total = of_number(k, n, edges, directed, tables)
    for r in range(k):
        total += of_group(size[r], ends[0, r], ends[1, r], directed, corrected, False, tables)
        total -= _pair(m[r, r], not directed, tables)
        for s in range(k if directed else r):
            if s != r and m[r, s] > 0:
                total -= log_factorial(m[r, s], tables)
        for d in range(2 if directed else 1):
            for c in range(ties.shape[2]):
                if ties[d, r, c] > 1:
                    total -= log_factorial(ties[d, r, c], tables)
    return total


@kernel
def random_order(n, state):
    """0..n-1 in random order."""
    order = np.empty(n, np.int32)
    for i in range(n):
        order[i] = i
    for i in range(n - 1, 0, -1):
        j = below(state, i + 1)
        order[i], order[j] = order[j], order[i]
    return order
