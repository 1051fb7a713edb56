"""Rich club: whether nodes with many connections are connected to each other more than their number makes likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, random, stacks, validate
from netanalysis._core.pvalues import Side, standardized_maximum_p
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, Null
from netanalysis.nulls._null_test import null_test

__all__ = ["RichClub", "rich_club"]


@result
class RichClub:
    """What :func:`rich_club` returns; one entry for each level on the last axis, behind the axes of a stack.

    Attributes
    ----------
    levels : ndarray of int, shape (m,)
        The club at level k has the nodes of degree above k.
    n_nodes, n_connections : ndarray of int, shape (..., m)
        Nodes of the club, and connections between them.
    observed : ndarray, shape (..., m)
        Rich-club coefficient.
    null_mean, null_std : ndarray
        Of the null networks; nan at levels where the coefficient of one is undefined.
    ratio : ndarray
        ``observed / null_mean``, the normalised coefficient.
    z, p : ndarray
        Of each level by itself.
    p_corrected : ndarray
        Corrected over the levels by the maximum statistic.
    null_distribution : ndarray, shape (..., n_nulls, m)
    n_nulls : int
    weighted : bool
    null, alternative : str
    """

    levels: NDArray[np.intp]
    n_nodes: NDArray[np.intp]
    n_connections: NDArray[np.intp]
    observed: NDArray[np.float64]
    null_mean: NDArray[np.float64]
    null_std: NDArray[np.float64]
    ratio: NDArray[np.float64]
    z: NDArray[np.float64]
    p: NDArray[np.float64]
    p_corrected: NDArray[np.float64]
    null_distribution: NDArray[np.float64]
    n_nulls: int
    weighted: bool
    null: str
    alternative: str

    def table(self) -> Any:
        """A DataFrame with one row for each level; of a stack the column network comes first, as for :func:`hubs`."""
        import pandas as pd

        names = ["n_nodes", "n_connections", "observed", "null_mean", "null_std", "ratio", "z", "p", "p_corrected"]
        *lead, m = self.observed.shape
        columns: dict[str, Any] = {"level": np.tile(self.levels, self.observed.size // m)}
        if lead:
            columns = {"network": np.repeat(stacks.numbers_of(tuple(lead)), m)} | columns
        return pd.DataFrame(columns | {name: getattr(self, name).ravel() for name in names})


@recorded
def rich_club(
    net: Network,
    *,
    weighted: bool = False,
    null: Null | str = "degree_preserving",
    n_nulls: int = 100,
    alternative: Side = "greater",
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> RichClub:
    r"""Rich-club coefficient at every level of degree, against null networks.

    With the :math:`N_{>k}` nodes whose degree is *above* k, and the :math:`E_{>k}` connections between them:

    .. math::

        \phi(k) = \frac{E_{>k}}{N_{>k} (N_{>k} - 1)}, \qquad
        \phi^w(k) = \frac{\sum_{>k} w}{\sum_{l=1}^{E_{>k}} w^{ranked}_l}

    connections counted by ordered pair, :math:`w^{ranked}` the weights of the whole network from the largest.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Directed or not; the degree of a directed network is in- plus out-degree. Every weight that is not 0, of either
        sign, is a connection; self-connections are ignored.
    weighted : bool
        :math:`\phi^w`, the share of the weight there could be on as many connections (Opsahl et al. 2008), instead of
        :math:`\phi`, the share of pairs that are connected (Zhou & Mondragón 2004).
    null : callable, (network, rng) -> weights; or name
        As in :func:`null_test`. Where nodes have many connections some must meet by chance: the coefficient means
        something beside a null that keeps degrees. For weights, say :func:`nulls.weight_shuffle` (the same connections)
        or :func:`nulls.strength_preserving`.
    n_nulls : int
    alternative : {"greater", "two-sided", "less"}
    rng : seed, Generator or SeedSequence, optional
    n_jobs : int, optional
    progress : bool

    Returns
    -------
    RichClub
        Levels from 0 to the last with two nodes above it, in any network of a stack: a network of which none are left
        has a club of 0 nodes there, and nan. A weighted coefficient is nan where the club has no connection, and
        statistics are nan where that happens in a null network.

    Raises
    ------
    ValueError
        A network without connections; negative weights with ``weighted=True``.

    Notes
    -----
    *Levels.* ``rich_club_wu`` of the Brain Connectivity Toolbox takes nodes of degree k or more at level k: its level k
    is k - 1 here.

    *Correction.* Every level is standardised over the network and its nulls, and the network's levels are compared with
    the largest of each null's (Westfall & Young 1993).

    References
    ----------
    Zhou & Mondragón 2004, doi:10.1109/LCOMM.2004.823426. Opsahl et al. 2008, doi:10.1103/PhysRevLett.101.168702. van
    den Heuvel & Sporns 2011, doi:10.1523/JNEUROSCI.3539-11.2011.

    Examples
    --------
    >>> import netanalysis as na
    >>> worm = na.datasets.load("celegans_chemical")
    >>> club = na.rich_club(worm, n_nulls=19, rng=0)
    >>> bool(club.ratio[30] > 1)
    True
    """
    options.flags(weighted=weighted)
    members, lead = stacks.members(net)
    clubs, every = [], []
    for k, (member, source) in enumerate(zip(members, random.per_network(rng, len(members)), strict=True)):
        name = f"net[{', '.join(map(str, np.unravel_index(k, lead)))}]" if lead else "net"
        w = validate.as_weights(member)
        if weighted:
            instead = "Use weighted=False, or choose transform.absolute(net)"
            validate.require_nonnegative(w, name, measure="the weighted rich club", instead=instead)
        degrees, level, _ = _connections(w)
        top = int(np.sort(degrees)[-2]) if len(degrees) > 1 else 0
        if top < 1:
            raise ValueError(f"{name} has no two nodes with connections, so that there is no club to look at")
        test = null_test(
            member,
            _Coefficients(top, weighted),
            null,
            n_nulls=n_nulls,
            alternative=alternative,
            rng=source,
            n_jobs=n_jobs,
            progress=progress,
        )
        drawn = test.null_distribution
        every.append(degrees)
        clubs.append(
            {
                "n_connections": _above(level, top).astype(np.intp) // (2 if validate.is_symmetric(w) else 1),
                "observed": np.asarray(test.observed),
                "null_mean": np.asarray(test.null_mean),
                "null_std": np.asarray(test.null_std),
                "ratio": stacks.ratio(test.observed, test.null_mean),
                "z": np.asarray(test.z),
                "p": np.asarray(test.p),
                "p_corrected": standardized_maximum_p(test.observed, drawn, alternative),
                "null_distribution": drawn,
            }
        )
    longest = max(len(club["observed"]) for club in clubs)
    joined: dict[str, Any] = {name: stacks.padded([club[name] for club in clubs], longest, lead) for name in clubs[0]}
    return RichClub(
        levels=np.arange(longest),
        n_nodes=stacks.restore(np.stack([_above(degrees, longest) for degrees in every]).astype(np.intp), lead),
        n_nulls=n_nulls,
        weighted=weighted,
        null=test.null,
        alternative=alternative,
        **joined,
    )


def _connections(w: Any) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Degrees; and of every connection between distinct nodes that of the end that has fewer, and the weight."""
    if sparse.issparse(w):
        at = w.tocoo()
        rows, columns, values = at.row, at.col, at.data
    else:
        rows, columns = np.nonzero(w)
        values = w[rows, columns]
    between = rows != columns
    if not between.all():
        rows, columns, values = rows[between], columns[between], values[between]
    n = w.shape[-1]
    degrees = np.bincount(rows, minlength=n) + np.bincount(columns, minlength=n)
    if validate.is_symmetric(w):
        degrees //= 2
    return degrees, np.minimum(degrees[rows], degrees[columns]), values


def _above(of: NDArray[np.intp], top: int, weights: Any = None) -> NDArray[np.float64]:
    """Number, or sum of the weights, of what is above each of the levels 0:top."""
    counts = np.bincount(np.minimum(of, top), weights, top + 1)
    return np.asarray(np.cumsum(counts[::-1])[::-1][1:], float)


@dataclass(frozen=True)
class _Coefficients:
    """The statistic: the coefficient at every level; picklable."""

    top: int
    weighted: bool

    def __call__(self, net: Any) -> NDArray[np.float64]:
        w = validate.as_weights(net, as_given=True)
        degrees, level, values = _connections(w)
        connections = _above(level, self.top)
        if not self.weighted:
            nodes = _above(degrees, self.top)
            return stacks.ratio(connections, nodes * (nodes - 1))
        most = np.concatenate([[0.0], np.cumsum(np.sort(values)[::-1])])
        return stacks.ratio(_above(level, self.top, values), most[connections.astype(np.intp)])
