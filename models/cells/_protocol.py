"""What the trainer needs of a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["BLOCKS", "Axes", "Cell", "Parameters", "gates", "sized", "wiring"]

# The weights that every cell has, whatever else it has.
BLOCKS = ("W_in", "W", "W_out")
Parameters = Mapping[str, Tensor]
# What each axis of each parameter counts: "input", "unit" or "output".
Axes = Mapping[str, tuple[str, ...]]


class Cell(Protocol):
    """Recurrent units of many networks at once; a frozen dataclass, whose fields are its settings.

    Every parameter of a batch of networks has a leading axis of networks. W_in, W and W_out must be among them, from
    source (row) to target (column): they are what is analysed and penalised. :class:`models.RateCell` is an example.
    A cell with several kernels between its units may have a method ``gates(p)`` that lists W_in and W of each, the
    first with W_out: penalties see the sum of their magnitudes, as of :class:`models.cells.GRUCell`.

    Attributes
    ----------
    n : int
        Units.
    noise : float
        Standard deviation of the noise in training; 0: none, and `states` gets none.
    axes : mapping
        What each axis of each parameter of one network counts, as ``{"W_in": ("input", "unit"), …}``: shapes follow
        from it, and when units exchange places all that is theirs moves along.
    """

    @property
    def n(self) -> int: ...

    @property
    def noise(self) -> float: ...

    @property
    def axes(self) -> Axes: ...

    def start(self, n_in: int, n_out: int, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
        """Parameters of one untrained network."""
        ...

    def states(
        self,
        p: Parameters,
        x: Tensor,
        *,
        noise: Tensor | None = None,
        last: bool = False,
        running: Sequence[int] | None = None,
    ) -> Tensor:
        """Activity, (networks, time, batch, n).

        `x` is (networks, time, batch, n_in) and `noise` (networks, time, batch, n). With `last` the task reads the last
        step only: (networks, batch, n) will do if `outputs` can go by it. `running` says how many trials, from the
        first, go on at each step, the rest being padding; to ignore it costs time only.
        """
        ...

    def outputs(self, p: Parameters, states: Tensor) -> Tensor:
        """What the loss sees: (networks, batch, n_out), or (networks, time, batch, n_out) for every step."""
        ...

    def decisions(self, p: Parameters, states: Tensor) -> Tensor:
        """What the task scores, shaped like `outputs`."""
        ...

    def constrain(self, p: Parameters) -> None:
        """Bounds on parameters, in place after every update."""
        ...


def gates(cell: Cell, p: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The weights of each gate of a cell, tensors or arrays; of a cell without gates, its own."""
    each: list[Mapping[str, Any]] = cell.gates(p) if hasattr(cell, "gates") else [p]
    return each


def wiring(cell: Cell, p: Mapping[str, Any]) -> Mapping[str, Any]:
    """Parameters as penalties see them: of several gates, W_in and W are the sum of magnitudes."""
    each = gates(cell, p)
    if len(each) == 1:
        return p
    return {**p, **{block: sum(abs(gate[block]) for gate in each) for block in ("W_in", "W")}}


def sized(axes: Axes, n_in: int, n: int, n_out: int) -> dict[str, tuple[int, ...]]:
    """Shape of each parameter of one network.

    Examples
    --------
    >>> sized({"W_in": ("input", "unit"), "b": ("unit",)}, n_in=2, n=3, n_out=1)
    {'W_in': (2, 3), 'b': (3,)}
    """
    sizes = {"input": n_in, "unit": n, "output": n_out}
    return {name: tuple(sizes[axis] for axis in counted) for name, counted in axes.items()}
