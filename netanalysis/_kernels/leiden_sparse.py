"""Leiden and Louvain on lists of connections, for large sparse networks; see :mod:`netanalysis._kernels.leiden`.

The quality has the form ``Q = sum_ij [S_ij - p_i . q_j] delta(c_i, c_j)``: S symmetric, ``p_i . q_j`` the null term,
a product of short vectors (one number undirected, two directed or signed, four both). Networks come in as the
off-diagonal part of S in CSR form with p and q, in units of Q.
"""

# mypy: disable-error-code="no-untyped-def"
import numpy as np

from netanalysis._kernels.compiling import inlined, kernel, part
from netanalysis._kernels.labels import NODE, compact, number_by_size, shuffled
from netanalysis._kernels.leiden import THETA
from netanalysis._kernels.node_moves import TINY
from netanalysis._kernels.random import new_state, uniform
from netanalysis._kernels.sparse_moves import add, dot, move_along


@inlined
def _boltzmann(x):
    """exp(x), without the work where it makes no difference to a sum that holds exp(0)."""
    return np.exp(x) if x > -40.0 else 0.0


@inlined
def _refine(indptr, indices, data, p, q, label, bond, theta, state, part):
    """Split every community into well-connected parts by merging single nodes, into `part`.

    `bond` comes in as the weight between each node and its community, and is used up.
    """
    n = len(label)
    total = np.zeros((n, q.shape[1]))
    for i in range(n):
        add(total, label[i], q, i, 1.0)
    for i in range(n):
        part[i] = i
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


@part
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


@inlined
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


@inlined
def _merge_parts(indptr, indices, data, p, q, part, label, state):
    """Aggregate the parts and move them, from the communities in `label`, until communities are single nodes.

    Writes the communities to `label`.
    """
    n = len(label)
    node = part  # the aggregated node each original node is in
    k = compact(node, n)
    local = np.empty(k, NODE)
    for i in range(n):
        local[node[i]] = label[i]
    part = node.copy()
    while True:
        indptr, indices, data, p, q = _aggregate(indptr, indices, data, p, q, part, k)
        size = k
        move_along(indptr, indices, data, p, q, local, compact(local, size), state, np.empty(size))
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
    return k


@kernel
def optimize(indptr, indices, data, p, q, trace, connected, refined, iterations, seed, out):
    """One run, as :func:`netanalysis._kernels.leiden.optimize`; `trace` is the sum of the diagonal of S.

    What is better for many nodes: it starts from single ones, communities stay whole in the first iteration, and parts
    merge from the communities they are of rather than from scratch.
    """
    n = len(p)
    state = new_state(seed)
    theta = TINY  # something to divide by without connections
    for e in range(len(data)):
        theta += THETA * abs(data[e]) / len(data)
    label = np.empty(n, NODE)
    for i in range(n):
        label[i] = i
    bond = np.empty(n)
    move_along(indptr, indices, data, p, q, label, n, state, bond)
    best = -np.inf
    best_label = label.copy()
    failed = 0
    for iteration in range(iterations + 1 if refined else 1):
        part = label.copy()
        if iteration > 0:
            _refine(indptr, indices, data, p, q, label, bond, theta, state, part)
        if failed == 1:
            move_along(indptr, indices, data, p, q, part, compact(part, n), state, bond)
            label = part.copy()
        compact(label, n)
        k = _merge_parts(indptr, indices, data, p, q, part, label, state)
        move_along(indptr, indices, data, p, q, label, k, state, bond)
        found = quality(indptr, indices, data, p, q, trace, label)
        failed = 0 if found > best + TINY else failed + 1
        if failed == 0:
            best = found
            for i in range(n):
                best_label[i] = label[i]
        if failed == 2:
            break
    if refined and connected:
        _split_components(indptr, indices, best_label)
    number_by_size(best_label, out)
    if len(data) == 0 and trace == 0.0:
        return np.nan
    return quality(indptr, indices, data, p, q, trace, best_label)
