"""Small networks whose right values are known by hand and from several libraries."""

import numpy as np


def undirected(n, *edges):
    """From (i, j, weight)."""
    w = np.zeros((n, n))
    for i, j, x in edges:
        w[i, j] = w[j, i] = x
    return w


def directed(n, *edges):
    """From (source, target), each of weight 1."""
    w = np.zeros((n, n))
    for i, j in edges:
        w[i, j] = 1.0
    return w


W6 = undirected(6, (0, 1, 3), (0, 2, 1), (1, 2, 2), (2, 3, 1), (3, 4, 2), (3, 5, 1), (4, 5, 4))
S5 = undirected(5, (0, 1, 1), (0, 2, 5), (0, 3, 4), (1, 2, 2), (3, 4, 3), (1, 4, 6))
C5 = undirected(5, (0, 1, 1), (1, 2, 2), (2, 3, 3), (3, 4, 4), (4, 0, 5))


def random_network(n, density, seed=0, *, symmetric=False):
    """Continuous weights."""
    rng = np.random.default_rng(seed)
    w = rng.random((n, n)) * (rng.random((n, n)) < density)
    np.fill_diagonal(w, 0)
    return np.triu(w) + np.triu(w).T if symmetric else w
