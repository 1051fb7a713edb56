"""Leiden and Louvain for any modularity-like quality (Traag, Waltman & van Eck 2019, doi:10.1038/s41598-019-41695-z).

Every quality here has the form ``Q = sum_ij [S_ij - p_i . q_j] delta(c_i, c_j)``: S symmetric, ``p_i . q_j``
the null term, a product of short vectors (one number undirected, two directed or signed, four both). Networks come in
as the off-diagonal part of S in CSR form with p and q, in units of Q.
"""

# mypy: disable-error-code="no-untyped-def"
import numpy as np
from numba import njit

from netanalysis._kernels.random import below, new_state, uniform

TINY = 1e-12  # gains below this, in units of Q, are rounding
TABLE_FACTOR = 4  # a table of weights to communities pays when it has fewer entries per connection than this
TABLE_LIMIT = 2**18  # and 2 MiB of cache hold it
THETA = 0.01  # randomness of the refinement, in units of the mean weight of a connection


@njit(cache=True, nogil=True)
def _dot(a, i, b, j):
    total = 0.0
    for t in range(a.shape[1]):
        total += a[i, t] * b[j, t]
    return total


@njit(cache=True, nogil=True)
def _add(total, c, q, i, sign):
    for t in range(q.shape[1]):
        total[c, t] += sign * q[i, t]


@njit(cache=True, nogil=True)
def _range(n):
    values = np.empty(n, np.int32)
    for i in range(n):
        values[i] = i
    return values


@njit(cache=True, nogil=True)
def _shuffled(n, state):
    """0..n-1 in random order, and one more place."""
    values = _range(n + 1)
    for i in range(n - 1, 0, -1):
        j = below(state, i + 1)
        values[i], values[j] = values[j], values[i]
    return values


@njit(cache=True, nogil=True)
def _compact(label):
    """Renumber labels 0..k-1 by first appearance, in place; return k."""
    new = np.full(len(label), -1, np.int32)
    k = 0
    for i in range(len(label)):
        if new[label[i]] < 0:
            new[label[i]] = k
            k += 1
        label[i] = new[label[i]]
    return k


@njit(cache=True, nogil=True)
def _best_by_table(i, own, p, total, table, gains):
    """The best community for node i, and what is gained, from its row of the table.

    Plain loops over all communities, empty ones too, which the compiler turns into vector instructions.
    """
    for c in range(len(gains)):
        gains[c] = table[i, c]
    for t in range(p.shape[1]):
        for c in range(len(gains)):
            gains[c] -= p[i, t] * total[t, c]
    stay = gains[own]
    worth = stay + TINY
    better = False
    for c in range(len(gains)):
        better |= gains[c] > worth
    best = own
    if better:
        for c in range(len(gains)):
            if gains[c] > worth:
                best = c
                worth = gains[c]
    return best, worth - stay


@njit(cache=True, nogil=True)
def _best_by_connections(i, own, p, total, indptr, indices, data, label, empty, near, seen, weight_to):
    """The same, from its connections; `empty` is an empty community to consider, or `own`.

    `near` is scratch; `seen` and `weight_to` are zero before and after.
    """
    n_near = 0
    for e in range(indptr[i], indptr[i + 1]):
        c = label[indices[e]]
        near[n_near] = c  # counted only if new: without a branch, which would often be mispredicted
        n_near += not seen[c]
        seen[c] = True
        weight_to[c] += data[e]
    stay = weight_to[own]
    for t in range(p.shape[1]):
        stay -= p[i, t] * total[t, own]
    best = own
    worth = stay + TINY
    if worth < 0.0:
        best = empty
        worth = 0.0
    for m in range(n_near):
        c = near[m]
        gain = weight_to[c]
        for t in range(p.shape[1]):
            gain -= p[i, t] * total[t, c]
        if gain > worth:
            best = c
            worth = gain
        weight_to[c] = 0.0
        seen[c] = False
    return best, worth - stay


@njit(cache=True, nogil=True)
def _move_nodes(indptr, indices, data, p, q, label, k, state, bond):
    """Move nodes to their best community until none gains; return half the gain in Q.

    Changes the labels 0..k-1 in place and fills `bond`, the weight between each node and its community. A queue holds
    the nodes whose surroundings changed. A node may also leave for an empty community. The weight from a node to each
    community is either summed over its connections when it is looked at, or, where connections outnumber communities
    and it fits in cache, kept in a table that every move brings up to date.
    """
    n = len(label)
    room = min(n, 4 * k + 16)  # once these labels are in use, leaving for an empty community waits for the next round
    keep = n * k <= TABLE_FACTOR * len(indices) and n * room <= TABLE_LIMIT
    total = np.zeros((q.shape[1], room))
    size = np.zeros(room, np.int32)
    table = np.zeros((n if keep else 1, room))
    for i in range(n):
        for t in range(q.shape[1]):
            total[t, label[i]] += q[i, t]
        size[label[i]] += 1
        if keep:
            for e in range(indptr[i], indptr[i + 1]):
                table[i, label[indices[e]]] += data[e]
    empty = np.empty(room, np.int32)  # a stack
    n_empty = 0
    for c in range(k, room):
        empty[n_empty] = c
        n_empty += 1
    near = np.empty(room + 1, np.int32)
    seen = np.zeros(room, np.bool_)
    gains = np.empty(room)
    queue = _shuffled(n, state)
    queued = np.ones(n, np.bool_)
    head = 0
    waiting = n
    gained = 0.0
    while waiting > 0:
        i = queue[head]
        head = head + 1 if head < n else 0
        waiting -= 1
        queued[i] = False
        own = label[i]
        for t in range(q.shape[1]):
            total[t, own] -= q[i, t]
        if keep:
            best, gain = _best_by_table(i, own, p, total, table, gains)
        else:
            fresh = empty[n_empty - 1] if n_empty > 0 and size[own] > 1 else own
            best, gain = _best_by_connections(
                i, own, p, total, indptr, indices, data, label, fresh, near, seen, table[0]
            )
        for t in range(q.shape[1]):
            total[t, best] += q[i, t]
        if best == own:
            continue
        gained += gain
        label[i] = best
        if not keep:
            if size[best] == 0:
                n_empty -= 1
            if size[own] == 1:
                empty[n_empty] = own
                n_empty += 1
        size[own] -= 1
        size[best] += 1
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if keep:
                table[j, own] -= data[e]
                table[j, best] += data[e]
            new = (not queued[j]) & (label[j] != best)
            tail = head + waiting
            queue[tail if tail <= n else tail - n - 1] = j
            queued[j] |= new
            waiting += new
    for i in range(n):
        bond[i] = table[i, label[i]] if keep else 0.0
        if not keep:
            for e in range(indptr[i], indptr[i + 1]):
                if label[indices[e]] == label[i]:
                    bond[i] += data[e]
    return gained


@njit(cache=True, nogil=True)
def _boltzmann(x):
    """exp(x), without the work where it makes no difference to a sum that holds exp(0)."""
    return np.exp(x) if x > -40.0 else 0.0


@njit(cache=True, nogil=True)
def _refine(indptr, indices, data, p, q, label, bond, theta, state):
    """Split every community into well-connected parts by merging single nodes; return the finer labels.

    `bond` comes in as the weight between each node and its community, and is used up.
    """
    n = len(label)
    total = np.zeros((n, q.shape[1]))
    for i in range(n):
        _add(total, label[i], q, i, 1.0)
    part = _range(n)
    order = _shuffled(n, state)
    part_p = p.copy()
    part_q = q.copy()
    single = np.ones(n, np.bool_)
    well = np.empty(n, np.bool_)  # connected to the rest of its community as well as the null term asks: may merge
    for i in range(n):
        well[i] = bond[i] >= _dot(p, i, total, label[i]) - _dot(p, i, q, i)
    weight_to = np.zeros(n)
    seen = np.zeros(n, np.bool_)
    near = np.empty(n + 1, np.int32)
    gains = np.empty(n)
    for i in order[:n]:
        home = label[i]
        if not (single[i] and well[i]):
            continue
        n_near = 0
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            c = part[j]
            inside = label[j] == home
            near[n_near] = c
            n_near += inside & (not seen[c])
            seen[c] |= inside
            weight_to[c] += inside * data[e]
        best_gain = 0.0  # staying alone
        for m in range(n_near):
            c = near[m]
            gains[m] = weight_to[c] - _dot(p, i, part_q, c)
            if not well[c]:
                gains[m] = -1.0
            best_gain = max(best_gain, gains[m])
        chance = _boltzmann(-best_gain / theta)
        for m in range(n_near):
            gains[m] = _boltzmann((gains[m] - best_gain) / theta) if gains[m] >= 0.0 else 0.0
            chance += gains[m]
        chance *= uniform(state)
        target = -1
        for m in range(n_near):
            chance -= gains[m]
            if chance < 0.0 and target < 0:
                target = near[m]
        if target >= 0:
            part[i] = target
            single[target] = False
            _add(part_p, target, p, i, 1.0)
            _add(part_q, target, q, i, 1.0)
            bond[target] += bond[i] - 2.0 * weight_to[target]
            well[target] = bond[target] >= _dot(part_p, target, total, home) - _dot(part_p, target, part_q, target)
        for m in range(n_near):
            weight_to[near[m]] = 0.0
            seen[near[m]] = False
    return part


@njit(cache=True, nogil=True)
def _aggregate(indptr, indices, data, p, q, part, k):
    """The network whose nodes are the parts 0..k-1; what lies inside a part is a constant and is left out."""
    n = len(part)
    start = np.zeros(k + 1, np.int64)
    for i in range(n):
        start[part[i] + 1] += 1
    for c in range(k):
        start[c + 1] += start[c]
    members = np.empty(n, np.int32)
    place = start[:k].copy()
    new_p = np.zeros((k, p.shape[1]))
    new_q = np.zeros((k, q.shape[1]))
    for i in range(n):
        c = part[i]
        members[place[c]] = i
        place[c] += 1
        _add(new_p, c, p, i, 1.0)
        _add(new_q, c, q, i, 1.0)
    new_indptr = np.zeros(k + 1, np.int64)
    bound = min(len(indices), k * (k - 1))
    new_indices = np.empty(bound, np.int32)
    new_data = np.empty(bound)
    weight_to = np.zeros(k)
    few = k * k <= len(indices)  # all parts may be looked at for each part
    near = _range(k + 1)
    seen = np.zeros(k, np.bool_)
    filled = 0
    for c in range(k):
        n_near = k if few else 0
        for m in range(start[c], start[c + 1]):
            i = members[m]
            for e in range(indptr[i], indptr[i + 1]):
                d = part[indices[e]]
                weight_to[d] += data[e]
                if not few:
                    near[n_near] = d
                    n_near += not seen[d]
                    seen[d] = True
        for m in range(n_near):
            d = near[m]
            if d != c and weight_to[d] != 0.0:
                new_indices[filled] = d
                new_data[filled] = weight_to[d]
                filled += 1
            weight_to[d] = 0.0
            seen[d] = False
        new_indptr[c + 1] = filled
    return new_indptr, new_indices[:filled], new_data[:filled], new_p, new_q


@njit(cache=True, nogil=True)
def quality(indptr, indices, data, p, q, trace, label):
    """Q of a partition; `trace` is the sum of the diagonal of S."""
    n = len(label)
    inside = trace
    total_p = np.zeros((n, p.shape[1]))
    total_q = np.zeros((n, q.shape[1]))
    for i in range(n):
        _add(total_p, label[i], p, i, 1.0)
        _add(total_q, label[i], q, i, 1.0)
        for e in range(indptr[i], indptr[i + 1]):
            if label[indices[e]] == label[i]:
                inside += data[e]
    for c in range(n):
        inside -= _dot(total_p, c, total_q, c)
    return inside


@njit(cache=True, nogil=True)
def _split_components(indptr, indices, label):
    """Labels of the connected pieces of every community."""
    n = len(label)
    piece = np.full(n, -1, np.int32)
    stack = np.empty(n, np.int32)
    k = 0
    for root in range(n):
        if piece[root] >= 0:
            continue
        piece[root] = k
        stack[0] = root
        height = 1
        while height > 0:
            height -= 1
            i = stack[height]
            for e in range(indptr[i], indptr[i + 1]):
                j = indices[e]
                if piece[j] < 0 and label[j] == label[root]:
                    piece[j] = k
                    stack[height] = j
                    height += 1
        k += 1
    return piece


@njit(cache=True, nogil=True)
def _number_by_size(label, out):
    """Write labels 0..k-1 by decreasing size, ties by first member."""
    n = len(label)
    k = _compact(label)  # by first member
    size = np.zeros(k, np.int32)
    for i in range(n):
        size[label[i]] += 1
    place = np.zeros(n + 1, np.int32)  # a counting sort: place[s - 1] is where communities of size s begin
    for c in range(k):
        place[size[c] - 1] += 1
    later = 0
    for s in range(n, -1, -1):
        place[s], later = later, later + place[s]
    rank = np.empty(k, np.int32)
    for c in range(k):
        rank[c] = place[size[c] - 1]
        place[size[c] - 1] += 1
    for i in range(n):
        out[i] = rank[label[i]]


@njit(cache=True, nogil=True)
def optimize(indptr, indices, data, p, q, trace, refined, connected, seed, out):
    """One run from single nodes; writes the labels to `out` and returns Q.

    `refined` is Leiden, repeated from its own result until that gains nothing; otherwise Louvain. `connected` asks for
    connected communities, which is never a loss where S and the null term are not negative.
    """
    n = len(indptr) - 1
    state = new_state(seed)
    theta = 0.0
    for e in range(len(data)):
        theta += THETA * abs(data[e]) / len(data)
    label = _range(n)
    bond = np.empty(n)
    gained = 1.0
    while gained > TINY:
        gained = 0.0
        g_indptr, g_indices, g_data, g_p, g_q = indptr, indices, data, p, q
        local = label.copy()
        k = _compact(local)
        node = _range(n)  # the aggregated node each original node is in
        while True:
            gained += _move_nodes(g_indptr, g_indices, g_data, g_p, g_q, local, k, state, bond)
            size = len(local)
            n_communities = _compact(local)
            if n_communities == size:
                break
            part = local.copy()
            if refined:
                part = _refine(g_indptr, g_indices, g_data, g_p, g_q, local, bond, theta, state)
            n_parts = _compact(part)
            if n_parts == size:
                break
            g_indptr, g_indices, g_data, g_p, g_q = _aggregate(g_indptr, g_indices, g_data, g_p, g_q, part, n_parts)
            for i in range(n):
                node[i] = part[node[i]]
            coarse = np.empty(n_parts, np.int32)
            for i in range(size):
                coarse[part[i]] = local[i]
            local = coarse
            k = n_communities
        for i in range(n):
            label[i] = local[node[i]]
        if not refined:
            break
    if refined and connected:
        label = _split_components(indptr, indices, label)
    _number_by_size(label, out)
    return quality(indptr, indices, data, p, q, trace, out)


@njit(cache=True, nogil=True)
def null_terms(strengths, resolution, directed):
    """p and q of the null term, from strengths (4, n): out, in, negative out, negative in.

    Undirected networks use the out-strengths only. Without negative weights their columns are left out.
    """
    n = strengths.shape[1]
    sums = np.zeros(4)
    for t in range(4):
        for i in range(n):
            sums[t] += strengths[t, i]
    positive = sums[0]
    negative = sums[2]
    ways = 2 if directed else 1
    columns = ways * (2 if negative > 0.0 else 1)
    p = np.zeros((n, columns))
    q = np.zeros((n, columns))
    for t in range(columns):
        sign = t // ways  # 0 positive, 1 negative weights
        sum_of_sign = positive if sign == 0 else negative
        if sum_of_sign == 0.0:
            continue
        factor = resolution / ways
        if sign == 1:
            factor *= -negative / (positive + negative)
        here = strengths[2 * sign + t % ways]
        there = strengths[2 * sign + 1 - t % ways] if directed else here
        for i in range(n):
            p[i, t] = factor * here[i] / sum_of_sign
            q[i, t] = there[i] / sum_of_sign
    return p, q


@njit(cache=True, nogil=True)
def _from_dense(w, resolution):
    """CSR of S without its diagonal, p, q, the trace of S, and whether no weight is negative."""
    n = len(w)
    t = np.ascontiguousarray(w.T)
    strengths = np.zeros((4, n))
    directed = False
    filled = 0
    for i in range(n):
        for j in range(n):
            x = w[i, j]
            y = t[i, j]
            directed |= x != y
            filled += (x != 0.0) | (y != 0.0)
            strengths[0, i] += max(x, 0.0)
            strengths[1, i] += max(y, 0.0)
            strengths[2, i] += max(-x, 0.0)
            strengths[3, i] += max(-y, 0.0)
    positive = 0.0
    negative = 0.0
    for i in range(n):
        positive += strengths[0, i]
        negative += strengths[2, i]
    plus = 0.5 / positive if positive > 0.0 else 0.0
    minus = 0.5 / (positive + negative) if negative > 0.0 else 0.0
    indptr = np.zeros(n + 1, np.int64)
    indices = np.empty(filled + 1, np.int32)
    data = np.empty(filled + 1)
    trace = 0.0
    filled = 0
    for i in range(n):
        for j in range(n):
            x = w[i, j]
            y = t[i, j]
            indices[filled] = j
            data[filled] = x * (plus if x > 0.0 else minus) + y * (plus if y > 0.0 else minus)
            filled += ((x != 0.0) | (y != 0.0)) & (i != j)
        indptr[i + 1] = filled
        trace += 2.0 * w[i, i] * (plus if w[i, i] > 0.0 else minus)
    p, q = null_terms(strengths, resolution, directed)
    return indptr, indices[:filled], data[:filled], p, q, trace, negative == 0.0


@njit(cache=True, nogil=True)
def optimize_dense(w, resolution, refined, seeds, labels, best, start, stop):
    """Runs start..stop over a stack (m, n, n) with seeds (m, runs), into labels (m, runs, n) and Q (m, runs)."""
    runs = seeds.shape[1]
    current = -1
    for task in range(start, stop):
        g, r = task // runs, task % runs
        if g != current:
            indptr, indices, data, p, q, trace, unsigned = _from_dense(w[g], resolution)
            current = g
        best[g, r] = optimize(indptr, indices, data, p, q, trace, refined, unsigned, seeds[g, r], labels[g, r])


@njit(cache=True, nogil=True)
def optimize_sparse(indptr, indices, data, p, q, trace, refined, unsigned, seeds, labels, best, start, stop):
    """Runs start..stop on one sparse network, with seeds (runs,), into labels (runs, n) and Q (runs,)."""
    for r in range(start, stop):
        best[r] = optimize(indptr, indices, data, p, q, trace, refined, unsigned, seeds[r], labels[r])
