"""Growth of networks: every step connects one pair, drawn by cost of distance and value of topology.

Everything is written for ordered pairs. An undirected network has one array under two names: its targets are its
sources, and the numbers of both its degrees.
"""

from typing import Any, NamedTuple

import numpy as np

from netanalysis._kernels import random
from netanalysis._kernels.compiling import kernel, part
from netanalysis._kernels.llvm import WIDTH, sum_rows

# Rules are numbers: what the value of a pair is made of, and how those of two nodes are put together.
GIVEN, NEIGHBOURS, MATCHING, CLUSTERING, DEGREE = 0, 1, 2, 3, 4
AVERAGE, LEAST, LARGEST, DIFFERENCE, PRODUCT = 0, 1, 2, 3, 4

BLOCK = 8  # targets that are summed together
COLUMNS = WIDTH  # sources are filled up with zeros to a multiple of so many
REMEMBERED = 1024  # powers, a power of 2


class Growth(NamedTuple):
    """A network that grows, and what is kept up to date with it."""

    directed: bool
    kind: int  # GIVEN: values do not change, or are filled in between steps
    how: int
    gamma: float
    exponential: bool
    epsilon: float
    cost: Any  # (n, n), d^eta; 0 for pairs that are connected
    adjacent: Any  # (n, n) of 0 and 1
    targets: Any  # (n, n), those of node i first in row i
    sources: Any
    sends: Any  # (n,), how many
    receives: Any
    shared: Any  # (n, n) neighbours in common: targets, and sources of directed networks
    triangles: Any  # (n,)
    as_source: Any  # (n,), degree or clustering, of which the values of pairs are made
    as_target: Any
    powers: Any  # (REMEMBERED, 2), values and their powers
    weight: Any  # unnormalised probability of source i to connect to target j in [j, i]
    blocks: Any  # sums of it over BLOCK targets
    sums: Any  # (1, ...), over all targets


@part
def together(x, y, how):
    """One value of two nodes'."""
    if how == AVERAGE:
        return 0.5 * (x + y)
    if how == LEAST:
        return min(x, y)
    if how == LARGEST:
        return max(x, y)
    if how == DIFFERENCE:
        return abs(x - y)
    return x * y


@part
def describe(g, i):
    """Bring the values of a node up to date: share of the pairs of its neighbours that are connected, or degrees."""
    k = g.sends[i]
    if g.kind == CLUSTERING:
        g.as_source[i] = g.as_target[i] = 2.0 * g.triangles[i] / (k * (k - 1)) if k > 1 else 0.0
    else:
        g.as_source[i], g.as_target[i] = k, g.receives[i]


@part
def powered(value, gamma, exponential, powers):
    """``value ** gamma``. Few values come again and again, so that the last ones are remembered."""
    place = np.int64(min(value, 1e12) * 7919.0) & (REMEMBERED - 1)
    if powers[place, 0] != value:
        powers[place, 0] = value
        powers[place, 1] = np.exp(gamma * value) if exponential else value**gamma
    return powers[place, 1]


@part
def weigh(g, t, stop):
    """The pairs of node t and each node before `stop`."""
    kind, how, gamma, exponential, epsilon, directed = g.kind, g.how, g.gamma, g.exponential, g.epsilon, g.directed
    adjacent, cost, weight, powers = g.adjacent, g.cost, g.weight, g.powers
    sends, receives, shared = g.sends, g.receives, g.shared
    as_source, as_target = g.as_source, g.as_target
    for x in range(stop):
        if x == t:
            continue
        if kind == NEIGHBOURS:
            value = float(shared[t, x])
        elif kind == MATCHING:  # twice the shared neighbours over all, without the connections between the two
            both = sends[t] + receives[t] + sends[x] + receives[x] - 2 * (adjacent[t, x] + adjacent[x, t])
            value = (2.0 if directed else 4.0) * shared[t, x] / both if both else 0.0
        else:
            value = together(as_source[t], as_target[x], how)
        power = powered(value + epsilon, gamma, exponential, powers)
        weight[x, t] = cost[t, x] * power
        if directed and kind == DEGREE:
            power = powered(together(as_source[x], as_target[t], how) + epsilon, gamma, exponential, powers)
        weight[t, x] = cost[x, t] * power


@part
def sum_block(g, b):
    """The sums of one block, of all sources."""
    sum_rows(g.blocks, b, g.weight, b * BLOCK, (b + 1) * BLOCK)


@kernel
def sum_all(g):
    """All sums, from the weights."""
    for b in range(len(g.blocks)):
        sum_block(g, b)
    sum_rows(g.sums, 0, g.blocks, 0, len(g.blocks))


@kernel
def begin(g):
    """Everything that growth keeps up to date, for the connections that there are."""
    n = len(g.adjacent)
    g.weight[:] = 0.0
    g.sends[:] = 0
    g.receives[:] = 0
    g.triangles[:] = 0
    g.powers[:] = -1.0
    for i in range(n):
        for j in range(n):
            g.shared[i, j] = 0
            if g.adjacent[i, j]:
                g.cost[i, j] = 0.0
                if g.directed or j < i:
                    append(g, i, j)
    for i in range(n):
        for a in range(g.sends[i]):
            for b in range(g.sends[i]):
                x, y = g.targets[i, a], g.targets[i, b]
                if a != b:
                    g.shared[x, y] += 1
                    g.triangles[i] += g.adjacent[x, y]
        g.triangles[i] //= 2
        if g.directed:
            for a in range(g.receives[i]):
                for b in range(g.receives[i]):
                    if a != b:
                        g.shared[g.sources[i, a], g.sources[i, b]] += 1
        describe(g, i)
    for i in range(n):
        for j in range(n):
            if g.kind == GIVEN:
                g.weight[j, i] = g.cost[i, j]
        if g.kind != GIVEN:
            weigh(g, i, i)
    sum_all(g)


@part
def append(g, u, v):
    """Node v to the targets of u, node u to the sources of v."""
    g.targets[u, g.sends[u]] = v
    g.sources[v, g.receives[v]] = u
    g.sends[u] += 1
    g.receives[v] += 1


@part
def connect(g, u, v, touched):
    """Add one connection; nodes of which a pair may have changed are listed in `touched`, their number returned."""
    touched[0], touched[1], count = u, v, 2
    if g.kind == NEIGHBOURS or g.kind == MATCHING:
        for a in range(g.receives[v]):
            w = g.sources[v, a]
            g.shared[u, w] += 1
            g.shared[w, u] += 1
        for a in range(g.sends[u]):
            w = g.targets[u, a]
            g.shared[v, w] += 1
            g.shared[w, v] += 1
    if g.kind == CLUSTERING:
        for a in range(g.sends[u]):
            w = g.targets[u, a]
            if g.adjacent[w, v]:
                g.triangles[w] += 1
                touched[count] = w
                count += 1
        g.triangles[u] += count - 2
        g.triangles[v] += count - 2
    g.adjacent[u, v], g.cost[u, v] = 1, 0.0
    if not g.directed:
        g.adjacent[v, u], g.cost[v, u] = 1, 0.0
    append(g, u, v)
    return count


@part
def update(g, u, v, touched, count):
    """Weights of the nodes that were touched, and all sums of these.

    Sums are taken anew: what differences leave of a large weight that is gone would drown small ones that remain.
    """
    if g.kind == GIVEN:
        g.weight[v, u] = 0.0
        if not g.directed:
            g.weight[u, v] = 0.0
    else:
        for k in range(count):
            describe(g, touched[k])
        for k in range(count):
            weigh(g, touched[k], len(g.adjacent))
    for k in range(count):
        sum_block(g, touched[k] // BLOCK)
    for k in range(count):
        t = touched[k]
        for b in range(len(g.blocks)):
            total = 0.0
            for j in range(b * BLOCK, (b + 1) * BLOCK):
                total += g.weight[j, t]
            g.blocks[b, t] = total
    sum_rows(g.sums, 0, g.blocks, 0, len(g.blocks))


@part
def pick(values, i, j, down, across, count, left):
    """Which of the numbers from [i, j] on holds the place `left` of their sum, and the place in it."""
    found = -1
    for k in range(count):
        here = values[i + k * down, j + k * across]
        if here > 0.0:  # so that rounding does not lead past the last one
            found = k
            if left < here:
                return k, left
            left -= here
    return found, values[i + found * down, j + found * across]


@kernel
def grow(g, state, made):
    """Make as many connections as `made` has rows for, in its order; how many there were before no pair was left."""
    n = len(g.adjacent)
    touched = np.empty(n, np.int64)
    for step in range(len(made)):
        total = 0.0
        for i in range(n):
            total += g.sums[0, i]
        if not 0.0 < total < np.inf:
            return step
        u, left = pick(g.sums, 0, 0, 0, 1, n, random.uniform(state) * total)
        b, left = pick(g.blocks, 0, u, 1, 0, len(g.blocks), left)
        v, left = pick(g.weight, b * BLOCK, u, 1, 0, BLOCK, left)
        v += b * BLOCK
        made[step, 0], made[step, 1] = u, v
        update(g, u, v, touched, connect(g, u, v, touched))
    return len(made)
