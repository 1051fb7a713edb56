"""Pairs of nodes at a given distance, drawn without a list of all pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis.nulls._replicate import Batch

_DRAWS = 2**20  # pairs at a time
_SAMPLE = 1_000_000  # pairs from which bins of equally many are told
_MOST = 2e10  # pairs drawn for one bin: hours
_FULL = 0.5  # of a bin: beyond, most draws are pairs that were drawn before


def random_pairs(n: int, directed: bool, count: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Pairs of distinct nodes, i < j if undirected, all equally likely; some come again."""
    i, j = rng.integers(n, size=count), rng.integers(n - 1, size=count)
    j += j >= i
    return (i, j) if directed else (np.minimum(i, j), np.maximum(i, j))


def equal_limits(positions: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Edges of bins that hold about equally many pairs, from a million of them."""
    i, j = random_pairs(len(positions), True, _SAMPLE, np.random.default_rng(0))
    limits = np.quantile(_lengths(positions, i, j), np.linspace(0, 1, count + 1))
    limits[0], limits[-1] = 0.0, np.inf
    return np.asarray(limits)


def deal_within_bins(batch: Batch, positions: NDArray[np.float64], limits: NDArray[np.float64]) -> None:
    """Connections of a sparse network to other pairs of their bins, all equally likely; weights keep theirs."""
    n, directed, rng = batch.n, bool(batch.directed[0]), np.random.default_rng(batch.seeds[0])
    own = np.searchsorted(limits, _lengths(positions, batch.sources, batch.targets), side="right") - 1
    places = [np.flatnonzero(own == k) for k in range(len(limits) - 1)]
    found: list[list[Any]] = [[np.empty(0, np.int64)] for _ in places]
    have, drawn = np.zeros(len(places), np.int64), 0
    wanted = np.array([len(place) for place in places])
    pairs, step = n * (n - 1) / (1 if directed else 2), int(min(_DRAWS, 64 + 2 * len(places) * wanted.sum()))
    while (have < wanted).any():
        i, j = random_pairs(n, directed, step, rng)
        which = np.searchsorted(limits, _lengths(positions, i, j), side="right") - 1
        drawn += step
        for k in np.flatnonzero(have < wanted):
            mine = which == k
            found[k].append(i[mine] * n + j[mine])
            if sum(map(len, found[k])) >= wanted[k]:
                found[k] = [_distinct(np.concatenate(found[k]))]
                have[k] = len(found[k][0])
        _require_room(have, wanted, found, drawn, pairs, limits)
    for place, keys in zip(places, found, strict=True):
        if len(place):
            batch.sources[place], batch.targets[place] = np.divmod(keys[0][: len(place)], n)


def _require_room(
    have: NDArray[np.int64], wanted: NDArray[np.int64], found: list[Any], drawn: int, pairs: float, limits: Any
) -> None:
    """Whether the bins that are not full yet can be, by draws at random."""
    for k in np.flatnonzero(have < wanted):
        seen = max(1, sum(map(len, found[k])))
        if drawn >= min(16 * _DRAWS, 50 * pairs) and (
            wanted[k] > _FULL * pairs * seen / drawn or wanted[k] * drawn / seen > _MOST
        ):
            raise ValueError(
                f"bins: {wanted[k]} connections have lengths from {limits[k]:.4g} to {limits[k + 1]:.4g}, as do about "
                f"{pairs * seen / drawn:.2g} pairs of nodes: too many of few to draw others. Give wider bins"
            )


def _lengths(positions: NDArray[np.float64], i: Any, j: Any) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(positions[i] - positions[j], axis=1))


def _distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each key once, in the order of their first appearance."""
    first = np.unique(keys, return_index=True)[1]
    first.sort()
    return keys[first]
