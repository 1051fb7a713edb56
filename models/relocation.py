"""Units exchange places to shorten wires, the second half of BIMT (Growing Brains, arXiv:2310.07711).

Weights stay attached to their units: what the network computes does not change, only where its units sit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.space import Space

__all__ = ["exchange_changes", "move", "relocation", "wiring_cost"]

Weights = Mapping[str, NDArray[Any]]

UNIT_AXES = {"W_in": (1,), "W": (0, 1), "b": (0,), "beta": (0,), "W_out": (0,)}


def wiring_cost(weights: Weights, space: Space) -> float:
    """``sum |w| d`` over recurrent weights, and those of inputs and outputs if they have places."""
    blocks = ["W"] if space.inputs is None else ["W_in", "W", "W_out"]
    return float(sum((np.abs(weights[block]) * space.distances(block)).sum() for block in blocks))


class _Layout:
    """Units in places, with the cost of every unit in every place.

    ``cost[i, a]`` is what unit i would pay in place a, the others staying where they are.
    """

    def __init__(self, weights: Weights, space: Space) -> None:
        w = np.abs(np.asarray(weights["W"], dtype=float))
        self.pull = w + w.T
        np.fill_diagonal(self.pull, 0)
        self.distance = space.distances()
        self.place = np.arange(len(w))
        self.cost = self.pull @ self.distance
        if space.inputs is not None:
            self.cost += np.abs(weights["W_in"]).T @ space.distances("W_in")
            self.cost += np.abs(weights["W_out"]) @ space.distances("W_out").T

    def changes(self, j: int) -> NDArray[np.float64]:
        """Change of the total cost if unit j exchanges places with each unit."""
        p, here = self.place, self.place[j]
        units = np.arange(len(p))
        mine = self.cost[j, p] - self.cost[j, here]
        theirs = self.cost[:, here] - self.cost[units, p]
        # Both sums moved one end of the connection between the two, whose length stays.
        return np.asarray(mine + theirs + 2 * self.pull[j] * self.distance[here, p])

    def exchange(self, j: int, k: int) -> None:
        """Do it."""
        a, b = self.place[j], self.place[k]
        self.cost += np.outer(self.pull[:, j] - self.pull[:, k], self.distance[b] - self.distance[a])
        self.place[j], self.place[k] = b, a


def exchange_changes(weights: Weights, space: Space) -> NDArray[np.float64]:
    """Change of :func:`wiring_cost` for each exchange of two units, (n, n), in closed form."""
    layout = _Layout(weights, space)
    return np.stack([layout.changes(j) for j in range(len(layout.place))])


def relocation(weights: Weights, space: Space, *, top: int = 30) -> NDArray[np.intp]:
    """One round: each of the `top` most important units makes its best exchange, if that shortens the wiring.

    Importance is the sum of absolute incoming and outgoing weights, input and output weights included.

    Returns
    -------
    int array, shape (n,)
        Order of the units in the places: apply with :func:`move`.
    """
    layout = _Layout(weights, space)
    importance = sum(
        np.abs(weights[block]).sum(axis=1 - axis)
        for block in ("W_in", "W", "W_out")
        if block in weights
        for axis in UNIT_AXES[block]
    )
    for j in np.argsort(-np.asarray(importance), kind="stable")[:top]:
        change = layout.changes(int(j))
        k = int(change.argmin())
        if change[k] < -1e-9 * np.abs(layout.cost[j]).max():  # rounding must not exchange units forever
            layout.exchange(int(j), k)
    return np.argsort(layout.place)


def move(values: Weights, order: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """Parameters, or anything shaped like them, with the units in a new order."""
    moved = {}
    for name, value in values.items():
        for axis in UNIT_AXES.get(name, ()):
            value = np.take(value, order, axis=axis)
        moved[name] = value
    return moved


def relocate(space: Space, top: int, *states: Mapping[str, torch.Tensor]) -> None:
    """One round for each network, in place: the first of `states` are its weights, the others move along."""
    for k in range(len(states[0]["W"])):
        weights = {name: value[k].cpu().numpy() for name, value in states[0].items()}
        order = relocation(weights, space, top=top)
        for state in states:
            for name, value in move({name: value[k].cpu().numpy() for name, value in state.items()}, order).items():
                state[name][k] = torch.from_numpy(value)
