"""Where units, inputs and outputs sit, and how far apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from netanalysis._core.options import choice, positive_int
from netanalysis._core.validate import as_array

__all__ = ["Space", "grid", "sheet"]

_METRICS = {"euclidean": "euclidean", "manhattan": "cityblock"}


@dataclass(frozen=True, eq=False)
class Space:
    """Positions of units, (n, d), and if they have any of inputs, (n_in, d), and outputs, (n_out, d).

    `metric` is "euclidean" or "manhattan".
    """

    units: NDArray[np.float64]
    inputs: NDArray[np.float64] | None = None
    outputs: NDArray[np.float64] | None = None
    metric: str = "euclidean"

    def __post_init__(self) -> None:
        choice(self.metric, _METRICS, "metric")
        dimensions = as_array(self.units, "units", shape=(None, None)).shape[1]
        if (self.inputs is None) != (self.outputs is None):
            raise ValueError("inputs and outputs must both have positions, or neither; got one of them")
        if self.inputs is not None:
            for name in ("inputs", "outputs"):
                as_array(getattr(self, name), name, shape=(None, dimensions))

    def distances(self, block: str = "W") -> NDArray[np.float64]:
        """Distance from each source to each target of a block of weights: "W_in", "W" or "W_out"."""
        ends = {"W_in": (self.inputs, self.units), "W": (self.units, self.units), "W_out": (self.units, self.outputs)}
        a, b = ends[block]
        if a is None or b is None:
            raise ValueError(f"distances of {block} need positions of inputs and outputs; this Space has units only")
        return cdist(a, b, _METRICS[self.metric])

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """What is saved of it beside the networks; distances tell that the metric is not Euclidean."""
        arrays = {"positions": self.units}
        if self.metric != "euclidean":
            arrays["distances"] = self.distances()
        if self.inputs is not None and self.outputs is not None:
            arrays |= {"input_positions": self.inputs, "output_positions": self.outputs}
        return arrays

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.float64]]) -> Self | None:
        """The space whose :meth:`arrays` these are; None without positions."""
        if "positions" not in arrays:
            return None
        metric = "manhattan" if "distances" in arrays else "euclidean"
        return cls(arrays["positions"], arrays.get("input_positions"), arrays.get("output_positions"), metric)


def grid(*shape: int, inputs: int = 0, outputs: int = 0) -> Space:
    """Units on a grid with spacing 1, Euclidean distance (spatially embedded networks: 5 x 5 x 4).

    With `inputs` and `outputs`, so many have places too: evenly on a ring around the middle of the first face along the
    last axis, and of the last one, a spacing before and behind it. A ring is half as wide as the face's shorter side.

    Examples
    --------
    >>> d = grid(5, 5, 4).distances()
    >>> float(d.max().round(3)), float((d.sum() / (100 * 99)).round(3))
    (6.403, 3.058)
    >>> grid(5, 5, 4, inputs=8, outputs=4).outputs.round(3).tolist()
    [[3.0, 2.0, 4.0], [2.0, 3.0, 4.0], [1.0, 2.0, 4.0], [2.0, 1.0, 4.0]]
    """
    if not shape:
        raise ValueError("shape must have at least one length, as in grid(5, 5, 4); got none")
    axes = [np.arange(positive_int(length, "each length of shape"), dtype=float) for length in shape]
    units = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(shape))
    positive_int(inputs, "inputs", minimum=0)
    positive_int(outputs, "outputs", minimum=0)
    if not inputs and not outputs:
        return Space(units)
    if not (inputs and outputs and len(shape) == 3):
        raise ValueError(
            f"inputs and outputs need a grid of three lengths, and both; got grid{shape} with {inputs} and {outputs}"
        )
    return Space(units, _ring(shape, inputs, -1.0), _ring(shape, outputs, float(shape[2])))


def _ring(shape: tuple[int, ...], count: int, height: float) -> NDArray[np.float64]:
    """Places on a ring over the middle of the first two axes."""
    angle = 2 * np.pi * np.arange(count) / count
    middle, radius = (np.array(shape[:2]) - 1) / 2, (min(shape[:2]) - 1) / 4
    across = middle + radius * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.column_stack([across, np.full(count, height)])


def sheet(side: int, *, rings: int = 2, ring: int = 16, rules: int = 20) -> Space:
    """A sheet of side x side units in the unit square, Manhattan distance, with inputs and outputs above it.

    Inputs are a fixation cell in the middle, `rings` circles of `ring` cells and a row of `rules`; outputs a fixation
    cell in the middle of a circle. (Growing Brains does not state coordinates; these follow its drawing.)

    Examples
    --------
    >>> space = sheet(20)
    >>> space.units.shape, space.inputs.shape, space.outputs.shape
    ((400, 2), (53, 2), (17, 2))
    """
    for name, value in (("side", side), ("rings", rings), ("ring", ring), ("rules", rules)):
        positive_int(value, name)
    centres = (np.arange(side) + 0.5) / side
    units = np.stack(np.meshgrid(centres, centres, indexing="ij"), axis=-1).reshape(-1, 2)
    angle = 2 * np.pi * np.arange(ring) / ring
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    middle = np.array([[0.5, 0.5]])
    circles = [np.array([(k + 0.5) / rings, 0.6]) + 0.18 * circle for k in range(rings)]
    row = np.column_stack([np.linspace(0.02, 0.98, rules), np.full(rules, 0.1)])
    return Space(units, np.vstack([middle, *circles, row]), np.vstack([middle, middle + 0.25 * circle]), "manhattan")
