"""Seeded networks of the sizes people work with; the letters are those of the results table."""

from functools import cache

import numpy as np
from scipy import sparse


@cache
def small(directed=False, n=100, density=0.15, seed=1):
    """Network a: lognormal weights, half of the connections inside 5 modules."""
    rng = np.random.default_rng(seed)
    module = np.arange(n) % 5
    inside = module[:, None] == module
    p = np.where(inside, 0.5 / inside.mean(), 0.5 / (1 - inside.mean())) * density
    w = rng.lognormal(size=(n, n)) * (rng.random((n, n)) < p)
    np.fill_diagonal(w, 0)
    return w if directed else np.triu(w) + np.triu(w).T


def medium(directed=False):
    """Network c: 1,000 nodes, density .1."""
    return small(directed, n=1000, density=0.1, seed=2)


@cache
def signed(n=100, seed=3):
    """Dense signed weights with modules, symmetric."""
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(n, n)) + 0.5 * (np.arange(n)[:, None] % 4 == np.arange(n) % 4)
    w = (w + w.T) / 2
    np.fill_diagonal(w, 0)
    return w


@cache
def ensemble(count=1000, directed=True):
    """Stack of small networks."""
    return np.stack([small(directed, seed=10 + k) for k in range(count)])


@cache
def large(n=20_000, edges=500_000, modules=40, directed=False, seed=4):
    """Networks d (20,000 nodes, 500,000 edges) and e (140,000, 5,000,000): heavy-tailed, half inside modules."""
    rng = np.random.default_rng(seed)
    weight = rng.pareto(2.5, n) + 1
    weight /= weight.sum()
    size = n // modules
    draw = int(edges * 1.15)
    source = rng.choice(n, draw, p=weight)
    target = rng.choice(n, draw, p=weight)
    inside = rng.random(draw) < 0.5
    target[inside] = (source[inside] // size) * size + rng.integers(0, size, inside.sum())
    target %= n
    low, high = (source, target) if directed else (np.minimum(source, target), np.maximum(source, target))
    keep = np.unique(low.astype(np.int64) * n + high)
    keep = keep[keep // n != keep % n]
    keep = np.sort(rng.permutation(keep)[:edges])
    w = sparse.csr_array((rng.lognormal(size=len(keep)), (keep // n, keep % n)), shape=(n, n))
    return w if directed else sparse.csr_array(w + w.T)


def fly():
    """Network e, undirected."""
    return large(140_000, 5_000_000, 100, seed=5)


def fly_directed():
    """Network e, directed."""
    return large(140_000, 5_000_000, 100, directed=True, seed=5)
