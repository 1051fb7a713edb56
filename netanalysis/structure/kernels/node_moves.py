"""The inner loop of Leiden and Louvain on a matrix: nodes move to the community that raises Q most.

``Q = sum_ij B_ij delta(c_i, c_j)``, see :mod:`.quality_form`. What node i is worth to community c
is kept in a table, `worth[c, i]`, the sum of B over the nodes in c: a move changes two of its rows by one of B.
Matrices may be larger than the n nodes in use: aggregated networks live in the memory of the first.
"""

from netanalysis._kernels.compiling import part

TINY = 1e-12  # gains below this, in units of Q, are rounding


@part
def sum_rows(b, rows, columns, label, k, worth):
    """The table: for each of k communities the sum over its rows of b."""
    for c in range(k):
        for j in range(columns):
            worth[c, j] = 0.0
    for i in range(rows):
        c = label[i]
        for j in range(columns):
            worth[c, j] += b[i, j]


@part
def aggregate(worth, k, n, label, b):
    """B between the k communities of a table, into `b`; what lies inside one is a constant and is left out."""
    for c in range(k):
        for d in range(k):
            b[c, d] = 0.0
        for i in range(n):
            b[c, label[i]] += worth[c, i]
        b[c, c] = 0.0


@part
def move_nodes(b, n, order, label, k, worth):
    """Move nodes until none gains, round by round in the given order; return the number of labels in use.

    A node may also leave for an empty community.
    """
    if k < n:
        for j in range(n):
            worth[k, j] = 0.0
    x = 0
    still = 0
    while still < n:
        i = order[x]
        x = x + 1 if x + 1 < n else 0
        still += 1
        own = label[i]
        best = own
        most = worth[own, i] + TINY
        for c in range(min(k + 1, n)):  # with n labels in use, an empty one is among them
            if worth[c, i] > most:
                best = c
                most = worth[c, i]
        if best != own:
            still = 1
            label[i] = best
            for j in range(n):
                worth[own, j] -= b[i, j]
                worth[best, j] += b[i, j]
            if best == k:
                k += 1
                if k < n:
                    for j in range(n):
                        worth[k, j] = 0.0
    return k
