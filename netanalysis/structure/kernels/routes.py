"""Along shortest paths and by greedy steps: one source, or one target, after the other.

Networks come as lists of in-neighbours ``indptr, indices`` in ascending order, with the length of each connection.
"""

import math

import numpy as np

from netanalysis._kernels.compiling import inlined, kernel

TIE = 1e-10  # relative: sums of decimals that are equal on paper differ in the last digits


@inlined
def _log_sum(most, total, x):
    """``most + log(total)`` with exp(x) added to what it is the logarithm of."""
    if x <= most:
        return most, total + math.exp(x - most)
    return x, (total * math.exp(most - x) if total > 0.0 else 0.0) + 1.0


@kernel
def log_probabilities(start, stop, distances, order, indptr, indices, lengths, steps, leaving, choices, one, out):
    """Logarithm of the probability that a walker from each of start:stop takes a shortest path, to each node.

    Nodes are taken in the `order` of their distance. The walker goes to a neighbour with probability
    exp(step - choice). ``choices[e]`` is for who has come along connection e; where it is empty, ``leaving`` of the
    node is for all. With `one`, of equally short paths that by the lowest node.
    """
    n = len(indptr) - 1
    done = np.empty(n, np.bool_)
    ready = np.empty(n, np.float64)  # to be there, over what the walker then chooses from
    for s in range(start, stop):
        d, row = distances[s], out[s]
        row[:], done[:] = -np.inf, False
        row[s], done[s] = 0.0, True
        ready[s] = -leaving[s]
        for k in range(n):
            v = order[s, k]
            if d[v] == np.inf:
                break
            if v == s:
                continue
            limit = d[v] * (1.0 + TIE)
            most, total, most_ready, total_ready = -np.inf, 0.0, -np.inf, 0.0
            for e in range(indptr[v], indptr[v + 1]):
                u = indices[e]
                if d[u] + lengths[e] > limit or not done[u]:
                    continue
                x = ready[u] + steps[e]
                if x > -np.inf:
                    most, total = _log_sum(most, total, x)
                    if len(choices) and choices[e] > -np.inf:
                        most_ready, total_ready = _log_sum(most_ready, total_ready, x - choices[e])
                if one:
                    break
            done[v] = True
            if total > 0.0:
                row[v] = most + math.log(total)
            if len(choices) == 0:
                ready[v] = row[v] - leaving[v]
            else:
                ready[v] = most_ready + math.log(total_ready) if total_ready > 0.0 else -np.inf


@kernel
def means_over_pairs(start, stop, distances, order, indptr, indices, lengths, values, out):
    """Mean of values[i, j] over the pairs i before j on the shortest path from each of start:stop to each node.

    Of equally short paths that by the lowest node. 0 where there is no path.
    """
    n = len(indptr) - 1
    before, count, total = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.float64)
    done = np.empty(n, np.bool_)
    for s in range(start, stop):
        d, row = distances[s], out[s]
        row[:], done[:] = 0.0, False
        count[s], total[s], done[s] = 1, 0.0, True
        for k in range(n):
            v = order[s, k]
            if d[v] == np.inf:
                break
            if v == s:
                continue
            limit = d[v] * (1.0 + TIE)
            for e in range(indptr[v], indptr[v + 1]):
                u = np.int64(indices[e])
                if d[u] + lengths[e] <= limit and done[u]:
                    before[v], count[v], total[v] = u, count[u] + 1, total[u]
                    while True:
                        total[v] += values[u, v]
                        if u == s:
                            break
                        u = before[u]
                    break
            done[v] = True
            row[v] = 2.0 * total[v] / (count[v] * (count[v] - 1.0))


@kernel
def navigate(start, stop, lengths, distances, only_closer, nexts, hops, travelled):
    """Greedy routes in networks start:stop, by the neighbour that is nearest to the target.

    ``lengths[m, i, j]`` is inf without a connection. A walker who comes to a node for the second time would go round
    for ever, because where it goes depends on where it is and on the target only.
    """
    n = lengths.shape[1]
    nearest, stack, state = np.empty(n, np.float64), np.empty(n, np.int64), np.empty(n, np.int8)
    for m in range(start, stop):
        for i in range(n):
            nearest[:] = np.inf
            row = nexts[m, i]
            row[:] = -1
            for k in range(n):
                if k != i and lengths[m, i, k] < np.inf:
                    for j in range(n):
                        if distances[k, j] < nearest[j]:
                            nearest[j] = distances[k, j]
                            row[j] = k
            for j in range(n):
                if j == i:
                    row[j] = -1
                elif lengths[m, i, j] < np.inf:
                    row[j] = j
                elif only_closer and not nearest[j] < distances[i, j]:
                    row[j] = -1
        for j in range(n):
            state[:] = 0  # 1: on the way of the present walker, 2: known
            state[j] = 2
            hops[m, j, j] = travelled[m, j, j] = 0.0
            for i in range(n):
                at, size = i, 0
                while at >= 0 and state[at] == 0:
                    state[at] = 1
                    stack[size] = at
                    size += 1
                    at = np.int64(nexts[m, at, j])
                arrives = at >= 0 and state[at] == 2
                while size:
                    size -= 1
                    here = stack[size]
                    state[here] = 2
                    if arrives:
                        hops[m, here, j] = hops[m, at, j] + 1.0
                        travelled[m, here, j] = travelled[m, at, j] + lengths[m, here, at]
                    else:
                        hops[m, here, j] = travelled[m, here, j] = np.inf
                    at = here
