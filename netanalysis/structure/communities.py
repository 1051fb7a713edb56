"""Finding communities: Leiden, Louvain, spectral bisection; over a range of resolutions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from netanalysis._core import options, random, scaling, stacks, undefined, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure._bisection import bisect
from netanalysis.structure._matrix_search import held_nodes, quality_of, search_modularity, search_potts
from netanalysis.structure._search import UNTIL_NO_GAIN, number_by_size, search
from netanalysis.structure.consensus import agreement, consensus_communities
from netanalysis.structure.modularity import NO_WEIGHTS, modularity, modularity_matrix, without_rounding

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Communities", "ResolutionSweep", "detect_communities", "resolution_sweep"]

_ONCE_FROM = 2_000_000  # entries
Method = Literal["leiden", "louvain", "spectral"]
Quality = Literal["modularity", "constant_potts"]
_RESOLUTIONS = tuple(2.0 ** (k / 2) for k in range(-4, 5))


@result
class Communities:
    """A partition found by :func:`detect_communities`, with all the runs it was chosen from.

    Attributes
    ----------
    labels : ndarray of int, shape (..., n)
        Community of each node: 0 is the largest; among equals, the one with the smallest node index comes first.
    modularity : float or ndarray
        Q of `labels` at `resolution`; with another `quality`, that one.
    n_communities : int or ndarray
    partitions : ndarray of int, shape (..., runs, n)
        Labels found by each run.
    modularities : ndarray, shape (..., runs)
        Q of each run.
    method : str
    resolution : float
    consensus : bool
        Whether `labels` are the consensus of the runs, rather than the run of highest Q.
    quality : str
    """

    labels: NDArray[np.intp]
    modularity: Any
    n_communities: Any
    partitions: NDArray[np.intp]
    modularities: NDArray[np.float64]
    method: str
    resolution: float
    consensus: bool
    quality: str = "modularity"

    @cached_property
    def agreement(self) -> NDArray[np.float64]:
        """Share of runs that put nodes i and j in the same community, (..., n, n)."""
        return agreement(self.partitions)

    def __repr__(self) -> str:
        runs = self.partitions.shape[-2]
        chosen = "consensus" if self.consensus else "best"
        q = f"{self.modularity:.4f}" if self.labels.ndim == 1 else f"array{np.shape(self.modularity)}"
        k = (
            self.n_communities
            if self.labels.ndim == 1
            else f"{np.min(self.n_communities)}-{np.max(self.n_communities)}"
        )
        name = "Q" if self.quality == "modularity" else "constant Potts"
        return f"<Communities: {k} communities, {name} = {q}, {chosen} of {runs} {self.method} runs>"


@result
class ResolutionSweep:
    """Communities at several resolutions; the arrays have the resolutions on their first axis.

    Attributes
    ----------
    resolutions : ndarray, shape (k,)
    communities : tuple of Communities
    """

    resolutions: NDArray[np.float64]
    communities: tuple[Communities, ...]

    @property
    def labels(self) -> NDArray[np.intp]:
        """Community of each node, (k, ..., n)."""
        return np.stack([c.labels for c in self.communities])

    @property
    def modularity(self) -> NDArray[np.float64]:
        """Q of each partition at its own resolution, (k, ...); values at different resolutions do not compare."""
        return np.array([c.modularity for c in self.communities])

    @property
    def n_communities(self) -> NDArray[np.intp]:
        """Number of communities, (k, ...)."""
        return np.array([c.n_communities for c in self.communities])

    def to_frame(self) -> pd.DataFrame:
        """A row per resolution: resolution, n_communities, modularity (for one network, not a stack)."""
        import pandas as pd

        return pd.DataFrame(
            {"resolution": self.resolutions, "n_communities": self.n_communities, "modularity": self.modularity}
        )


@takes_stacks
def detect_communities(
    net: Network,
    *,
    method: Method = "leiden",
    quality: Quality = "modularity",
    resolution: float = 1.0,
    fixed: Mapping[Any, Any] | None = None,
    n_restarts: int = 10,
    n_iterations: int | None = None,
    consensus: bool = False,
    rng: random.RNG = None,
) -> Communities:
    r"""Partition a network into communities of high modularity.

    Modularity is the one of :func:`modularity`, on the weights as they are: undirected, directed (both directions
    of the null term count in every move) or signed, dense or sparse.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Self-connections count as in :func:`modularity`; they add a constant to Q and change strengths.
    method : {"leiden", "louvain", "spectral"}
        ``"louvain"``: moves of single nodes and aggregation, from single nodes. ``"leiden"``: communities are split
        at random into well-connected parts and merged anew, and nodes moved, again and again; after an iteration
        that gained nothing the parts exchange nodes before they merge; when that gains nothing either, the run is over.
        Without negative weights every community is connected. ``"spectral"``: Newman's bisection by the leading
        eigenvector of the modularity matrix with fine tuning, as ``modularity_und`` and ``modularity_dir`` of the
        Brain Connectivity Toolbox for MATLAB; deterministic, one run, dense. bctpy's functions of these names keep the
        last state of the fine tuning instead of the best one, so that their Q is mostly lower.
    quality : {"modularity", "constant_potts"}
        ``"constant_potts"``: :math:`\sum_{i \ne j} (W_{ij} - \gamma) \delta(c_i, c_j) / \sum_{i \ne j} |W_{ij}|`. What
        a pair has to be worth to be together is the resolution, not what their strengths lead to expect, so that a
        community does not depend on the rest of the network. In a binary one every community found is denser inside
        than gamma, and pairs of them are less dense between.
    resolution : float
        Above 1 for more and smaller communities. Of ``"constant_potts"`` a weight: 1 leaves every node of a network of
        weaker connections alone.
    fixed : mapping of node index to label, optional
        Nodes whose community is known: those of one label stay together, those of different labels apart; the others
        may join them or not. ``{0: "visual", 4: "visual", 7: "motor"}``; an empty one holds none.
    n_restarts : int
        Independent runs (of ``"leiden"`` and ``"louvain"``); the one of highest Q is returned, the earliest on ties.
    n_iterations : int, optional
        At most this many iterations in each run of ``"leiden"``, not counting the one it starts with: 1 saves half of
        the time, for a little less Q. By default a run goes on until nothing is gained; in a sparse network with
        more than 2 million entries it ends after 1, as igraph and leidenalg do by default. Ask for many to have it
        converge there too.
    consensus : bool
        Return the consensus of the runs instead (:func:`consensus_communities` with its defaults), and its Q.
    rng : seed, Generator or SeedSequence, optional
        Run r does not depend on `n_restarts`. In a stack a seed serves every network, as in a loop over it.

    Returns
    -------
    Communities

    Notes
    -----
    A network without weights has every node alone and Q = NaN. Nodes without connections stay
    alone (``"spectral"`` leaves them in any community). A connected network of which no partition has a Q above 0,
    such as one of equal weights, is one community. Negative weights
    make it worth putting unconnected nodes together; in a large sparse signed network only communities a node is
    connected to, or none, are tried.

    References
    ----------
    Traag, Waltman & van Eck (Leiden), doi:10.1038/s41598-019-41695-z; Blondel et al. (Louvain),
    doi:10.1088/1742-5468/2008/10/P10008; Newman (spectral), doi:10.1073/pnas.0601602103; Leicht & Newman (directed),
    doi:10.1103/PhysRevLett.100.118703; Rubinov & Sporns (signed), doi:10.1016/j.neuroimage.2011.03.069; Traag, Van
    Dooren & Nesterov (constant Potts model), doi:10.1103/PhysRevE.84.016114.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> blocks = np.kron(np.eye(3), np.ones((4, 4))) + 0.05
    >>> na.detect_communities(blocks, fixed={0: "a", 4: "a"}, rng=0).labels
    array([0, 2, 2, 2, 0, 0, 0, 0, 1, 1, 1, 1])
    >>> found = na.detect_communities(blocks, rng=0)
    >>> found
    <Communities: 3 communities, Q = 0.5797, best of 10 leiden runs>
    >>> found.labels
    array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    """
    options.flags(consensus=consensus)
    w = validate.as_weights(net)
    if quality == "modularity":
        w, _ = scaling.near_one(w)
    options.choice(method, get_args(Method), "method")
    options.choice(quality, get_args(Quality), "quality")
    held = held_nodes(fixed, w.shape[-1])
    if method == "spectral" and (held or quality != "modularity"):
        raise ValueError('method="spectral" is for modularity without fixed nodes; use method="leiden"')
    if consensus and held:
        raise ValueError("consensus=True may part fixed nodes; take the best run, or fix none")
    gamma = options.number_in(resolution, "resolution", at_least=0)
    runs = options.count(n_restarts, "n_restarts")
    iterations = 1 if sparse.issparse(w) and w.nnz > _ONCE_FROM else UNTIL_NO_GAIN
    if n_iterations is not None:
        iterations = options.positive_int(n_iterations, "n_iterations")
    if method == "spectral":
        return _spectral(w, gamma)
    lead = () if sparse.issparse(w) else w.shape[:-2]
    n, count = w.shape[-1], math.prod(lead)
    sources = random.per_network(rng, count)
    if sources[0] is sources[-1]:
        sources = sources[:1]  # a seed serves every network
    # One beyond those of the runs, for the consensus.
    seeds = np.array([random.seeds(source, runs + 1) for source in sources])
    if len(seeds) < count:
        seeds = np.repeat(seeds, count, axis=0)
    how: dict[str, Any] = {"refined": method == "leiden", "iterations": iterations}
    if quality == "constant_potts":
        labels, q = search_potts(w, gamma, seeds[:, :runs], held=held, **how)
    elif held:
        labels, q = search_modularity(w, gamma, seeds[:, :runs], held=held, **how)
    else:
        labels, q = search(w, gamma, seeds[:, :runs], **how)
    if held or quality != "modularity":
        labels = np.array([number_by_size(run) for run in labels.reshape(-1, n)]).reshape(labels.shape)
    else:
        q = without_rounding(q)
        if not q.all():
            _leave_together(w, labels, q, gamma)
    every, best = np.arange(count), q.argmax(1)
    chosen, best_q = labels[every, best], q[every, best]
    if consensus:
        for g in range(count):
            chosen[g] = consensus_communities(labels[g], rng=int(seeds[g, runs]))
        best_q = quality_of(w, chosen, gamma, quality)
    return Communities(
        labels=chosen.reshape(*lead, n),
        modularity=undefined.spoken(stacks.restore(best_q, lead), f"{quality} of the communities", NO_WEIGHTS),
        n_communities=stacks.restore(chosen.max(1) + 1, lead),
        partitions=labels.reshape(*lead, runs, n),
        modularities=q.reshape(*lead, runs),
        method=method,
        resolution=gamma,
        consensus=bool(consensus),
        quality=quality,
    )


def _leave_together(w: Any, labels: NDArray[np.intp], q: NDArray[np.float64], resolution: float) -> None:
    """Runs that gained nothing on a connected network leave it whole; what has parted it is rounding."""
    networks = [w] if sparse.issparse(w) else stacks.flatten(w)[0]
    for g, run in np.argwhere(q == 0).tolist():
        connected = sparse.csr_array(networks[g] != 0)  # of a matrix csgraph leaves out what is below 1e-8
        _, member = csgraph.connected_components(connected, directed=True, connection="weak")
        if modularity(networks[g], member, resolution=resolution) == 0:
            labels[g, run] = number_by_size(member)


def _spectral(w: Any, resolution: float) -> Communities:
    dense = validate.dense(w, measure='method="spectral"', instead='method="leiden"')
    flat, lead = stacks.flatten(dense)
    n = flat.shape[-1]
    labels = np.array(
        [number_by_size(bisect(modularity_matrix(m, resolution)) if m.any() else np.arange(n)) for m in flat]
    )
    with undefined.noted():
        q = np.asarray(modularity(flat, labels, resolution=resolution))
    return Communities(
        labels=labels.reshape(*lead, n),
        modularity=undefined.spoken(stacks.restore(q, lead), "modularity of the communities", NO_WEIGHTS),
        n_communities=stacks.restore(labels.max(1) + 1, lead),
        partitions=labels.reshape(*lead, 1, n),
        modularities=q.reshape(*lead, 1),
        method="spectral",
        resolution=resolution,
        consensus=False,
    )


@recorded
def resolution_sweep(
    net: Network,
    *,
    resolutions: Sequence[float] | NDArray[np.float64] = _RESOLUTIONS,
    method: Method = "leiden",
    n_restarts: int = 10,
    consensus: bool = False,
    rng: random.RNG = None,
) -> ResolutionSweep:
    """Communities over a range of resolutions, each as :func:`detect_communities` finds them.

    Parameters
    ----------
    net : network or stack (..., n, n)
    resolutions : sequence of float
        From 1/4 to 4 in steps of a factor sqrt(2) by default.
    method, n_restarts, consensus
        As for :func:`detect_communities`.
    rng : seed, Generator or SeedSequence, optional
        A seed serves every resolution, so that each equals a single call.

    Returns
    -------
    ResolutionSweep

    References
    ----------
    Reichardt & Bornholdt, doi:10.1103/PhysRevE.74.016110.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> blocks = np.kron(np.eye(4), np.ones((3, 3))) + np.kron(np.eye(2), 0.3 * np.ones((6, 6)))
    >>> na.resolution_sweep(blocks, resolutions=[0, 1, 2], rng=0).n_communities
    array([2, 4, 4])
    """
    values = np.array([options.number_in(r, "resolutions", at_least=0) for r in resolutions])
    if len(values) == 0:
        raise ValueError("resolutions must hold at least one number; got none")
    w = validate.as_weights(net)
    with undefined.once():
        found = tuple(
            detect_communities(w, method=method, resolution=r, n_restarts=n_restarts, consensus=consensus, rng=rng)
            for r in values
        )
    return ResolutionSweep(resolutions=values, communities=found)
