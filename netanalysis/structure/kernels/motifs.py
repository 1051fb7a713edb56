"""How often each pattern of three or four nodes occurs (Wernicke 2006, doi:10.1109/TCBB.2006.51).

Every connected set of nodes is met once, from its lowest node. A pair has a code: 1 there, 2 back, 3 both. A set of
nodes a, b, c(, d) is counted at the digits ab, ac, bc(, ad, bd, cd), two bits each, the first one highest.
"""

import numpy as np

from netanalysis._kernels.compiling import kernel, part


@part
def count_from(root, indptr, indices, codes, size, of_a, of_b, of_c, more, hits):
    """Add all connected sets of `size` nodes whose lowest is `root` to `hits`.

    `of_a`, `of_b`, `of_c` hold the codes of the pairs with nodes a, b, c, and are 0 before and after; `more` is
    scratch.
    """
    for e in range(indptr[root], indptr[root + 1]):
        of_a[indices[e]] = codes[e]
    n_a = 0  # neighbours of a that come after it
    for e in range(indptr[root], indptr[root + 1]):
        if indices[e] > root:
            more[n_a] = indices[e]
            n_a += 1
    for x in range(n_a):
        b = more[x]
        for e in range(indptr[b], indptr[b + 1]):
            of_b[indices[e]] = codes[e]
        n_b = n_a  # and neighbours of b that are not of a
        for e in range(indptr[b], indptr[b + 1]):
            c = indices[e]
            if c > root and of_a[c] == 0:
                more[n_b] = c
                n_b += 1
        first = np.int64(of_a[b]) << 4
        if size == 3:
            for y in range(x + 1, n_b):
                c = more[y]
                hits[first | of_a[c] << 2 | of_b[c]] += 1
        else:
            for y in range(x + 1, n_b):
                c = more[y]
                base = (first | of_a[c] << 2 | of_b[c]) << 6
                for e in range(indptr[c], indptr[c + 1]):
                    of_c[indices[e]] = codes[e]
                for z in range(y + 1, n_b):
                    d = more[z]
                    hits[base | of_a[d] << 4 | of_b[d] << 2 | of_c[d]] += 1
                for e in range(indptr[c], indptr[c + 1]):
                    d = indices[e]
                    of_c[d] = 0
                    if d > root and d != b and of_a[d] == 0 and of_b[d] == 0:
                        hits[base | codes[e]] += 1
        for e in range(indptr[b], indptr[b + 1]):
            of_b[indices[e]] = 0
    for e in range(indptr[root], indptr[root + 1]):
        of_a[indices[e]] = 0


@kernel
def count(start, stop, indptr, indices, codes, size, hits):
    """Sets whose lowest node is among start:stop, of a network as lists of neighbours in either direction."""
    n = len(indptr) - 1
    of_a, of_b, of_c = np.zeros(n, np.uint8), np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    more = np.empty(n, np.int32)
    for root in range(start, stop):
        count_from(root, indptr, indices, codes, size, of_a, of_b, of_c, more, hits)


@kernel
def count_dense(start, stop, stack, size, hits):
    """Roots start:stop of all the nodes of a stack, one network after the other, into hits (networks, patterns)."""
    n = stack.shape[1]
    of_a, of_b, of_c = np.zeros(n, np.uint8), np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    more = np.empty(n, np.int32)
    indptr = np.zeros(n + 1, np.int64)
    indices, codes = np.empty(n * n, np.int32), np.empty(n * n, np.uint8)
    made = -1
    for task in range(start, stop):
        g, root = task // n, task % n
        if g != made:
            made = g
            w = stack[g]
            to = 0
            for i in range(n):
                for j in range(n):
                    indices[to] = j
                    codes[to] = (w[i, j] != 0.0) + 2 * (w[j, i] != 0.0)
                    to += (codes[to] > 0) & (i != j)
                indptr[i + 1] = to
        count_from(root, indptr, indices, codes, size, of_a, of_b, of_c, more, hits[g])
