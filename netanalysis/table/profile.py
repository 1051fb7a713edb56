"""Profiles: measures of many networks against several null models, so that sizes and densities compare."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from netanalysis._core import options, random, stacks
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis.comparison.density_matching import match_density
from netanalysis.nulls import degree_preserving, wiring_length_preserving
from netanalysis.nulls._null_test import as_null
from netanalysis.table._collection import items
from netanalysis.table.distances import NetworkDistances
from netanalysis.table.measures import Measure
from netanalysis.table.summary import summarize

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Profile", "profile"]

Column = Literal["z", "ratio", "value"]
Metric = Literal["euclidean", "correlation"]
_MEASURES = (
    "clustering_binary",
    "efficiency_binary",
    "efficiency",
    "modularity",
    "communicability_entropy",
    "spectral_radius",
)
_NULLS = {"degree": degree_preserving, "space": wiring_length_preserving}


@result
class Profile:
    """Measures of many networks beside what each null model leaves of them, from :func:`profile`.

    Attributes
    ----------
    table : DataFrame
        A row per network, null and measure: the columns of :func:`summarize`, ``kept`` (the name of the null, such as
        "degree") and ``ratio``, value over mean of the nulls.
    density : float or None
        What all networks were thresholded to.
    """

    table: Any
    density: float | None

    def vectors(self, column: Column = "z", *, unit: bool = False) -> pd.DataFrame:
        """A row per network, a column per null and measure; nan where a measure cannot be had or is kept by the null.

        With `unit` each row has length 1, its nan left out: a significance profile (Milo et al. 2004,
        doi:10.1126/science.1089167), since z grows with the size of a network.
        """
        options.choice(column, get_args(Column), "column")
        options.flags(unit=unit)
        wide = self.table.pivot(index="network", columns=["kept", "measure"], values=column)
        order = self.table.drop_duplicates(["kept", "measure"])[["kept", "measure"]].itertuples(index=False, name=None)
        wide = wide.loc[list(dict.fromkeys(self.table["network"])), list(order)]
        if unit:
            length = np.sqrt((wide**2).sum(axis=1))
            wide = wide.div(length.where(length > 0), axis=0)
        return wide

    def distances(
        self, column: Column = "z", *, metric: Metric = "euclidean", unit: bool = False, missing: str = "refuse"
    ) -> NetworkDistances:
        """Distances between the rows of :meth:`vectors`.

        Parameters
        ----------
        column, unit
            As for :meth:`vectors`.
        metric : {"euclidean", "correlation"}
            The second is 1 less Pearson's r, over 3 entries at least.
        missing : {"refuse", "drop"}
            What to do with entries that are not a number for some network: an error that names them, or leave them
            out for all networks.
        """
        options.choice(metric, get_args(Metric), "metric")
        options.choice(missing, ["refuse", "drop"], "missing")
        wide = self.vectors(column, unit=unit)
        finite = np.isfinite(wide.to_numpy(float))
        without = wide.index[~finite.any(axis=1)]
        if len(without):
            raise ValueError(
                f"{column} is no number for {', '.join(map(str, without))}, whatever the measure; the column note of "
                '.table says why. Leave that out, or, where all nodes are connected, give profile density="lowest"'
            )
        lost = wide.columns[~finite.all(axis=0)]
        if len(lost):
            if missing == "refuse" or len(lost) == wide.shape[1]:
                names = ", ".join(f"{measure} ({kept})" for kept, measure in lost)
                raise ValueError(
                    f"{column} is no number for some network: {names}; the column note of .table says why. Leave these "
                    'measures out, or missing="drop" leaves them out for all'
                )
            wide = self.vectors(column).drop(columns=lost)
            if unit:
                wide = wide.div(np.sqrt((wide**2).sum(axis=1)), axis=0)
        x = wide.to_numpy(float)
        if metric == "euclidean":
            matrix = np.linalg.norm(x[:, None] - x, axis=2)
        else:
            if x.shape[1] < 3:
                raise ValueError(f"a correlation needs at least 3 entries; got {x.shape[1]}")
            left = x - x.mean(axis=1, keepdims=True)
            size = np.linalg.norm(left, axis=1)
            matrix = np.clip(1 - stacks.ratio(left @ left.T, np.outer(size, size)), 0, 2)
            np.fill_diagonal(matrix, 0.0)
        what = f"{metric} distance of profiles of {'unit ' if unit else ''}{column}"
        return NetworkDistances(matrix, tuple(map(str, wide.index)), what)


@recorded(files=("networks",))
def profile(
    networks: Any,
    measures: Sequence[str] | Mapping[str, Callable[[Any], Any] | Measure] | None = None,
    *,
    nulls: Mapping[str, Callable[..., Any] | str] | None = None,
    density: float | Literal["lowest"] | None = None,
    n_nulls: int = 100,
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    metadata: Sequence[str] = (),
) -> Profile:
    """Measures of networks of different size, each against null models that keep its degrees, or its wiring length.

    Clustering of 300 nodes and of 100 do not compare, nor do those of 5 % and of 20 % of connections: how far each
    lies from networks of its own size, density and degrees does. With two nulls, what degrees and what space explain
    is told apart.

    Parameters
    ----------
    networks
        As for :func:`summarize`.
    measures : sequence of names, or mapping of name to function, optional
        As for :func:`summarize`. None: clustering_binary, efficiency_binary, efficiency, modularity,
        communicability_entropy and spectral_radius.
    nulls : mapping of name to null model, optional
        None: ``{"degree": na.nulls.degree_preserving, "space": na.nulls.wiring_length_preserving}``, the second of
        which keeps degrees and total wiring length, and needs positions or distances: networks without have no z
        there, and a note. Names of null models will do.
    density : float, "lowest" or None
        Threshold every network to this density first, its strongest connections kept (:func:`match_density`);
        "lowest" is that of the sparsest. None: as they are.
    n_nulls, rng, n_jobs, progress, metadata
        As for :func:`summarize`; each null of each network has random numbers of its own.
    checkpoint : path, optional
        As for :func:`summarize`; a file for each null, with its name added.

    Returns
    -------
    Profile
        ``.table``, a row per network, null and measure; ``.vectors("z")``, a row per network; ``.distances()``, which
        :func:`embed` takes.

    Raises
    ------
    ValueError
        A density that a network does not have; whatever :func:`summarize` refuses.

    Notes
    -----
    z still grows with the number of nodes, as the spread of nulls shrinks: compare signs and shapes of profiles
    (``unit=True``, ``metric="correlation"``) or ratios across sizes, and sizes of z among networks of one size.

    References
    ----------
    Milo et al. 2004, doi:10.1126/science.1089167; van Wijk, Stam & Daffertshofer 2010,
    doi:10.1371/journal.pone.0013701.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> nets = {f"{n} nodes": (rng.random((n, n)) < 0.2).astype(float) for n in (20, 40)}
    >>> kept = {"degree": na.nulls.degree_preserving, "density": na.nulls.erdos_renyi}
    >>> found = na.profile(nets, ["clustering_binary", "modularity"], nulls=kept, n_nulls=20, rng=0, progress=False)
    >>> found.vectors("ratio")["degree"].round(1).to_numpy().tolist()
    [[1.0, 0.9], [0.9, 1.0]]
    """
    import pandas as pd

    chosen = dict(_NULLS) if nulls is None else nulls
    if not isinstance(chosen, Mapping) or not chosen:
        raise TypeError(
            'nulls must be a mapping of names to null models, such as {"degree": na.nulls.degree_preserving}; got '
            f"{nulls!r}"
        )
    models = {str(name): as_null(null) for name, null in chosen.items()}
    named = {item.name: item.net for item in items(networks)}
    if not named:
        raise ValueError("networks is empty: give at least one network or path")
    common = None
    if density is not None:
        if isinstance(density, str):
            options.choice(density, ["lowest"], "density")
            common = min(float(net.density) for net in named.values() if net is not None)
        else:
            common = float(density)
        named = match_density(named, density=common)
    root = random.seed_sequence(rng)
    tables = []
    for k, (name, null) in enumerate(models.items()):
        table = summarize(
            named,
            _MEASURES if measures is None else measures,
            null=null,
            n_nulls=n_nulls,
            rng=random.child(root, k),
            n_jobs=n_jobs,
            progress=progress,
            checkpoint=None if checkpoint is None else f"{os.fspath(checkpoint)}.{name}",
            metadata=metadata,
        )
        table.insert(1, "kept", name)
        mean = table["null_mean"].to_numpy(float)
        table.insert(list(table.columns).index("z"), "ratio", stacks.ratio(table["value"], mean))
        tables.append(table)
    return Profile(pd.concat(tables, ignore_index=True), common)
