"""Null models that keep signs and strengths: switching within signs, and matching weights to strengths."""

# mypy: disable-error-code="no-untyped-def"
import numpy as np
from numba import njit, uint64

from netanalysis._kernels import nulls, random
from netanalysis._kernels.rewire import two_edges


@njit(cache=True, nogil=True)
def _sign(x):
    return (x > 0) - (x < 0)


@njit(cache=True, nogil=True)
def switch_signed(w, sources, targets, directed, attempts, state):
    """Switch two edges a->b, c->d of one sign with a->d, c->b when these are both absent or both of the other sign.

    Weights stay in the row of their source. A proposal and its reverse are equally likely.
    """
    m = uint64(len(sources))
    for _ in range(attempts):
        e, f, coin = two_edges(random.next_uint64(state), m)
        a, b, c, d = sources[e], targets[e], sources[f], targets[f]
        if coin and not directed:
            c, d = d, c
        sign, other = _sign(w[a, b]), _sign(w[a, d])
        if a == d or c == b or sign == other or sign != _sign(w[c, d]) or other != _sign(w[c, b]):
            continue
        w[a, b], w[a, d] = w[a, d], w[a, b]
        w[c, d], w[c, b] = w[c, b], w[c, d]
        if not directed:
            w[b, a], w[d, a] = w[a, b], w[a, d]
            w[d, c], w[b, c] = w[c, d], w[c, b]
        if other == 0:
            targets[e] = d
            sources[f], targets[f] = c, b


@njit(cache=True, nogil=True)
def sign_preserving(start, stop, w, directed, seeds, out, swaps_per_edge):
    """Rewire positive and negative edges, each among themselves."""
    for r in range(start, stop):
        k = r % len(w)
        state = random.new_state(seeds[r])
        i, j, values = nulls.edges_of(w[k], directed[k])
        nulls.place(w[k], i, j, values, directed[k], out[r])
        if len(i) > 1:
            switch_signed(out[r], i, j, directed[k], swaps_per_edge * len(i), state)


@njit(cache=True, nogil=True)
def match_strengths(sources, targets, values, out_excess, in_excess, directed, sweeps, state):
    """Exchange weights between edges whenever that brings the strengths nearer to their targets.

    `out_excess` and `in_excess` are strengths minus targets, kept up to date; if undirected they are one array.
    Exchanging weights that differ by d moves four strengths by d and -d, so the sum of squared excesses changes by
    2 d (a + b - c - d') + d^2 (4 - 2 x nodes in common).
    """
    m = len(values)
    for _ in range(sweeps * m):
        e, f, _coin = two_edges(random.next_uint64(state), uint64(m))
        step = values[f] - values[e]
        a, b, c, d = sources[e], targets[e], sources[f], targets[f]
        common = (a == c) + (b == d)
        if not directed:
            common += (a == d) + (b == c)
        gain = 2 * (out_excess[a] + in_excess[b] - out_excess[c] - in_excess[d]) + step * (4 - 2 * common)
        if step * gain < 0:
            values[e], values[f] = values[f], values[e]
            out_excess[a] += step
            in_excess[b] += step
            out_excess[c] -= step
            in_excess[d] -= step


@njit(cache=True, nogil=True)
def assign_weights(sources, targets, values, old_sources, old_targets, old_values, n, directed, sweeps, state):
    """Put the weights on the edges in random order and match them to the strengths that the old edges had.

    Positive and negative weights separately: `values` says which edge gets which sign.
    """
    for sign in (1, -1):
        count = 0
        for k in range(len(values)):
            count += values[k] * sign > 0
        if count < 2:
            continue
        i, j, v = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count)
        count = 0
        for k in range(len(values)):
            if values[k] * sign > 0:
                i[count], j[count], v[count] = sources[k], targets[k], values[k]
                count += 1
        random.shuffle(state, v)
        out_excess = np.zeros(n)
        in_excess = np.zeros(n) if directed else out_excess
        for k in range(count):
            out_excess[i[k]] += v[k]
            in_excess[j[k]] += v[k]
        for k in range(len(old_values)):
            if old_values[k] * sign > 0:
                out_excess[old_sources[k]] -= old_values[k]
                in_excess[old_targets[k]] -= old_values[k]
        match_strengths(i, j, v, out_excess, in_excess, directed, sweeps, state)
        count = 0
        for k in range(len(values)):
            if values[k] * sign > 0:
                values[k] = v[count]
                count += 1


@njit(cache=True, nogil=True)
def strength_preserving(start, stop, w, directed, seeds, out, swaps_per_edge, sweeps):
    """Rewire (within signs if there are negative weights), then put the weights where they restore the strengths."""
    n = w.shape[1]
    for r in range(start, stop):
        k = r % len(w)
        state = random.new_state(seeds[r])
        i0, j0, v0 = nulls.edges_of(w[k], directed[k])
        i, j, v = nulls.edges_of(w[k], directed[k])
        attempts = swaps_per_edge * len(v)
        signed = False
        for x in v:
            signed |= x < 0
        if signed:
            nulls.place(w[k], i, j, v, directed[k], out[r])
            switch_signed(out[r], i, j, directed[k], attempts, state)
            i, j, v = nulls.edges_of(out[r], directed[k])
        else:
            nulls.rewire_edges(i, j, n, directed[k], attempts, state)
        assign_weights(i, j, v, i0, j0, v0, n, directed[k], sweeps, state)
        nulls.place(w[k], i, j, v, directed[k], out[r])
