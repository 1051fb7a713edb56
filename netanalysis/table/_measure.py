"""A column of the table of measures: a number per network, what it is, and what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis import transform
from netanalysis._core import memory, options, stacks, undefined
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome
from netanalysis.nulls._null_test import as_values, handles_stacks, unwrapped

Of = Literal["signed", "magnitude", "undirected", "strongest"]
OverNodes = Literal["", "mean", "sum"]

_OF: dict[str, Callable[[Connectome], Any]] = {
    "signed": lambda net: net,
    "magnitude": transform.absolute,
    "undirected": lambda net: transform.symmetrize(transform.absolute(transform.remove_self_connections(net))),
    "strongest": lambda net: transform.binarize(transform.threshold(net, density=0.1)),
}
assert set(_OF) == set(get_args(Of))


@dataclass(frozen=True)
class Measure:
    """A column of the table.

    Parameters
    ----------
    function : callable, Connectome -> number, array or result
        Marked by :func:`netanalysis.takes_stacks` it is handed many networks at once.
    definition : str
        One sentence: formula and what happens to signs, directions and self-connections.
    source : str
        DOI.
    family : str
    of : {"signed", "magnitude", "undirected", "strongest"}
        What the function is handed: the weights as they are; ``|W|``; ``(|W| + |W|^T) / 2`` without self-connections;
        the strongest 10 % of ``|W|``, each counted 1, without self-connections.
    field : str
        Which attribute of the result to take, where it has several.
    over_nodes : {"", "mean", "sum"}
        What to make of one value per node.
    needs : tuple of {"distances", "modules", "dense"}
        What a network must have for the measure to apply.
    instead : str
        What to use where a network is too large for "dense".
    remark : callable, Connectome -> str, optional
        What the table notes beside the value of a network; nothing, mostly.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.MEASURES["reciprocity"]([[0, 1.0], [1, 0]])
    1.0
    """

    function: Callable[..., Any]
    definition: str
    _: KW_ONLY
    source: str = ""
    family: str = ""
    of: Of = "signed"
    field: str = ""
    over_nodes: OverNodes = ""
    needs: tuple[str, ...] = ()
    instead: str = ""
    remark: Callable[[Connectome], str] | None = None
    takes_stacks: ClassVar[bool] = True

    @property
    def __name__(self) -> str:
        """That of the function behind it, which tables and tests say."""
        return str(getattr(unwrapped(self.function), "__name__", "measure"))

    def __post_init__(self) -> None:
        options.choice(self.of, get_args(Of), "of")
        options.choice(self.over_nodes, get_args(OverNodes), "over_nodes")

    def __call__(self, net: Network) -> Any:
        """One number, or over the leading axes of a stack; functions of one network are called for each."""
        return stacks.number(self.values(net if isinstance(net, Connectome) else Connectome(net)))

    def values(self, net: Connectome) -> NDArray[np.float64]:
        """One number per network, over the leading axes."""
        return self._read(self._results(self._handed(net)), net.shape[:-2])

    def _handed(self, net: Connectome) -> Connectome:
        """What the function is handed of a network."""
        made = _OF[self.of](net)
        return made if isinstance(made, Connectome) else Connectome(made)

    def _results(self, handed: Connectome) -> list[Any]:
        """What the function returns: one result for all networks, or one for each if it takes no stacks."""
        if handed.is_stack and not handles_stacks(self.function):
            return [self.function(handed[index]) for index in np.ndindex(handed.shape[:-2])]
        return [self.function(handed)]

    def _read(self, results: list[Any], lead: tuple[int, ...]) -> NDArray[np.float64]:
        """The numbers in these results."""
        read = [self._number(result) for result in results]
        values = np.reshape(read, lead) if lead and not handles_stacks(self.function) else read[0]
        if values.shape != lead:
            raise TypeError(f"a measure must return one number per network; got shape {values.shape} for {lead}")
        return values

    def _number(self, result: Any) -> NDArray[np.float64]:
        values = as_values(getattr(result, self.field) if self.field else result)
        if self.field and (note := getattr(result, "note", "")) and np.isnan(values).any():
            undefined.say(f"{self.field} is nan: {note}")
        if not self.over_nodes:
            return values
        return np.asarray(values.mean(axis=-1) if self.over_nodes == "mean" else values.sum(axis=-1))

    def unmet(self, net: Connectome) -> str:
        """Why the measure does not apply to a network; empty if it does."""
        if "distances" in self.needs and not net.has_distances:
            return "needs positions or distances"
        if "modules" in self.needs and net.modules is None:
            return "needs known modules"
        size = 8 * net.n_nodes**2
        if "dense" in self.needs and net.is_sparse and not memory.fits(size):
            return f"needs a dense matrix of {size / 2**30:.0f} GiB; use {self.instead or 'a smaller network'}"
        return ""
