"""Nodes on the plane that a figure shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from netanalysis.plot._axes import open_frame
from netanalysis.plot._fit import fit
from netanalysis.plot._network import plane_of, positions_of, unit_of


def on_plane(
    net: Any, positions: ArrayLike | None, plane: str | None, n: int
) -> tuple[NDArray[np.float64], tuple[str, str], str]:
    """Two coordinates of each unit, the names of the axes and their unit."""
    place = positions_of(net, positions, n)
    first, second = plane_of(place, plane)
    flat, names = place[:, [first, second]], ("xyz"[first], "xyz"[second])
    cells = np.unique(flat, axis=0)
    if len(cells) < len(np.unique(place, axis=0)):
        # Layers of a three-dimensional grid hide each other: shift them along the diagonal, less than a grid step.
        third = 3 - first - second
        gaps = np.concatenate([np.diff(np.unique(axis)) for axis in flat.T])
        depth = place[:, third] - place[:, third].mean()
        flat = flat + (0.6 * gaps.min(initial=np.inf if len(cells) > 1 else 1.0) * depth / np.ptp(depth))[:, None]
        names = (names[0], f"{names[1]}, layers shifted by {'xyz'[third]}")
    return flat, names, unit_of(net)


def spatial_axes(ax: Axes, names: tuple[str, str], unit: str) -> None:
    """Equal scales, and what the axes are, with their unit."""
    ax.set_aspect("equal", adjustable="datalim")
    ax.set(xlabel=f"{names[0]}{unit}", ylabel=f"{names[1]}{unit}")
    open_frame(ax)
    fit(ax)


def dot_area(place: NDArray[np.float64]) -> float:
    """Dots that shrink as there are more of them."""
    return float(np.clip(5000 / len(place), 6, 60))
