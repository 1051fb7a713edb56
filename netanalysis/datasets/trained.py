"""Trained networks in one file: snapshots of many networks, each with what is known of it."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import records
from netanalysis.connectome import Connectome

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TrainedNetworks"]

_NEEDED = {"model", "recipe", "network", "gamma", "seed", "epoch", "W_in", "W_out"}
# Arrays that are of the whole file; of all others each snapshot has an entry.
_PLACES = ("positions", "distances", "input_positions", "output_positions")


class TrainedNetworks(Sequence[Connectome]):
    """Networks of one ``.npz`` that ``models`` has written, made into Connectomes one by one.

    Parameters
    ----------
    path : path
    credit : mapping, optional
        Added to the metadata of each network (licence, sha256, …).

    Attributes
    ----------
    table : DataFrame, one row per snapshot
        Columns network, gamma (strength of the penalty), seed, epoch (0: untrained) and, on held-out trials, loss,
        penalty (with gamma) and accuracy (NaN once a network has diverged).
    parameters : mapping of arrays, (snapshots, …)
        W, W_in, W_out and whatever else a cell has, from source (row) to target (column).
    places : mapping of arrays
        Positions and distances of the units, positions of inputs and outputs, where there are any.
    metadata : mapping
        What all have in common: model and recipe.

    Raises
    ------
    ValueError
        If the file is of another kind, damaged or incomplete.

    Notes
    -----
    :func:`netanalysis.load` opens the same file as one stack. Here each network has its own metadata: model, the
    columns of `table`; and its own input and output weights.

    Examples
    --------
    >>> import netanalysis as na
    >>> trained = na.datasets.load("sernn")
    >>> accurate = trained.select((trained.table["epoch"] == 9) & (trained.table["accuracy"] >= 0.9))
    >>> len(accurate) >= 10, accurate[0].n_nodes, accurate[0].metadata["epoch"]
    (True, 100, 9)
    """

    table: pd.DataFrame
    parameters: Mapping[str, NDArray[Any]]
    places: Mapping[str, NDArray[Any]]
    metadata: Mapping[str, Any]
    credit: Mapping[str, Any]

    def __init__(self, path: str | os.PathLike[str], credit: Mapping[str, Any] | None = None) -> None:
        import pandas as pd

        self.path = Path(path)
        if not self.is_one(self.path):
            if not self.path.is_file():
                raise FileNotFoundError(f"there is no file {self.path}")
            raise ValueError(f"{self.path} is not an ensemble of trained networks; open it with netanalysis.load")
        try:
            metadata = _metadata(self.path)
            self.table = pd.DataFrame(metadata.pop("snapshots"))
            with np.load(self.path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files if name != "netanalysis"}
            self.places = {name: arrays.pop(name) for name in _PLACES if name in arrays}
            self.parameters = {"W": arrays.pop("weights"), **arrays}
            if missing := _NEEDED - {*metadata, *self.table, *arrays}:
                raise ValueError(f"it lacks {', '.join(sorted(missing))}")
            if short := [name for name, value in self.parameters.items() if len(value) != len(self)]:
                raise ValueError(f"it lists {len(self)} snapshots, but not as many of {', '.join(short)}")
        except Exception as error:  # whatever numpy, zipfile and json raise on damaged files
            raise ValueError(
                f"{self.path} could not be read: {type(error).__name__}: {error}. Is it damaged or incomplete?"
            ) from error
        self.metadata = metadata
        self.credit = dict(credit or {})
        records.opened(self, "datasets.TrainedNetworks", path=self.path)

    @staticmethod
    def is_one(path: str | os.PathLike[str]) -> bool:
        """Whether a file holds trained networks, by its header alone.

        Examples
        --------
        >>> import netanalysis as na
        >>> TrainedNetworks.is_one(na.datasets.load("sernn").path), TrainedNetworks.is_one("weights.csv")
        (True, False)
        """
        try:
            return "snapshots" in _metadata(path)
        except Exception:  # a file of another kind; who reads that will say what is wrong with it
            return False

    def select(self, rows: Any) -> Self:
        """Some snapshots: positions or a mask over the rows of `table`, as ``t.select(t.table["epoch"] == 9)``."""
        index = np.arange(len(self))[np.asarray(rows) if len(rows) else []]
        chosen = copy(self)
        chosen.table = self.table.iloc[index].reset_index(drop=True)
        chosen.parameters = {name: value[index] for name, value in self.parameters.items()}
        return records.derived(chosen, self, ".select", {"rows": index.tolist()})

    def at(self, epoch: int) -> Self:
        """The snapshots of one epoch; -1 is each network's last.

        Raises
        ------
        ValueError
            If there is no snapshot of that epoch.
        """
        epochs = self.table["epoch"]
        chosen = epochs == (self.table.groupby("network")["epoch"].transform("max") if epoch == -1 else epoch)
        if not chosen.any():
            raise ValueError(f"epoch must be -1 or one of {sorted(set(epochs))}; got {epoch}")
        return self.select(chosen)

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, index: Any) -> Any:
        """One network, or for a slice some of them."""
        if isinstance(index, slice):
            return self.select(np.arange(len(self))[index])
        known = {str(name): column.item() for name, column in self.table.iloc[[index]].items()}
        model = self.metadata["model"]
        net = Connectome(
            self.parameters["W"][index],
            positions=self.places.get("positions"),
            distances=self.places.get("distances"),
            inputs=self.parameters["W_in"][index],
            outputs=self.parameters["W_out"][index],
            name=f"{model} gamma={known['gamma']:.4g} seed={known['seed']} epoch={known['epoch']}",
            metadata={"model": model, "penalty_kind": self.metadata["recipe"]["penalty"]} | known | dict(self.credit),
        )
        return records.derived(net, self, "[]", {"index": int(index)})

    def __repr__(self) -> str:
        networks = self.table["network"].nunique()
        return f"<{type(self).__name__} {self.metadata['model']}: {len(self)} snapshots of {networks} networks>"


def _metadata(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What the header of an .npz says, without reading its arrays."""
    if not zipfile.is_zipfile(path):  # numpy would read the whole of a .npy
        raise ValueError(f"{path} is not an .npz")
    with np.load(path, allow_pickle=False) as archive:
        return dict(json.loads(str(archive["netanalysis"]))["metadata"])
