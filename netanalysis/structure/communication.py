"""Models of communication by name: matrices that say how easily a signal gets from one node to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome, node_distances
from netanalysis.structure.communicability import communicability
from netanalysis.structure.first_passage import mean_first_passage_time
from netanalysis.structure.flow_graph import flow_graph
from netanalysis.structure.matching_index import matching_index
from netanalysis.structure.navigation import navigation
from netanalysis.structure.path_transitivity import path_transitivity
from netanalysis.structure.paths import shortest_paths
from netanalysis.structure.search_information import search_information
from netanalysis.structure.walk_sums import resolvent

__all__ = ["COMMUNICATION", "Communication", "CommunicationModel", "communication"]


@dataclass(frozen=True)
class CommunicationModel:
    """A model of communication, as :data:`netanalysis.COMMUNICATION` lists it.

    Parameters
    ----------
    function : callable, network -> ndarray, shape (..., n, n)
        With a keyword `distances` if it `needs_distances`.
    better : {"less", "more"}
        Whether small values (lengths, times, bits) or large ones (similarities, flows) mean easy communication.
    needs_distances : bool

    Examples
    --------
    >>> import netanalysis as na
    >>> na.COMMUNICATION["search_information"].better
    'less'
    """

    function: Callable[..., Any]
    better: Literal["less", "more"]
    needs_distances: bool = False

    def __post_init__(self) -> None:
        options.choice(self.better, ["less", "more"], "better")
        options.flags(needs_distances=self.needs_distances)


def _distance(net: Network, distances: ArrayLike | None = None) -> NDArray[np.float64]:
    w = validate.as_weights(net, as_given=True)
    n = w.shape[-1]
    return np.broadcast_to(node_distances(net, distances, n), (*w.shape[:-2], n, n))


def _navigation(net: Network, distances: ArrayLike | None = None) -> NDArray[np.float64]:
    return navigation(net, distances=distances).lengths


def _diffusion(net: Network) -> NDArray[np.float64]:
    times = mean_first_passage_time(net)
    return np.divide(1.0, times, out=np.zeros(times.shape), where=times > 0)


COMMUNICATION: dict[str, CommunicationModel] = {
    "distance": CommunicationModel(_distance, "less", needs_distances=True),
    "shortest_paths": CommunicationModel(shortest_paths, "less"),
    "shortest_paths_binary": CommunicationModel(partial(shortest_paths, lengths="hops"), "less"),
    "search_information": CommunicationModel(search_information, "less"),
    "path_transitivity": CommunicationModel(path_transitivity, "more"),
    "navigation": CommunicationModel(_navigation, "less", needs_distances=True),
    "mean_first_passage_time": CommunicationModel(mean_first_passage_time, "less"),
    "diffusion": CommunicationModel(_diffusion, "more"),
    "communicability": CommunicationModel(communicability, "more"),
    "matching_index": CommunicationModel(matching_index, "more"),
    "resolvent": CommunicationModel(resolvent, "more"),
    "flow_graph": CommunicationModel(flow_graph, "more"),
}


@result
class Communication:
    """What :func:`communication` returns; ``found["navigation"]`` is the matrix of a model.

    Attributes
    ----------
    names : tuple of str
        Models, in the order asked for.
    matrices : ndarray, shape (..., models, n, n)
    better : tuple of {"less", "more"}
        For each model, whether small or large values mean easy communication.
    """

    names: tuple[str, ...]
    matrices: NDArray[np.float64]
    better: tuple[str, ...]

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        options.choice(name, self.names, "name")
        return self.matrices[..., self.names.index(name), :, :]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def communication(
    net: Network, *, models: str | Iterable[str] | None = None, distances: ArrayLike | None = None
) -> Communication:
    """Matrices of several models of communication, from node i to node j, each by its function with its defaults.

    ===========================  ==========  ===================================================================
    model                        easy        what it is
    ===========================  ==========  ===================================================================
    ``distance``                 less        distance in space
    ``shortest_paths``           less        :func:`shortest_paths`, a connection being 1 / w long
    ``shortest_paths_binary``    less        the same in hops
    ``search_information``       less        :func:`search_information`
    ``path_transitivity``        more        :func:`path_transitivity`
    ``navigation``               less        ``lengths`` of :func:`navigation`
    ``mean_first_passage_time``  less        :func:`mean_first_passage_time`
    ``diffusion``                more        one over it, 0 on the diagonal
    ``communicability``          more        :func:`communicability`
    ``matching_index``           more        :func:`matching_index`
    ``resolvent``                more        :func:`resolvent`, alpha 0.9 over the spectral radius
    ``flow_graph``               more        :func:`flow_graph` at time 1
    ===========================  ==========  ===================================================================

    Parameters
    ----------
    net : network or stack (..., n, n)
        Along the direction of the connections. What self-connections and parts without a path do is said by each
        function.
    models : names of models, optional
        Keys of :data:`COMMUNICATION`. Default: all; without distances those that need none.
    distances : array_like, shape (n, n), optional
        Default: those of the Connectome.

    Returns
    -------
    Communication

    Raises
    ------
    ValueError
        An unknown model; negative weights, unless all models named take them; no distances for a model that needs them.
    MemoryError
        Sparse networks whose n x n matrix does not fit.

    Examples
    --------
    >>> import netanalysis as na
    >>> net = na.Connectome([[0, 2.0, 0], [2, 0, 1], [0, 1, 0]], positions=[[0.0], [1], [2]])
    >>> found = na.communication(net, models=["shortest_paths", "search_information"])
    >>> found["shortest_paths"][0]
    array([0. , 0.5, 1.5])
    """
    w = validate.dense(
        validate.as_weights(net), measure="communication", instead="transform.subset for a part of the network"
    )
    known = distances is not None or (isinstance(net, Connectome) and net.has_distances)
    if models is None:
        models = [name for name, model in COMMUNICATION.items() if known or not model.needs_distances]
    names = (models,) if isinstance(models, str) else tuple(models)
    if not names:
        raise ValueError("models must name at least one model; got none")
    for name in names:
        options.choice(name, COMMUNICATION, "models")
    spread = None
    if any(COMMUNICATION[name].needs_distances for name in names):
        spread = node_distances(net, distances, w.shape[-1])
    found = [
        model.function(w, distances=spread) if model.needs_distances else model.function(w)
        for model in (COMMUNICATION[name] for name in names)
    ]
    return Communication(names, np.stack(found, axis=-3), tuple(COMMUNICATION[name].better for name in names))
