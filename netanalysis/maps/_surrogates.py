"""What null models of maps share: the map they are of, the distances between its nodes, and one seed a surrogate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random, validate
from netanalysis._core.rounding import alike

# What surrogates are made of, per replicate: a Generator and the map.
One = Callable[[np.random.Generator], NDArray[np.float64]]


def as_map(values: ArrayLike, name: str = "values", *, undefined: bool = False) -> NDArray[np.float64]:
    """One number per node that varies."""
    x = validate.as_array(values, name, shape=(None,), undefined=undefined)
    known = x[~np.isnan(x)]
    if known.size < 3 or alike(known):
        same = ", all alike" if known.size else ""
        raise ValueError(f"{name} must be a map that varies over at least 3 nodes; got {known.size} values{same}")
    within(known, name)
    return x


def each_map(
    values: ArrayLike, rng: random.RNG, size: int | None, one: Callable[[Any, random.RNG], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """``one(map, rng)``, a surrogate (n,) or `size` of them (size, n), of every map of a stack: (size, ..., n)."""
    maps, lead = maps_of(values)
    if not lead:
        return one(values, rng)
    made = np.stack([one(x, source) for x, source in zip(maps, random.per_network(rng, len(maps)), strict=True)], -2)
    return made.reshape(*made.shape[:-2], *lead, made.shape[-1])


def of_each(values: ArrayLike, one: Callable[[Any], Any]) -> Any:
    """Numbers (...) from ``one(map)`` of every map of a stack."""
    maps, lead = maps_of(values)
    return one(values) if not lead else np.array([one(x) for x in maps]).reshape(lead)


def maps_of(values: ArrayLike, name: str = "values") -> tuple[list[Any], tuple[int, ...]]:
    """The maps of a stack (..., n), or the one there is; and the leading shape."""
    if hasattr(values, "columns") and hasattr(values, "to_numpy"):
        raise TypeError(
            f"{name} is a DataFrame of shape {np.shape(values)}; give one column, or as a stack a map in each row: "
            f"{name}.to_numpy() if its rows are maps, {name}.to_numpy().T if its columns are"
        )
    x = validate.as_array(values, name, undefined=True)
    lead = x.shape[:-1]
    return (list(x.reshape(-1, x.shape[-1])), lead) if lead and x.size else ([values], ())


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
    rows = np.stack([one(generator) for generator in random.generators(rng, how_many(size))])
    return rows[0] if size is None else rows


def how_many(size: int | None) -> int:
    """Of how many surrogates `size` speaks."""
    return 1 if size is None else options.count(size, "size")
