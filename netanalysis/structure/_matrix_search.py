"""Leiden and Louvain for any quality ``sum_ij B_ij delta(c_i, c_j)``, given by its matrix B."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import stacks, undefined, validate
from netanalysis.structure._leiden_lists import potts_form
from netanalysis.structure._search import run_on_lists, search, suits_matrix
from netanalysis.structure.constant_potts import potts_matrix, potts_quality
from netanalysis.structure.modularity import modularity, modularity_matrix


def search_matrices(matrices: Sequence[NDArray[np.float64]], seeds: Any, **options: Any) -> NDArray[np.intp]:
    """Labels (networks, runs, n) of a run of :func:`._search.search` for each seed (networks, runs)."""
    return search(np.stack([_as_weights(b) for b in matrices]), 0.0, seeds, **options)[0]


def _as_weights(b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed weights whose Q* at resolution 0 is, but for a factor and a constant, the sum of b inside communities.

    Q* weighs negative ones by the sum of all magnitudes; they are made larger by as much. The diagonal, which is inside
    any community whatever it holds, is set so that this has a solution.
    """
    b = (b + b.T) / 2
    np.fill_diagonal(b, 0.0)
    negative = -b[b < 0].sum()
    np.fill_diagonal(b, 2 * negative / len(b))
    positive = b[b > 0].sum()
    return np.where(b < 0, b / (1 - stacks.ratio(negative, positive, otherwise=0.0)), b)


def search_potts(
    w: Any, resolution: float, seeds: Any, *, held: Held | None = None, refined: bool, iterations: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Labels and quality of the constant Potts model, as :func:`._search.search` gives them."""
    n, seeds = w.shape[-1], np.ascontiguousarray(seeds)
    if sparse.issparse(w) and held is None and not suits_matrix(w):
        labels = np.empty((*seeds.shape, n), np.intp)
        run_on_lists([potts_form(w, resolution)], w.nnz, refined, iterations, seeds, labels, np.empty(seeds.shape))
        networks = [w]
    else:
        networks = _dense(w)
        matrices = [potts_matrix(m, resolution) for m in networks]
        labels = _search_held(matrices, seeds, held, refined=refined, iterations=iterations)
    q = [potts_quality(m, runs, resolution) for m, runs in zip(networks, labels, strict=True)]
    return labels, np.array(q)


def search_modularity(
    w: Any, resolution: float, seeds: Any, *, held: Held, refined: bool, iterations: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Labels and modularity, with some nodes held."""
    networks = _dense(w)
    matrices = [modularity_matrix(m, resolution) for m in networks]
    labels = _search_held(matrices, np.ascontiguousarray(seeds), held, refined=refined, iterations=iterations)
    with undefined.noted():
        q = [modularity(m, runs, resolution=resolution) for m, runs in zip(networks, labels, strict=True)]
    return labels, np.array(q)


def quality_of(w: Any, labels: NDArray[np.intp], resolution: float, quality: str) -> NDArray[np.float64]:
    """Quality of one partition for each network, labels (networks, n)."""
    networks = [w] if sparse.issparse(w) else w.reshape(-1, *w.shape[-2:])
    with undefined.noted():
        if quality == "modularity":
            return np.array([modularity(m, c, resolution=resolution) for m, c in zip(networks, labels, strict=True)])
    return np.array([potts_quality(m, c[None], resolution)[0] for m, c in zip(networks, labels, strict=True)])


def _dense(w: Any) -> Any:
    """The networks (g, n, n)."""
    return validate.dense(w, measure="this search", instead="modularity without fixed nodes").reshape(-1, *w.shape[-2:])


def _search_held(matrices: Any, seeds: Any, held: Held | None, **options: Any) -> NDArray[np.intp]:
    if held is None:
        return search_matrices(matrices, seeds, **options)
    return search_matrices([held.contracted(b) for b in matrices], seeds, **options)[..., held.place]


def held_nodes(fixed: Mapping[Any, Any] | None, n: int) -> Held | None:
    """The nodes that are held, if any."""
    if fixed is None:
        return None
    if not isinstance(fixed, Mapping):
        raise TypeError(f"fixed must map indices of nodes to labels, such as {{0: 'a', 5: 'a'}}; got {fixed!r}")
    return Held(fixed, n) if fixed else None


class Held:
    """Nodes whose community is given: those of one label are one node, those of different labels stay apart."""

    def __init__(self, labels: Mapping[Any, Any], n: int) -> None:
        if any(isinstance(node, (str, bool)) for node in labels):
            raise TypeError(f"fixed must map indices of nodes to labels; got {next(iter(labels))!r} for a node")
        nodes = validate.as_nodes(list(labels), n, "fixed")
        if len(set(nodes.tolist())) < len(nodes):
            raise ValueError(f"fixed names a node twice; got {list(labels)}")
        numbers = np.unique(validate.label_array(list(labels.values()), "labels in fixed"), return_inverse=True)[1]
        self.n_held = int(numbers.max()) + 1
        self.place = np.full(n, -1)  # of each node among those that move
        self.place[nodes] = numbers
        free = self.place < 0
        self.place[free] = self.n_held + np.arange(free.sum())

    def contracted(self, b: NDArray[np.float64]) -> NDArray[np.float64]:
        """B of the nodes that move; to be together costs nodes of different labels more than all else is worth."""
        member = np.eye(self.place.max() + 1)[self.place]
        out = np.asarray(member.T @ b @ member)
        held = np.arange(len(out)) < self.n_held
        out[held[:, None] & held & ~np.eye(len(out), dtype=bool)] -= 1.0 + np.abs(b).sum()
        return out
