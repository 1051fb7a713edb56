"""A column of the table of measures: a number per network, what it is, and what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import stacks, validate
from netanalysis.connectome import Connectome
from netanalysis.nulls._null_test import as_values, is_ours


@dataclass(frozen=True)
class Measure:
    """A column of the table.

    Parameters
    ----------
    function : Connectome -> number
    definition : str
        One sentence: formula and what happens to signs, directions and self-connections.
    source : str
        DOI.
    family : str
    needs : tuple of {"distances", "modules", "dense"}
        What a network must have for the measure to apply.
    instead : str
        What to use where a network is too large for "dense".
    """

    function: Callable[[Connectome], Any]
    definition: str
    source: str = ""
    family: str = ""
    needs: tuple[str, ...] = ()
    instead: str = ""

    def __call__(self, net: Connectome) -> NDArray[np.float64]:
        """One number, or over the leading axes of a stack, where functions of one network are called for each."""
        lead = net.weights.shape[:-2]
        if lead and not is_ours(self.function):
            flat, _ = stacks.flatten(net.weights)
            values = np.reshape([as_values(self.function(net.replace(weights=w))) for w in flat], lead)
        else:
            values = as_values(self.function(net))
        if values.shape != lead:
            raise ValueError(f"a measure must return one number per network; got shape {values.shape} for {lead}")
        return values

    def unmet(self, net: Connectome) -> str:
        """Why the measure does not apply to a network; empty if it does."""
        if "distances" in self.needs and not net.has_distances:
            return "needs positions or distances"
        if "modules" in self.needs and net.modules is None:
            return "needs known modules"
        size = 8 * net.n_nodes**2
        if "dense" in self.needs and net.is_sparse and size > validate.DENSE_LIMIT_BYTES:
            return f"needs a dense matrix of {size / 2**30:.0f} GiB; use {self.instead or 'a smaller network'}"
        return ""
