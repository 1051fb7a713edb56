"""Units exchange places to shorten wires, the second half of BIMT (Growing Brains, arXiv:2310.07711).

Weights stay attached to their units: what the network computes does not change, only where its units sit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.cells import Cell
from models.cells._protocol import BLOCKS, Axes, wiring
from models.ensemble import Ensemble
from models.space import Space

__all__ = ["exchange_changes", "move", "relocate", "relocation", "settle", "settled", "wiring_cost"]

Weights = Mapping[str, NDArray[Any]]


def wiring_cost(weights: Weights, space: Space) -> float:
    """``sum |w| d`` over recurrent weights, and those of inputs and outputs if they have places."""
    blocks = ("W",) if space.inputs is None else BLOCKS
    return float(sum((np.abs(weights[block]) * space.distances(block)).sum() for block in blocks))


class _Places:
    """Who sits where, with the cost of every unit in every place.

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

    def all_changes(self) -> NDArray[np.float64]:
        """:meth:`changes` of every unit, (n, n)."""
        cost = self.cost[:, self.place]
        now = cost.diagonal()
        return np.asarray(
            cost + cost.T - now[:, None] - now + 2 * self.pull * self.distance[np.ix_(self.place, self.place)]
        )

    def exchange(self, j: int, k: int) -> None:
        """Units j and k take each other's place."""
        a, b = self.place[j], self.place[k]
        self.cost += np.outer(self.pull[:, j] - self.pull[:, k], self.distance[b] - self.distance[a])
        self.place[j], self.place[k] = b, a


def exchange_changes(weights: Weights, space: Space) -> NDArray[np.float64]:
    """Change of :func:`wiring_cost` for each exchange of two units, (n, n), in closed form."""
    return _Places(weights, space).all_changes()


def relocation(weights: Weights, space: Space, *, top: int | None = None) -> NDArray[np.intp]:
    """One round: each unit in turn makes its best exchange, if that shortens the wiring.

    The most important go first, `top` of them (None: all). Importance is the sum of absolute incoming and outgoing
    weights, input and output weights included.

    Returns
    -------
    int array, shape (n,)
        Order of the units in the places: apply with :func:`move`.
    """
    places = _Places(weights, space)
    ends = (("W_in", 0), ("W", 1), ("W", 0), ("W_out", 1))
    importance = sum(np.abs(weights[block]).sum(axis=axis) for block, axis in ends if block in weights)
    for j in np.argsort(-np.asarray(importance), kind="stable")[:top]:
        change = places.changes(int(j))
        k = int(change.argmin())
        if change[k] < -1e-9 * np.abs(places.cost[j]).max():  # rounding must not exchange units forever
            places.exchange(int(j), k)
    return np.argsort(places.place)


def settled(weights: Weights, space: Space, axes: Axes) -> NDArray[np.intp]:
    """Rounds of all units until no exchange of two shortens the wiring; the order as of :func:`relocation`."""
    order = np.arange(len(weights["W"]))
    blocks = {block: np.asarray(weights[block]) for block in BLOCKS if block in weights}
    while not np.array_equal(step := relocation(blocks, space), np.arange(len(order))):
        order, blocks = order[step], move(blocks, step, axes)
    return order


def settle(trained: Ensemble) -> Ensemble:
    """Exchange the units of trained networks until no exchange of two shortens the wiring.

    Weights stay with their units, places stay where they are: what a network computes does not change. The cost is
    ``sum |w| d`` over recurrent weights, and those of inputs and outputs where they have places (BIMT,
    arXiv:2310.07711). What is reached is a local optimum.

    Parameters
    ----------
    trained : Ensemble
        With a space. All its snapshots are settled, each by itself; choose some with ``trained.at(epoch)``. 400 units
        take some seconds.

    Returns
    -------
    Ensemble
        The same networks with their units in other places. Its table has a column `settled`, the number of units that
        moved, which is in the metadata of each network and in files.

    Raises
    ------
    ValueError
        If units have no places.

    Examples
    --------
    >>> from models import recipes, train
    >>> short = recipes.get("bimt", quick=True, epochs=1, steps=2, batch=8, held_out=8)
    >>> trained = train(short, gammas=1e-4, seeds=0, progress=False)
    >>> before, after = (
    ...     wiring_cost({name: values[-1] for name, values in networks.parameters.items()}, short.space)
    ...     for networks in (trained, settle(trained))
    ... )
    >>> after < before
    True
    """
    if not isinstance(trained, Ensemble):
        raise TypeError(f"trained must be a models.Ensemble; got {type(trained).__name__}")
    recipe = trained.recipe
    if recipe.space is None:
        raise ValueError(f"trained must have a space to settle in; the units of {recipe.name} have no places")
    moved = {name: np.array(value) for name, value in trained.parameters.items()}
    counts = []
    for row in range(len(trained.table)):
        network = {name: value[row] for name, value in moved.items()}
        order = settled(wiring(recipe.cell, network), recipe.space, recipe.cell.axes)
        for name, value in move(network, order, recipe.cell.axes).items():
            moved[name][row] = value
        counts.append(int((order != np.arange(len(order))).sum()))
    return Ensemble(recipe, trained.table.assign(settled=counts), moved)


def move(values: Weights, order: NDArray[np.intp], axes: Axes) -> dict[str, NDArray[Any]]:
    """Parameters, or anything shaped like them, with the units in a new order; `axes` are those of their cell."""
    moved = {}
    for name, value in values.items():
        for axis, counted in enumerate(axes[name]):
            if counted == "unit":
                value = np.take(value, order, axis=axis)
        moved[name] = value
    return moved


def relocate(cell: Cell, space: Space, top: int | None, *states: Mapping[str, torch.Tensor]) -> None:
    """One round for each network, in place: the first of `states` are its weights, the others move along."""
    for k in range(len(states[0]["W"])):
        of_network = [{name: value[k].cpu().numpy() for name, value in state.items()} for state in states]
        order = relocation(wiring(cell, of_network[0]), space, top=top)
        for state, values in zip(states, of_network, strict=True):
            for name, value in move(values, order, cell.axes).items():
                state[name][k] = torch.from_numpy(value)
