"""The stages of Leiden and Louvain on lists of connections, for large sparse networks.

:mod:`netanalysis.structure._leiden_lists` puts them together; nodes are moved by :mod:`.sparse_moves`.
The quality has the form ``Q = sum_ij [S_ij - p_i . q_j] delta(c_i, c_j)``: S symmetric, ``p_i . q_j`` the null term,
a product of short vectors (one number undirected, two directed or signed, four both). Networks come in as the
off-diagonal part of S in CSR form with p and q, in units of Q.
"""

import numpy as np

from netanalysis._kernels.compiling import inlined, kernel
from netanalysis._kernels.random import uniform
from netanalysis.structure.kernels.labels import NODE, compact, shuffled
from netanalysis.structure.kernels.sparse_moves import add, dot, move_along


@inlined
def _boltzmann(x):
    """exp(x), without the work where it makes no difference to a sum that holds exp(0)."""
    return np.exp(x) if x > -40.0 else 0.0


@kernel
def refine(indptr, indices, data, p, q, label, bond, theta, state, part):
    """Split every community into well-connected parts by merging single nodes, as which `part` comes in.

    `bond` comes in as the weight between each node and its community, and is used up.
    """
    n = len(label)
    total = np.zeros(q.shape, np.float64)
    for x in range(n):
        add(total, label[x], q, NODE(x))
    order = shuffled(n, state)
    part_p = p.copy()
    part_q = q.copy()
    single = np.empty(n, np.bool_)
    well = np.empty(n, np.bool_)  # connected to the rest of its community as well as the null term asks: may merge
    for x in range(n):
        i = NODE(x)
        single[i] = True
        well[i] = bond[i] >= dot(p, i, total, label[i]) - dot(p, i, q, i)
    weight_to = np.zeros(n, np.float64)
    seen = np.zeros(n, np.bool_)
    near = np.empty(n + 1, NODE)
    gains = np.empty(n, np.float64)
    for x in range(n):
        i = order[x]
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
            gain = weight_to[c] - dot(p, i, part_q, c) if well[c] else -1.0
            best_gain = gain if gain > best_gain else best_gain
            gains[m] = gain
        chance = _boltzmann(-best_gain / theta)
        for m in range(n_near):
            gains[m] = _boltzmann((gains[m] - best_gain) / theta) if gains[m] >= 0.0 else 0.0
            chance += gains[m]
        chance *= uniform(state)
        target = i
        for m in range(n_near):
            chance -= gains[m]
            if chance < 0.0:
                target = near[m]
                break
        if target != i:
            part[i] = target
            single[target] = False
            add(part_p, target, p, i)
            add(part_q, target, q, i)
            bond[target] += bond[i] - 2.0 * weight_to[target]
            well[target] = bond[target] >= dot(part_p, target, total, home) - dot(part_p, target, part_q, target)
        for m in range(n_near):
            weight_to[near[m]] = 0.0
            seen[near[m]] = False


@inlined
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
    new_p = np.zeros((k, p.shape[1]), np.float64)
    new_q = np.zeros((k, q.shape[1]), np.float64)
    for x in range(n):
        i = NODE(x)
        c = part[i]
        members[place[c]] = i
        place[c] += 1
        add(new_p, c, p, i)
        add(new_q, c, q, i)
    new_indptr = np.empty(k + 1, np.int64)
    new_indptr[0] = 0
    bound = min(len(indices), k * (k - 1))
    new_indices = np.empty(bound, NODE)
    new_data = np.empty(bound, np.float64)
    weight_to = np.zeros(k, np.float64)
    few = k * k <= len(indices)  # all parts may be looked at for each part
    near = np.empty(k + 1, NODE)
    for c in range(k):
        near[c] = c
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


@kernel
def merge(indptr, indices, data, p, q, part, label, state):
    """Aggregate the parts and move them, from the communities in `label`, until communities are single nodes.

    Writes the communities to `label`; `part` is used up.
    """
    n = len(label)
    k = compact(part, n)
    compact(label, n)
    local = np.empty(k, NODE)
    for i in range(n):
        local[part[i]] = label[i]
    node = part.copy()  # the aggregated node each original node is in
    while True:
        indptr, indices, data, p, q = _aggregate(indptr, indices, data, p, q, part, k)
        size = k
        move_along(indptr, indices, data, p, q, local, state, np.empty(size, np.float64))
        k = compact(local, size)
        for i in range(n):
            node[i] = local[node[i]]
        if k == size:
            break
        part = local
        local = np.empty(k, NODE)
        for c in range(k):
            local[c] = c
    for i in range(n):
        label[i] = node[i]


@kernel
def quality(indptr, indices, data, p, q, trace, label):
    """Q of a partition; `trace` is the sum of the diagonal of S."""
    n = len(label)
    inside = trace
    total_p = np.zeros(p.shape, np.float64)
    total_q = np.zeros(q.shape, np.float64)
    for x in range(n):
        i = NODE(x)
        add(total_p, label[i], p, i)
        add(total_q, label[i], q, i)
        for e in range(indptr[i], indptr[i + 1]):
            if label[indices[e]] == label[i]:
                inside += data[e]
    for x in range(n):
        inside -= dot(total_p, NODE(x), total_q, NODE(x))
    return inside


@kernel
def split_components(indptr, indices, label):
    """Make every connected piece of a community one of its own, in place."""
    n = len(label)
    piece = np.empty(n, NODE)
    for i in range(n):
        piece[i] = n
    stack = np.empty(n, NODE)
    k = 0
    for root in range(n):
        if piece[root] < n:
            continue
        piece[root] = k
        stack[0] = root
        height = 1
        while height > 0:
            height -= 1
            i = stack[height]
            for e in range(indptr[i], indptr[i + 1]):
                j = indices[e]
                if piece[j] == n and label[j] == label[root]:
                    piece[j] = k
                    stack[height] = j
                    height += 1
        k += 1
    for i in range(n):
        label[i] = piece[i]
