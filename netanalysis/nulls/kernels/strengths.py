"""Null models that keep signs and strengths: switching within signs, and matching weights to strengths."""

import numpy as np
from numba import uint64

from netanalysis._kernels import random
from netanalysis._kernels.compiling import kernel, maker, part
from netanalysis.nulls.kernels import pair_set
from netanalysis.nulls.kernels.rewire import two_edges

# How much worse a move may be, in temperatures: minus logarithms of uniform numbers. exp would take half of the time.
_BEARABLE = -np.log((np.arange(4096) + 0.5) / 4096)
COLD = 0.1  # annealing ends where moves by this share of the mean weight still come and go


@part
def _sign(x):
    return int(x > 0) - int(x < 0)  # as Python, two of numpy cannot be subtracted


@kernel
def switch_signed(out, begins, directed, sources, targets, attempts, states):
    """Switch two edges a->b, c->d of one sign with a->d, c->b when these are both absent or both of the other sign.

    In every network of a batch. Weights stay in the row of their source. A proposal and its reverse are equally likely.
    """
    for r in range(len(out)):
        w, state, undirected = out[r], states[r], not directed[r]
        i, j = sources[begins[r] : begins[r + 1]], targets[begins[r] : begins[r + 1]]
        m = uint64(len(i))
        for _ in range(attempts[r]):
            e, f, coin = two_edges(random.next_uint64(state), m)
            a, b, c, d = i[e], j[e], i[f], j[f]
            if coin and undirected:
                c, d = d, c
            sign, other = _sign(w[a, b]), _sign(w[a, d])
            if a == d or c == b or sign == other or sign != _sign(w[c, d]) or other != _sign(w[c, b]):
                continue
            w[a, b], w[a, d] = w[a, d], w[a, b]
            w[c, d], w[c, b] = w[c, b], w[c, d]
            if undirected:
                w[b, a], w[d, a] = w[a, b], w[a, d]
                w[d, c], w[b, c] = w[c, d], w[c, b]
            if other == 0:
                j[e] = d
                i[f], j[f] = c, b


@kernel
def restore_strengths(begins, directed, sources, targets, values, states, wanted, table, shift, sweeps):
    """Shuffle the weights over their edges, then match them to the strengths wanted, in place.

    Part 2 r of the edges are the positive ones of replicate r, part 2 r + 1 the negative ones, and ``wanted[part]``
    their sums by source and by target, (2, n). The set of pairs ``(table, shift)`` is scratch.
    """
    n = wanted.shape[2]
    by_source, by_target = np.empty(n, np.float64), np.empty(n, np.float64)
    for p in range(len(wanted)):
        r = p >> 1
        first, last = begins[p], begins[p + 1]
        if last - first < 2:
            continue
        for word in range(len(table)):
            table[word] = 0
        for i in range(n):  # a blocked diagonal: nothing becomes a self-connection
            pair_set.add(table, shift, pair_set.pair(i, i, n, directed[r]))
        for e in range(begins[2 * r], begins[2 * r + 2]):
            pair_set.add(table, shift, pair_set.pair(sources[e], targets[e], n, directed[r]))
        i, j, v = sources[first:last], targets[first:last], values[first:last]
        random.shuffle(states[r], v)
        by_source[:] = 0.0
        by_target[:] = 0.0
        for e in range(len(v)):
            by_source[i[e]] += v[e]
            by_target[j[e]] += v[e]
        for q in range(n):
            by_source[q] -= wanted[p, 0, q]
            by_target[q] -= wanted[p, 1, q]
            if not directed[r]:
                by_source[q] += by_target[q]
        in_excess = by_target if directed[r] else by_source
        _match_strengths(i, j, v, table, shift, by_source, in_excess, directed[r], sweeps, states[r])


@maker
def _match_strengths(sources, targets, values, table, shift, out_excess, in_excess, directed, sweeps, state):
    """Anneal the sum of squared differences between the strengths and their targets, with two kinds of moves.

    Of edges a->b and c->d with weights v and v + step, either the weights change places, or the targets do if a->d and
    c->b are absent from the set of pairs ``(table, shift)``. `out_excess` and `in_excess` are strengths minus targets,
    kept up to date; they are one array if undirected. A strength x that moves by s changes the sum by 2 x s + s^2.
    """
    m = uint64(len(values))
    n = len(out_excess)
    hot, mean = 0.0, 0.0
    for v in values:
        hot = max(hot, v * v)
        mean += abs(v) / len(values)
    cold = hot if mean == 0 else COLD * mean * COLD * mean
    # Each edge in one place, its weight and then its ends: a proposal fetches two places and not six.
    ends = np.empty(2 * len(values), np.uint64)
    weight = ends.view(np.float64)
    for e in range(len(values)):
        weight[2 * e], ends[2 * e + 1] = values[e], _joined(sources[e], targets[e])
    for sweep in range(sweeps):
        # The largest weights find their places first, while all others still move; the last half only descends.
        temperature = 0.0 if 2 * sweep >= sweeps else hot * (cold / hot) ** (2 * sweep / sweeps)
        for trial in range(len(values)):
            drawn = random.next_uint64(state)
            e, f, coin = two_edges(drawn, m)
            e, f = e << uint64(1), f << uint64(1)
            step = weight[f] - weight[e]
            if step == 0:
                continue
            a, b = _source(ends[e + uint64(1)]), _target(ends[e + uint64(1)])
            c, d = _source(ends[f + uint64(1)]), _target(ends[f + uint64(1)])
            if trial & 1:
                common = (a == c) + (b == d)
                if not directed:
                    common += (a == d) + (b == c)
                slope = 2 * (out_excess[a] + in_excess[b] - out_excess[c] - in_excess[d])
                if _accepted(step * (slope + step * (4 - 2 * common)), temperature, drawn):
                    weight[e], weight[f] = weight[f], weight[e]
                    out_excess[a] += step
                    in_excess[b] += step
                    out_excess[c] -= step
                    in_excess[d] -= step
                continue
            if coin and not directed:
                c, d = d, c
            if not _accepted(2 * step * (in_excess[b] - in_excess[d] + step), temperature, drawn):
                continue
            ad, cb = pair_set.pair(a, d, n, directed), pair_set.pair(c, b, n, directed)
            if pair_set.holds(table, shift, ad) or pair_set.holds(table, shift, cb):
                continue
            pair_set.add(table, shift, ad)
            pair_set.add(table, shift, cb)
            pair_set.discard(table, shift, pair_set.pair(a, b, n, directed))
            pair_set.discard(table, shift, pair_set.pair(c, d, n, directed))
            ends[e + uint64(1)], ends[f + uint64(1)] = _joined(a, d), _joined(c, b)
            in_excess[b] += step
            in_excess[d] -= step
    for e in range(len(values)):
        values[e] = weight[2 * e]
        sources[e], targets[e] = _source(ends[2 * e + 1]), _target(ends[2 * e + 1])


@part
def _joined(source, target):
    return (uint64(source) << uint64(32)) | uint64(target)


@part
def _source(ends):
    return np.int64(ends >> uint64(32))


@part
def _target(ends):
    return np.int64(ends & uint64(0xFFFFFFFF))


@part
def _accepted(change, temperature, drawn):
    """Metropolis' rule, on 12 bits of what the edges were drawn from, mixed so that they tell nothing of these."""
    return change < temperature * _BEARABLE[(drawn * uint64(0x9E3779B97F4A7C15)) >> uint64(52)]
