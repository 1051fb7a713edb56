"""Distances between all pairs of many networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, undefined
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis.comparison._pairs import Parts, parts_of
from netanalysis.comparison.distances import as_distance, as_number
from netanalysis.nulls._null_test import callable_name
from netanalysis.table._collection import Reading, items, listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NetworkDistances", "network_distances"]


@result
class NetworkDistances:
    """Distances between all pairs of networks, from :func:`network_distances`.

    Attributes
    ----------
    matrix : ndarray, shape (m, m)
        Symmetric, 0 on the diagonal.
    names : tuple of str
    distance : str
        What was measured, with its options.
    """

    matrix: NDArray[np.float64]
    names: tuple[str, ...]
    distance: str

    def table(self) -> pd.DataFrame:
        """A row per pair: ``a, b, distance, definition``."""
        import pandas as pd

        rows, columns = np.triu_indices(len(self.matrix), 1)
        names = np.array(self.names, dtype=object)
        return pd.DataFrame(
            {
                "a": names[rows],
                "b": names[columns],
                "distance": self.matrix[rows, columns],
                "definition": self.distance,
            }
        )

    def frame(self) -> pd.DataFrame:
        """The matrix with the names of the networks on both sides."""
        import pandas as pd

        return pd.DataFrame(self.matrix, index=list(self.names), columns=list(self.names))


@recorded(files=("networks",))
def network_distances(
    networks: Any,
    *,
    distance: Callable[..., Any] | str = "portrait_divergence",
    n_jobs: int | None = None,
    progress: bool = False,
    orientation: Literal["source_target", "target_source"] | None = None,
    key: str | None = None,
    undirected: bool | None = None,
) -> NetworkDistances:
    """Distance between every pair of many networks, of any sizes.

    Parameters
    ----------
    networks : network stack, path, iterable of those, or mapping of name to those
        As for :func:`summarize`; two at least. None of them is compared node by node: names of nodes do not matter.
    distance : callable (a, b) -> number, or name
        "portrait_divergence", "ks_distance", "spectral_distance", "communicability_distance", "fingerprint_distance";
        options by :func:`functools.partial`, as ``partial(na.spectral_distance, matrix="singular_values")``. These
        measure each network once. Of a symmetric function of your own every pair is computed, i before j.
    n_jobs : int, optional
        joblib workers, over networks and then over pairs.
    progress : bool
    orientation, key, undirected
        How to read files, as for :func:`summarize`.

    Returns
    -------
    NetworkDistances
        With `matrix`, `names`, and ``.table()``, a row per pair. :func:`embed` draws it as points.

    Raises
    ------
    ValueError
        Fewer than two networks, or a network that the distance refuses; the error names it.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> chain = np.eye(4, k=1) + np.eye(4, k=-1)
    >>> star = np.zeros((4, 4)); star[0, 1:] = star[1:, 0] = 1
    >>> found = na.network_distances({"chain": chain, "star": star, "chain again": chain})
    >>> found.matrix.round(3)
    array([[0.   , 0.598, 0.   ],
           [0.598, 0.   , 0.598],
           [0.   , 0.598, 0.   ]])
    """
    function = as_distance(distance)
    options.flags(progress=progress)
    options.jobs(n_jobs)
    reading = Reading(orientation=orientation, key=key, undirected=undirected).checked()
    reading.unheeded(listed(networks), "networks")
    parts = parts_of(function)
    names: list[str] = []

    def named() -> Any:
        for item in items(networks, reading=reading):
            names.append(item.name)
            yield item.name, item.net

    caption = callable_name(function) if progress else None
    described = parallel.parallel_map(_Described(parts), list(named()), n_jobs=n_jobs, progress=caption)
    count = len(described)
    if count < 2:
        raise ValueError(f"networks must be at least two, to have a distance; got {count}")
    rows = [([described[i][0]], [d for d, _ in described[i + 1 :]], names[i]) for i in range(count - 1)]
    found = parallel.parallel_map(_Row(parts), rows, n_jobs=n_jobs, progress=caption)
    matrix = np.zeros((count, count))
    for i, (values, _) in enumerate(found):
        matrix[i, i + 1 :] = matrix[i + 1 :, i] = values
    with undefined.once():
        for _, said in [*described, *found]:
            for text in said:
                undefined.say(text)
    return NetworkDistances(matrix, tuple(names), callable_name(function))


class _Described:
    """A network as its distance sees it, and what was said meanwhile; picklable."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def __call__(self, entry: tuple[str, Any]) -> tuple[Any, list[str]]:
        with undefined.noted() as said:
            try:
                return self.parts.describe(entry[1]), said
            except Exception as error:
                error.add_note(f"network {entry[0]}")
                raise


class _Row:
    """Distances of one network from those after it; picklable."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def __call__(self, row: tuple[list[Any], list[Any], str]) -> tuple[list[float], list[str]]:
        (first,), others, name = row
        with undefined.noted() as said:
            try:
                return [as_number(self.parts.between(first, other)) for other in others], said
            except Exception as error:
                error.add_note(f"network {name}")
                raise
