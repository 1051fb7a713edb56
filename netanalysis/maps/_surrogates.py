"""What null models of maps share: the map they are of, the distances between its nodes, and one seed a surrogate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import random, validate

# What surrogates are made of, per replicate: a Generator and the map.
One = Callable[[np.random.Generator], NDArray[np.float64]]


def as_map(values: ArrayLike, name: str = "values", *, undefined: bool = False) -> NDArray[np.float64]:
    """One number per node that varies."""
    x = validate.as_array(values, name, shape=(None,), undefined=undefined)
    known = x[~np.isnan(x)]
    if known.size < 3 or np.ptp(known) == 0:
        alike = ", all alike" if known.size else ""
        raise ValueError(f"{name} must be a map that varies over at least 3 nodes; got {known.size} values{alike}")
    within(known, name)
    return x


def within(values: NDArray[np.float64], name: str) -> None:
    """Refuse numbers whose squares leave the range of doubles: no map needs such a unit."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest > 1e100 or 0 < largest < 1e-100:
        raise ValueError(f"{name} must be of a size between 1e-100 and 1e100; the largest is {largest:.3g}: rescale it")


def as_distances(distances: Any, n: int) -> NDArray[np.float64]:
    """Symmetric distances between n nodes."""
    d = validate.as_array(distances, "distances", shape=(n, n))
    if (d < 0).any() or np.diagonal(d).any() or not np.allclose(d, d.T, rtol=1e-8, atol=0):
        raise ValueError("distances must be symmetric, not negative, and 0 from each node to itself")
    within(d, "distances")
    return d


def drawn(one: One, rng: random.RNG, size: int | None) -> NDArray[np.float64]:
    """`size` surrogates, each from its own Generator; None: a single one."""
    count = 1 if size is None else validate.positive_int(size, "size")
    rows = np.stack([one(generator) for generator in random.generators(rng, count)])
    return rows[0] if size is None else rows
