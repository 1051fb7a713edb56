"""The inner loop of Leiden and Louvain: nodes move to the community that raises Q most.

Qualities have the form ``Q = sum_ij [S_ij - p_i . q_j] delta(c_i, c_j)``, see :mod:`netanalysis._kernels.leiden`.
"""

# mypy: disable-error-code="no-untyped-def"
import numpy as np
from numba import njit

from netanalysis._kernels.random import below

NODE = np.uint32  # an unsigned index needs no test for counting from the end
TINY = 1e-12  # gains below this, in units of Q, are rounding
TABLE_FACTOR = 4  # a table of weights to communities pays when it has fewer entries per connection than this
TABLE_LIMIT = 2**18  # and 2 MiB of cache hold it


@njit(cache=True, nogil=True)
def dot(a, i, b, j):
    total = 0.0
    for t in range(a.shape[1]):
        total += a[i, t] * b[j, t]
    return total


@njit(cache=True, nogil=True)
def add(total, c, q, i, sign):
    for t in range(q.shape[1]):
        total[c, t] += sign * q[i, t]


@njit(cache=True, nogil=True)
def integers(n):
    values = np.empty(n, NODE)
    for i in range(n):
        values[i] = i
    return values


@njit(cache=True, nogil=True)
def shuffled(n, state):
    """0..n-1 in random order, and one more place."""
    values = integers(n + 1)
    for i in range(n - 1, 0, -1):
        j = below(state, i + 1)
        values[i], values[j] = values[j], values[i]
    return values


@njit(cache=True, nogil=True)
def compact(label):
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
    return best, worth - stay


@njit(cache=True, nogil=True)
def move_nodes(indptr, indices, data, p, q, label, k, state, bond):
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
    empty = np.empty(room, NODE)  # a stack
    n_empty = 0
    for c in range(k, room):
        empty[n_empty] = c
        n_empty += 1
    near = np.empty(room + 1, NODE)
    seen = np.zeros(room, np.bool_)
    gains = np.empty(room)
    queue = shuffled(n, state)
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
