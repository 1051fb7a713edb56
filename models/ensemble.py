"""Trained networks with their recipe: what they compute, and how they become a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray

import netanalysis as na
from models._recipe import Recipe
from models.space import Space
from models.tasks import Task
from netanalysis._core.files import written_whole
from netanalysis._core.options import positive_int
from netanalysis.datasets import TrainedNetworks
from netanalysis.io import _layout

__all__ = ["Ensemble"]


class Ensemble(TrainedNetworks):
    """Snapshots of trained networks and the recipe that made them; a sequence of Connectomes.

    Parameters
    ----------
    recipe : Recipe
    table : DataFrame, one row per snapshot
        Columns network, gamma, seed, epoch (0: untrained) and, on held-out trials, loss, penalty (with gamma) and
        accuracy (NaN once a network has diverged).
    parameters : mapping of float32 arrays, (snapshots, …)
        W_in, W, b, W_out, b_out, … from source (row) to target (column).

    See Also
    --------
    netanalysis.datasets.TrainedNetworks : the same without torch.
    """

    def __init__(self, recipe: Recipe, table: pd.DataFrame, parameters: Mapping[str, NDArray[np.float32]]) -> None:
        if uneven := [name for name, value in parameters.items() if len(value) != len(table)]:
            raise ValueError(f"parameters must have an entry for each row of the table; {', '.join(uneven)} do not")
        self.recipe, self.table, self.parameters = recipe, table, parameters
        self.metadata = {"model": recipe.name, "recipe": recipe.settings()}
        self.places = {} if recipe.space is None else recipe.space.arrays()
        self.credit = {}

    def connectome(self, row: int = -1) -> na.Connectome:
        """One snapshot as a network: weights, positions, input and output weights, provenance."""
        net: na.Connectome = self[row]
        return net

    def record(
        self,
        row: int = -1,
        *,
        task: Task | None = None,
        trials: int = 640,
        noise: bool = True,
        silenced: ArrayLike | None = None,
        rng: int | np.random.Generator = 0,
    ) -> na.Recording:
        """Activity of one snapshot on fresh trials, with their conditions and whether each was correct.

        Parameters
        ----------
        row : int
        task : Task, optional
            Default: the one the network was trained on.
        trials : int
        noise : bool
            Whether the inputs are noisy; noise inside the cell is off.
        silenced : bool array, shape (n,), optional
            Units of which neither units nor read-out hear; they themselves are recorded. What
            :func:`netanalysis.activity.lesion` asks for.
        rng : int or Generator
            Seed of the trials.

        Raises
        ------
        ValueError
            If `trials` is not positive, or `silenced` not a mask of the units.
        """
        positive_int(trials, "trials")
        task = task or self.recipe.make_task()
        cell = self.recipe.cell
        batch = task.sample(trials, np.random.default_rng(rng), noise=noise)
        p = {name: torch.from_numpy(value[[row]]) for name, value in self.parameters.items()}
        if silenced is not None:
            mask = np.asarray(silenced)
            if mask.dtype != bool or mask.shape != (cell.n,):
                raise ValueError(
                    f"silenced must be a boolean mask of shape ({cell.n},); got {mask.dtype} of shape {mask.shape}"
                )
            heard = torch.from_numpy(~mask)[:, None]
            p |= {name: p[name] * heard for name in ("W", "W_out")}
        x = torch.from_numpy(np.ascontiguousarray(batch.inputs.swapaxes(0, 1))[None])
        last = task.read_out == "last"
        with torch.no_grad():
            activity = cell.states(p, x)[0].swapaxes(0, 1).numpy()
            answers = cell.decisions(p, cell.states(p, x, last=last))[0].numpy()
        answers = answers if last else answers.swapaxes(0, 1)
        conditions = pd.DataFrame(dict(batch.conditions)).assign(correct_response=task.score(answers, batch))
        net = self[row]
        return na.Recording(activity, conditions, name=net.name, metadata=net.metadata)

    def save(self, path: str | os.PathLike[str], *, command: str | None = None) -> None:
        """Write everything to one .npz in float32; :func:`netanalysis.load` opens its weights as a stack."""
        if Path(path).suffix != ".npz":
            raise ValueError(f"path must end in .npz; got {path}")
        metadata = {**self.metadata, "snapshots": {name: column.tolist() for name, column in self.table.items()}}
        arrays, header = _layout.pack(
            na.Connectome(
                self.parameters["W"],
                positions=self.places.get("positions"),
                distances=self.places.get("distances"),
                name=self.recipe.name,
                metadata=metadata | ({} if command is None else {"command": command}),
            )
        )
        arrays |= {("weights" if name == "W" else name): value for name, value in self.parameters.items()}
        arrays |= self.places
        with written_whole(path) as part, part.open("wb") as file:
            np.savez_compressed(file, **{_layout.HEADER: np.array(header), **arrays})

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, recipe: Recipe | None = None) -> Self:
        """Read what :meth:`save` wrote.

        Parameters
        ----------
        path : path
        recipe : Recipe, optional
            Default: as saved. Needed to record or to train with a task, cell or penalty of your own, of which a file
            has only the name.

        Raises
        ------
        ValueError
            If the file is of another kind or damaged, or its cell is one of your own and there is no `recipe`.
        """
        saved = TrainedNetworks(path)
        if recipe is None:
            try:
                recipe = Recipe.of(saved.metadata["recipe"], Space.of(saved.places))
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(f"{path}: {error}. Pass the recipe it was trained with as recipe=") from error
        return cls(recipe, saved.table, saved.parameters)


def tabulate(gammas: NDArray[np.float64], seeds: NDArray[np.int64], history: NDArray[np.float64]) -> pd.DataFrame:
    """The table of all epochs of all networks; `history` is (3, epochs, networks)."""
    _, epochs, networks = history.shape
    network, epoch = (axis.ravel() for axis in np.meshgrid(range(networks), range(epochs), indexing="ij"))
    columns: dict[str, Any] = {"network": network, "gamma": gammas[network], "seed": seeds[network], "epoch": epoch}
    names = ("loss", "penalty", "accuracy")
    return pd.DataFrame(columns | dict(zip(names, history.swapaxes(1, 2).reshape(3, -1), strict=True)))
