"""The inner loop of Leiden and Louvain on lists of connections: nodes move to the community that raises Q most.

``Q = sum_ij [S_ij - p_i . q_j] delta(c_i, c_j)``, see :mod:`.leiden_sparse`.
"""

import numpy as np

from netanalysis._kernels.compiling import inlined, kernel, part
from netanalysis.structure.kernels.labels import NODE, compact, shuffled
from netanalysis.structure.kernels.node_moves import TINY


@part
def dot(a, i, b, j):
    """``a[i] . b[j]``."""
    total = 0.0
    for t in range(a.shape[1]):
        total += a[i, t] * b[j, t]
    return total


@part
def add(total, c, q, i):
    """``total[c] += q[i]``."""
    for t in range(q.shape[1]):
        total[c, t] += q[i, t]


@inlined
def _best_community(i, own, p, total, indptr, indices, data, label, empty, near, seen, weight_to):
    """The best community for node i among those of its connections and `empty`, an empty community or `own`.

    `near` is scratch; `seen` and `weight_to` are zero before and after.
    """
    n_near = 0
    for e in range(indptr[i], indptr[i + 1]):
        c = label[indices[e]]
        near[n_near] = c  # counted only if new: without a branch, which would often be mispredicted
        n_near += not seen[c]
        seen[c] = True
        weight_to[c] += data[e]
    factor = p[i, 0]
    stay = weight_to[own] - factor * total[0, own]
    for t in range(1, p.shape[1]):
        stay -= p[i, t] * total[t, own]
    best = own
    worth = stay + TINY
    if worth < 0.0:
        best = empty
        worth = 0.0
    for m in range(n_near):
        c = near[m]
        gain = weight_to[c] - factor * total[0, c]
        for t in range(1, p.shape[1]):
            gain -= p[i, t] * total[t, c]
        if gain > worth:
            best = c
            worth = gain
        weight_to[c] = 0.0
        seen[c] = False
    return best


@kernel
def move_along(indptr, indices, data, p, q, label, state, bond):
    """Move nodes to their best community until none gains.

    Changes the labels in place and fills `bond`, the weight between each node and its community. A queue holds the
    nodes whose surroundings changed. A node may also leave for an empty community.
    """
    n = len(label)
    k = compact(label, n)
    room = min(n, 4 * k + 16)  # once these labels are in use, leaving for an empty community waits for the next round
    total = np.zeros((q.shape[1], room), np.float64)
    size = np.zeros(room, np.int64)
    queued = np.empty(n, np.bool_)
    for i in range(n):
        for t in range(q.shape[1]):
            total[t, label[i]] += q[i, t]
        size[label[i]] += 1
        queued[i] = True
    vacant = np.empty(room, NODE)  # a stack
    n_vacant = 0
    for c in range(k, room):
        vacant[n_vacant] = c
        n_vacant += 1
    near = np.empty(room + 1, NODE)
    seen = np.zeros(room, np.bool_)
    weight_to = np.zeros(room, np.float64)
    queue = shuffled(n, state)
    head = 0
    waiting = n
    while waiting > 0:
        i = queue[head]
        head = head + 1 if head < n else 0
        waiting -= 1
        queued[i] = False
        own = label[i]
        for t in range(q.shape[1]):
            total[t, own] -= q[i, t]
        fresh = vacant[n_vacant - 1] if n_vacant > 0 and size[own] > 1 else own
        best = _best_community(i, own, p, total, indptr, indices, data, label, fresh, near, seen, weight_to)
        for t in range(q.shape[1]):
            total[t, best] += q[i, t]
        if best == own:
            continue
        label[i] = best
        if size[best] == 0:
            n_vacant -= 1
        if size[own] == 1:
            vacant[n_vacant] = own
            n_vacant += 1
        size[own] -= 1
        size[best] += 1
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            new = (not queued[j]) & (label[j] != best)
            tail = head + waiting
            queue[tail if tail <= n else tail - n - 1] = j
            queued[j] |= new
            waiting += new
    for i in range(n):
        bond[i] = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            if label[indices[e]] == label[i]:
                bond[i] += data[e]
