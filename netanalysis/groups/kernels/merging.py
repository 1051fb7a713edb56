"""Components that grow while a threshold falls, and what each of their edges collects meanwhile."""

import numpy as np

from netanalysis._kernels.compiling import kernel


@kernel
def threshold_free(start, stop, order, begins, rows, columns, levels, powers, scores):
    """Sum over falling thresholds of (edges of the component)^E times the rise of `levels`, for every edge.

    Network m has the edges ``order[begins[m] : begins[m + 1]]``, strongest first, with ``levels`` that fall to 0;
    ``powers[k]`` is k^E, ``rows`` and ``columns`` the nodes of an edge. A union of components keeps, per node, how much
    less it has collected than its parent, so that nothing is written to every edge.
    """
    n = 0
    for e in range(len(rows)):
        n = max(n, rows[e] + 1, columns[e] + 1)
    parent, extent = np.empty(n, np.int64), np.empty(n, np.int64)
    ahead, since = np.empty(n), np.empty(n)  # of a root: what it has collected, and up to which level
    for m in range(start, stop):
        for i in range(n):
            parent[i], extent[i], ahead[i], since[i] = i, 0, 0.0, 0.0
        for last in range(2):  # the second time, what every edge has collected at the end
            for k in range(begins[m], begins[m + 1]):
                e, level = order[k], levels[k]
                a = rows[e]
                total = 0.0
                while parent[a] != a:
                    total += ahead[a]
                    a = parent[a]
                if last:
                    scores[k] += total + ahead[a] + powers[extent[a]] * since[a]
                    continue
                b = columns[e]
                while parent[b] != b:
                    b = parent[b]
                ahead[a] += powers[extent[a]] * (since[a] - level)
                since[a] = level
                if a != b:
                    ahead[b] += powers[extent[b]] * (since[b] - level)
                    since[b] = level
                if a != b and extent[a] < extent[b]:
                    a, b = b, a
                if a != b:
                    parent[b] = a
                    ahead[b] -= ahead[a]
                    extent[a] += extent[b]
                extent[a] += 1
                # What the edge's first node has collected so far is not the edge's.
                c = rows[e]
                total = 0.0
                while parent[c] != c:
                    total += ahead[c]
                    c = parent[c]
                scores[k] = -(total + ahead[c])
