"""Relabellings of units: who receives whose label, under what each null keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import parallel, random
from netanalysis.activity import kernels


def relabellings(place: Any, n: int, null: Any, n_nulls: int, seed: int) -> NDArray[np.int64]:
    """Row 0 the identity, then one relabelling per null: unit u receives the label of unit orders[r, u]."""
    orders = np.empty((n_nulls + 1, n), np.int64)
    orders[0] = np.arange(n)
    if callable(null):
        for r, generator in enumerate(random.generators(seed, n_nulls), 1):
            order = np.asarray(null(n, generator))
            if order.shape != (n,) or not np.array_equal(np.sort(order), orders[0]):
                raise ValueError(f"null must return an order of the {n} active units, each once; got {order!r}")
            orders[r] = order
        return orders
    if null == "shuffle":
        groups = np.zeros(n, int)
    else:
        if place is None:
            raise ValueError(f"null={null!r} needs positions")
        if null == "spin":
            orders[1:] = _spins(place, n_nulls, seed)
            return orders
        eccentricity = np.linalg.norm(place - place.mean(axis=0), axis=1)
        edges = np.quantile(eccentricity, np.linspace(0, 1, 11)[1:-1])
        groups = np.searchsorted(edges, eccentricity)
    members = np.argsort(groups, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(np.bincount(groups))])
    seeds = random.seeds(seed, n_nulls)
    parallel.thread_blocks(
        lambda a, b: kernels.alignment.shuffle_within(a, b, seeds, members, bounds, orders[1:]), n_nulls, min_block=256
    )
    return orders


def _spins(place: NDArray[np.float64], count: int, seed: int) -> NDArray[np.int64]:
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist
    from scipy.spatial.transform import Rotation

    if place.shape[1] != 3:
        raise ValueError(f"null='spin' needs positions in 3 dimensions; got {place.shape[1]}")
    mirror = np.array([-1.0, 1, 1])
    sides = [side for side in (np.flatnonzero(place[:, 0] < 0), np.flatnonzero(place[:, 0] >= 0)) if len(side)]
    sphere = np.empty_like(place)
    for side in sides:
        centred = place[side] - place[side].mean(axis=0)
        sphere[side] = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    orders = np.empty((count, len(place)), np.int64)
    for row, generator in zip(orders, random.generators(seed, count), strict=True):
        turn = Rotation.random(rng=generator).as_matrix()
        for number, side in enumerate(sides):
            m = turn if number == 0 else turn * np.outer(mirror, mirror)
            _, match = linear_sum_assignment(cdist(sphere[side], sphere[side] @ m.T, "sqeuclidean"))
            row[side] = side[match]
    return orders
