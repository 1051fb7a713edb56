"""Leiden and Louvain for any modularity-like quality (Traag, Waltman & van Eck 2019, doi:10.1038/s41598-019-41695-z).

Every quality here has the form ``Q = sum_ij [S_ij - p_i . q_j] delta(c_i, c_j)``: S symmetric, ``p_i . q_j``
the null term, a product of short vectors (one number undirected, two directed or signed, four both). Networks come in
as the off-diagonal part of S in CSR form with p and q, in units of Q.
"""

# mypy: disable-error-code="no-untyped-def"
import numpy as np
from numba import njit

from netanalysis._kernels.node_moves import NODE, TINY, add, compact, dot, integers, move_nodes, shuffled
from netanalysis._kernels.quality_form import from_dense
from netanalysis._kernels.random import new_state, uniform

THETA = 0.3  # randomness of the refinement, in mean weights of a connection; the best of .01 to 3 on random graphs


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
        add(total, label[i], q, i, 1.0)
    part = integers(n)
    order = shuffled(n, state)
    part_p = p.copy()
    part_q = q.copy()
    single = np.ones(n, np.bool_)
    well = np.empty(n, np.bool_)  # connected to the rest of its community as well as the null term asks: may merge
    for i in range(n):
        well[i] = bond[i] >= dot(p, i, total, label[i]) - dot(p, i, q, i)
    weight_to = np.zeros(n)
    seen = np.zeros(n, np.bool_)
    near = np.empty(n + 1, NODE)
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
            gains[m] = weight_to[c] - dot(p, i, part_q, c)
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
            add(part_p, target, p, i, 1.0)
            add(part_q, target, q, i, 1.0)
            bond[target] += bond[i] - 2.0 * weight_to[target]
            well[target] = bond[target] >= dot(part_p, target, total, home) - dot(part_p, target, part_q, target)
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
    members = np.empty(n, NODE)
    place = start[:k].copy()
    new_p = np.zeros((k, p.shape[1]))
    new_q = np.zeros((k, q.shape[1]))
    for i in range(n):
        c = part[i]
        members[place[c]] = i
        place[c] += 1
        add(new_p, c, p, i, 1.0)
        add(new_q, c, q, i, 1.0)
    new_indptr = np.zeros(k + 1, np.int64)
    bound = min(len(indices), k * (k - 1))
    new_indices = np.empty(bound, NODE)
    new_data = np.empty(bound)
    weight_to = np.zeros(k)
    few = k * k <= len(indices)  # all parts may be looked at for each part
    near = integers(k + 1)
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
        add(total_p, label[i], p, i, 1.0)
        add(total_q, label[i], q, i, 1.0)
        for e in range(indptr[i], indptr[i + 1]):
            if label[indices[e]] == label[i]:
                inside += data[e]
    for c in range(n):
        inside -= dot(total_p, c, total_q, c)
    return inside


@njit(cache=True, nogil=True)
def _split_components(indptr, indices, label):
    """Make every connected piece of a community one of its own, in place."""
    n = len(label)
    piece = np.full(n, -1, np.int32)
    stack = np.empty(n, NODE)
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
    for i in range(n):
        label[i] = piece[i]


@njit(cache=True, nogil=True)
def _number_by_size(label, out):
    """Write labels 0..k-1 by decreasing size, ties by first member."""
    n = len(label)
    k = compact(label)  # by first member
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


# numba optimises what a function calls once more with every caller: as parts of theirs, these two are compiled once
@njit(cache=True, nogil=True, inline="always")
def _iterate(indptr, indices, data, p, q, label, refined, theta, state):
    """Moves, refinement and aggregation from a partition until communities are single nodes; `label` is changed.

    Also returns a partition met on the way that is finer than the result: the first of at most twice as many parts,
    else the coarsest.
    """
    n = len(label)
    local = label.copy()
    k = compact(local)
    node = integers(n)  # the aggregated node each original node is in
    finer = label.copy()
    n_finer = n
    bond = np.empty(n)
    while True:
        move_nodes(indptr, indices, data, p, q, local, k, state, bond)
        size = len(local)
        k = compact(local)
        if k == size:
            break
        part = _refine(indptr, indices, data, p, q, local, bond, theta, state) if refined else local.copy()
        n_parts = compact(part)
        if n_parts == size:
            break
        indptr, indices, data, p, q = _aggregate(indptr, indices, data, p, q, part, n_parts)
        coarse = np.empty(n_parts, NODE)
        for i in range(size):
            coarse[part[i]] = local[i]
        local = coarse
        for i in range(n):
            node[i] = part[node[i]]
        if n_parts > k and n_finer > 2 * k:
            finer = node.copy()
            n_finer = n_parts
    for i in range(n):
        label[i] = local[node[i]]
    return finer


@njit(cache=True, nogil=True, inline="always")
def optimize(indptr, indices, data, p, q, trace, connected, refined, iterations, seed, out):
    """One run from single nodes; writes the labels to `out` and returns Q, NaN without weights.

    `refined` is Leiden, repeated `iterations` times or until nothing is gained; otherwise Louvain, once. The first
    iteration does without refinement, which on random graphs made it slower and the result no better. An iteration
    starts from the best partition so far; after one that gained nothing the next starts from its refined parts
    instead, which frees communities that merged too early; when that gains nothing either, the run is over.
    `connected` asks for connected communities, never a loss where S and the null term are not negative.
    """
    n = len(indptr) - 1
    state = new_state(seed)
    theta = 0.0
    for e in range(len(data)):
        theta += THETA * abs(data[e]) / len(data)
    best_label = integers(n)
    best = quality(indptr, indices, data, p, q, trace, best_label)
    label = best_label.copy()
    from_parts = False
    for iteration in range(iterations if refined else 1):
        finer = _iterate(indptr, indices, data, p, q, label, refined and iteration > 0, theta, state)
        found = quality(indptr, indices, data, p, q, trace, label)
        if found > best + TINY:
            best = found
            best_label = label.copy()
            from_parts = False
        elif from_parts:
            break
        else:
            label = finer
            from_parts = True
    if refined and connected:
        _split_components(indptr, indices, best_label)
    _number_by_size(best_label, out)
    if len(data) == 0 and trace == 0.0:
        return np.nan
    return quality(indptr, indices, data, p, q, trace, best_label)


@njit(cache=True, nogil=True)
def optimize_dense(w, resolution, refined, iterations, seeds, labels, best, start, stop):
    """Runs start..stop over a stack (m, n, n) with seeds (m, >= runs), into labels (m, runs, n) and Q (m, runs)."""
    runs = best.shape[1]
    current = -1
    for task in range(start, stop):
        g, r = task // runs, task % runs
        if g != current:
            indptr, indices, data, p, q, trace, unsigned = from_dense(w[g], resolution)
            current = g
        best[g, r] = optimize(
            indptr, indices, data, p, q, trace, unsigned, refined, iterations, seeds[g, r], labels[g, r]
        )
