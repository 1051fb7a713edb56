"""Trained networks in one file: snapshots of many networks, each with what is known of it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netanalysis.connectome import Connectome

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TrainedNetworks"]


class TrainedNetworks(Sequence[Connectome]):
    """Networks of one ``.npz`` that ``models`` has written, made into Connectomes one by one.

    Parameters
    ----------
    path : path
    credit : mapping, optional
        Added to the metadata of each network (licence, sha256, …).

    Notes
    -----
    :func:`netanalysis.load` opens the same file as one stack. Here each network has its own metadata: model, gamma
    (strength of its penalty), seed, epoch, and on held-out trials loss, penalty and accuracy; and its own input and
    output weights.

    Examples
    --------
    >>> import netanalysis as na
    >>> trained = na.datasets.load("sernn")
    >>> accurate = trained.select((trained.table["epoch"] == 9) & (trained.table["accuracy"] >= 0.9))
    >>> len(accurate) >= 10, accurate[0].n_nodes, accurate[0].metadata["epoch"]
    (True, 100, 9)
    """

    def __init__(self, path: str | os.PathLike[str], credit: dict[str, Any] | None = None) -> None:
        self.path = Path(path)
        self.credit = dict(credit or {})
        with np.load(self.path, allow_pickle=False) as archive:
            header = json.loads(str(archive["netanalysis"]))
        if "snapshots" not in header["metadata"]:
            raise ValueError(f"{self.path} is not an ensemble of trained networks; open it with netanalysis.load")
        self.metadata: dict[str, Any] = header["metadata"]
        self._rows = np.arange(len(self.metadata["snapshots"]["gamma"]))

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        with np.load(self.path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files if name != "netanalysis"}

    @property
    def table(self) -> pd.DataFrame:
        """One row per network: network, gamma, seed, epoch, loss, penalty, accuracy."""
        import pandas as pd

        return pd.DataFrame(self.metadata["snapshots"]).iloc[self._rows].reset_index(drop=True)

    def select(self, rows: Any) -> TrainedNetworks:
        """Some of the networks: positions, or a mask over the rows of `table`."""
        chosen = TrainedNetworks(self.path, self.credit)
        chosen._rows = self._rows[np.asarray(rows)]
        return chosen

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        """One network, or for a slice some of them."""
        if isinstance(index, slice):
            return self.select(np.arange(len(self))[index])
        row = self._rows[index]
        known = {key: values[row] for key, values in self.metadata["snapshots"].items()}
        model = self.metadata["model"]
        return Connectome(
            self._arrays["weights"][row],
            positions=self._arrays.get("positions"),
            distances=self._arrays.get("distances"),
            inputs=self._arrays["W_in"][row],
            outputs=self._arrays["W_out"][row],
            name=f"{model} gamma={known['gamma']:.4g} seed={known['seed']} epoch={known['epoch']}",
            metadata={"model": model, "penalty_kind": self.metadata["recipe"]["penalty"]} | known | self.credit,
        )

    def __repr__(self) -> str:
        networks = len(set(np.array(self.metadata["snapshots"]["network"])[self._rows]))
        return f"<TrainedNetworks {self.metadata['model']}: {len(self)} snapshots of {networks} networks>"
