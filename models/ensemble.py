"""Trained networks: snapshots with what is known of each, as Connectomes, Recordings and one file."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray

import netanalysis as na
from models.recipes import Recipe
from models.space import Space
from models.tasks import Task

__all__ = ["Ensemble"]


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """Snapshots of trained networks; iterating gives Connectomes.

    Parameters
    ----------
    recipe : Recipe
    table : DataFrame, one row per snapshot
        Columns network, gamma, seed, epoch (0: untrained) and, on held-out trials, loss, penalty (with gamma) and
        accuracy (NaN once a network has diverged).
    parameters : mapping of float32 arrays, (snapshots, …)
        W_in, W, b, W_out, b_out, … from source (row) to target (column).
    """

    recipe: Recipe
    table: pd.DataFrame
    parameters: Mapping[str, NDArray[np.float32]]

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[na.Connectome]:
        return (self.connectome(row) for row in range(len(self)))

    def __repr__(self) -> str:
        networks = self.table["network"].nunique()
        return f"<Ensemble {self.recipe.name}: {len(self)} snapshots of {networks} networks>"

    def select(self, rows: Any) -> Self:
        """Some snapshots: positions or a mask over the rows of `table`, as ``e.select(e.table["epoch"] == 9)``."""
        index = np.arange(len(self))[np.asarray(rows)]
        table = self.table.iloc[index].reset_index(drop=True)
        return type(self)(self.recipe, table, {name: value[index] for name, value in self.parameters.items()})

    def at(self, epoch: int) -> Self:
        """The snapshots of one epoch; -1 is each network's last."""
        if epoch < 0:
            return self.select(self.table.groupby("network")["epoch"].transform("max") == self.table["epoch"])
        return self.select(self.table["epoch"] == epoch)

    def connectome(self, row: int = -1) -> na.Connectome:
        """One snapshot as a network: weights, positions, input and output weights, provenance."""
        entry = self.table.iloc[row]
        space = self.recipe.space
        return na.Connectome(
            self.parameters["W"][row],
            positions=None if space is None else space.units,
            distances=None if space is None or space.metric == "euclidean" else space.distances(),
            inputs=self.parameters["W_in"][row],
            outputs=self.parameters["W_out"][row],
            name=f"{self.recipe.name} gamma={entry['gamma']:.4g} seed={entry['seed']:.0f} epoch={entry['epoch']:.0f}",
            metadata={"model": self.recipe.name, "penalty_kind": self.recipe.settings()["penalty"]}
            | {str(name): value.item() for name, value in self.table.iloc[[row]].items()},
        )

    def record(
        self,
        row: int = -1,
        *,
        task: Task | None = None,
        trials: int = 640,
        noise: bool = True,
        silenced: ArrayLike | None = None,
        rng: int = 0,
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
        rng : int
            Seed of the trials.

        Raises
        ------
        ValueError
            If `silenced` is not a mask of the units.
        """
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
        net = self.connectome(row)
        return na.Recording(activity, conditions, name=net.name, metadata=net.metadata)

    def save(self, path: str | os.PathLike[str], *, command: str | None = None) -> None:
        """Write everything to one .npz in float32; :func:`netanalysis.load` opens its weights as a stack."""
        path = Path(path)
        space = self.recipe.space
        columns = {name: column.tolist() for name, column in self.table.items()}
        metadata = {"model": self.recipe.name, "recipe": self.recipe.settings(), "snapshots": columns}
        metadata |= {} if command is None else {"command": command}
        stack = na.Connectome(
            self.parameters["W"],
            positions=None if space is None else space.units,
            distances=None if space is None or space.metric == "euclidean" else space.distances(),
            name=self.recipe.name,
            metadata=metadata,
        )
        part = path.with_name(f".{uuid.uuid4().hex}.npz")
        try:
            na.save(stack, part)
            with np.load(part) as saved:
                arrays = dict(saved)
            arrays["weights"] = arrays["weights"].astype(np.float32)
            arrays |= {name: value for name, value in self.parameters.items() if name != "W"}
            if space is not None and space.inputs is not None and space.outputs is not None:
                arrays |= {"input_positions": space.inputs, "output_positions": space.outputs}
            with part.open("wb") as file:
                np.savez_compressed(file, **arrays)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what :meth:`save` wrote."""
        with np.load(path) as saved:
            arrays = dict(saved)
        metadata = json.loads(str(arrays.pop("netanalysis")))["metadata"]
        space = None
        if "positions" in arrays:
            metric = "manhattan" if arrays.pop("distances", None) is not None else "euclidean"
            ends = [arrays.pop(key, None) for key in ("input_positions", "output_positions")]
            space = Space(arrays.pop("positions"), ends[0], ends[1], metric)
        parameters = {"W": arrays.pop("weights"), **arrays}
        recipe = Recipe.of(metadata["recipe"], space)
        return cls(recipe, pd.DataFrame(metadata["snapshots"]), parameters)


def tabulate(gammas: NDArray[np.float64], seeds: NDArray[np.int64], history: NDArray[np.float64]) -> pd.DataFrame:
    """The table of all epochs of all networks; `history` is (3, epochs, networks)."""
    _, epochs, networks = history.shape
    network, epoch = (axis.ravel() for axis in np.meshgrid(range(networks), range(epochs), indexing="ij"))
    columns: dict[str, Any] = {"network": network, "gamma": gammas[network], "seed": seeds[network], "epoch": epoch}
    names: Sequence[str] = ("loss", "penalty", "accuracy")
    return pd.DataFrame(columns | dict(zip(names, history.swapaxes(1, 2).reshape(3, -1), strict=True)))
