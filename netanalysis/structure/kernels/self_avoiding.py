"""Paths that visit no node twice: listed, or drawn at random.

Networks come as neighbour lists without self-connections; ``column[v]`` is the place of node v among the outputs, or
-1. A path is grown one node at a time, and ``on`` marks the nodes it has visited.
"""

import numpy as np

from netanalysis._kernels.compiling import kernel
from netanalysis._kernels.random import new_state, uniform


@kernel
def squares_back(start, stop, indptr, indices, data, back_indptr, back_indices, out):
    """``out[e] = (W^2)[i, j]`` for the entries e = (i, j) of the transpose of W, rows start:stop."""
    total = np.zeros(len(indptr) - 1)
    for i in range(start, stop):
        for e in range(indptr[i], indptr[i + 1]):
            x = indices[e]
            for f in range(indptr[x], indptr[x + 1]):
                total[indices[f]] += data[e] * data[f]
        for e in range(back_indptr[i], back_indptr[i + 1]):
            out[e] = total[back_indices[e]]
        for e in range(indptr[i], indptr[i + 1]):
            x = indices[e]
            for f in range(indptr[x], indptr[x + 1]):
                total[indices[f]] = 0.0


@kernel
def enumerate_paths(start, stop, inputs, indptr, indices, data, column, within, maps):
    """``maps[h, a, column[j]]`` grows by the paths of h connections from inputs[a] to j; ``within`` hops j is near."""
    n, longest = len(indptr) - 1, len(maps) - 1
    on = np.zeros(n, np.bool_)
    nodes, turn, value = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64), np.empty(longest + 1)
    for a in range(start, stop):
        depth = 0
        nodes[0], turn[0], value[0] = inputs[a], indptr[inputs[a]], 1.0
        on[inputs[a]] = True
        while depth >= 0:
            v = nodes[depth]
            if depth == longest or turn[depth] == indptr[v + 1]:
                on[v] = False
                depth -= 1
                continue
            e = turn[depth]
            turn[depth] += 1
            t = indices[e]
            if on[t] or within[t] > longest - depth - 1:
                continue
            x = value[depth] * data[e]
            depth += 1
            nodes[depth], turn[depth], value[depth] = t, indptr[t], x
            on[t] = True
            if column[t] >= 0:
                maps[depth, a, column[t]] += x


@kernel
def sample_paths(start, stop, inputs, indptr, indices, data, column, ahead, hops, draws, seeds, sums):
    """Sums, sums of squares and numbers of sampled paths of some hops: ``sums[0..2, a, column[j]]``.

    A path goes to each node it has not visited with a probability that is proportional to the magnitude of the
    connection times that of the walks from there to the outputs (``ahead[to go, node]``); its weight is divided by its
    probability, so that the mean of the weights is unbiased. A path with nowhere to go counts 0.
    """
    n = len(indptr) - 1
    on = np.zeros(n, np.bool_)
    nodes = np.empty(hops + 1, np.int64)
    for a in range(start, stop):
        state = new_state(seeds[a])
        for _ in range(draws):
            nodes[0] = inputs[a]
            on[inputs[a]] = True
            weight = 1.0
            length = 0
            while length < hops:
                v = nodes[length]
                to_go = hops - length - 1
                whole = 0.0
                for e in range(indptr[v], indptr[v + 1]):
                    if not on[indices[e]]:
                        whole += abs(data[e]) * ahead[to_go, indices[e]]
                if whole == 0.0:
                    break
                left = uniform(state) * whole
                chosen = -1
                for e in range(indptr[v], indptr[v + 1]):
                    if not on[indices[e]]:
                        share = abs(data[e]) * ahead[to_go, indices[e]]
                        if share > 0.0:
                            chosen = e
                            left -= share
                            if left < 0.0:
                                break
                t = indices[chosen]
                weight *= whole / ahead[to_go, t]
                if data[chosen] < 0.0:
                    weight = -weight
                length += 1
                nodes[length] = t
                on[t] = True
            if length == hops:
                j = column[nodes[hops]]
                sums[0, a, j] += weight
                sums[1, a, j] += weight * weight
                sums[2, a, j] += 1.0
            for k in range(length + 1):
                on[nodes[k]] = False
