"""Influence: the steady state of a linear rate network that some nodes are driven in, and what silencing changes."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import options, stacks, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.connectome import Connectome
from netanalysis.structure import _silencing, _walks
from netanalysis.structure._leading import Dynamics, leading_value, require_steady_state, rounding_of

__all__ = ["Influence", "Silencing", "adjusted_influence", "influence"]

Direction = Literal["outgoing", "incoming", "both"]

_SHARE = 0.99  # of the gain at which activity no longer settles
_CONSTANT = 24.0  # of adjusted scores: log(exp(-24)) is where they start


def adjusted_influence(scores: ArrayLike) -> NDArray[np.float64]:
    """Scores on a signed log scale, ``sign(x) (ln(max(|x|, e^-24)) + 24)``.

    As the BANC connectome's influence calculator publishes them. 0 stays 0, 1 becomes 24; magnitudes below
    ``e^-24`` (3.8e-11) become 0; nan, as of networks that do not settle (:class:`Silencing`), stays nan. Sum over
    sources first: logarithms do not add.

    Parameters
    ----------
    scores : array_like

    Returns
    -------
    ndarray of the same shape

    References
    ----------
    Bates et al. 2025, doi:10.1101/2025.07.31.667571.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.adjusted_influence([1, 0.5, -0.5, 0]).round(4)
    array([ 24.    ,  23.3069, -23.3069,   0.    ])
    """
    x = validate.as_array(scores, "scores", undefined=True)
    return np.asarray(np.sign(x) * (np.log(np.maximum(np.abs(x), np.exp(-_CONSTANT))) + _CONSTANT))


@result
class Silencing:
    """What :meth:`Influence.silencing` returns.

    Attributes
    ----------
    nodes : ndarray of int, shape (k,)
        The nodes that were silenced, one at a time.
    scores : ndarray, shape (k, n) or (k, n_targets)
        Scores of all nodes, or of the targets, without the node. nan where :attr:`settles` is False.
    change : ndarray, shape (k, n) or (k, n_targets)
        ``scores`` less those of the intact network.
    settles : ndarray of bool, shape (k,)
        Whether the network without the node still has a stable steady state at this gain.
    """

    nodes: NDArray[np.intp]
    scores: NDArray[np.float64]
    change: NDArray[np.float64]
    settles: NDArray[np.bool_]


@result
class Influence:
    """What :func:`influence` returns.

    Attributes
    ----------
    scores : ndarray, shape (..., n)
        Steady state of each node. One row for each source with ``each=True`` or several drives, (..., k, n);
        with ``direction="both"`` a leading axis of 2: outgoing, incoming.
    gain : float or ndarray
        g, which the weights were multiplied by; one for each network of a stack.
    dynamics : str
    direction : str
    """

    scores: NDArray[np.float64]
    gain: Any
    dynamics: str
    direction: str
    network: Any = field(repr=False)
    drive: NDArray[np.float64] = field(repr=False)
    silenced: NDArray[np.intp] = field(repr=False)

    @property
    def adjusted(self) -> NDArray[np.float64]:
        """:func:`adjusted_influence` of the scores."""
        return adjusted_influence(self.scores)

    def table(self) -> Any:
        """A DataFrame with a row for each node that is reached, largest score in magnitude first; of one network.

        Columns: source (the number of the drive, where there are several), direction (with "both"), node, label and
        module where the network has them, score, adjusted.
        """
        import pandas as pd

        if getattr(self.network, "ndim", 2) > 2 or np.ndim(self.gain):
            raise ValueError("table is of one network; influence(net[0], ...).table() takes one of a stack")
        n = self.scores.shape[-1]
        scores = self.scores.reshape(2 if self.direction == "both" else 1, -1, n)
        way, source, node = np.nonzero(scores)
        rows = pd.DataFrame({"source": source, "direction": np.array(["outgoing", "incoming"])[way], "node": node})
        for column, of in (("label", "labels"), ("module", "modules")):
            if (known := getattr(self.network, of, None)) is not None:
                rows[column] = np.asarray(known)[node]
        rows["score"] = scores[way, source, node]
        rows["adjusted"] = adjusted_influence(scores)[way, source, node]
        idle = [c for c, some in (("source", self.drive.ndim > 1), ("direction", self.direction == "both")) if not some]
        order = rows["score"].abs().sort_values(ascending=False, kind="stable").index
        return rows.loc[order].drop(columns=idle).reset_index(drop=True)

    def silencing(self, *, nodes: ArrayLike | None = None, targets: ArrayLike | None = None) -> Silencing:
        """The scores without each of some nodes, silenced one at a time, at the gain of the intact network.

        By rank-one updates of one factorisation: without node m, ``x - x[m] (M[m] - e_m) / M[m, m]`` with
        ``M = (I - gW)^-1``. The algebra gives numbers for networks that no longer settle, too: whether they do is
        looked at node by node, unless non-negative weights, their magnitudes' radius or the numerical range of gW
        vouch for all at once.

        Parameters
        ----------
        nodes : node indices or mask, or names of modules or labels, optional
            Default: all nodes that are not driven and not silenced already.
        targets : likewise, optional
            Scores of these nodes only. A large sparse network needs few nodes: each takes a solve.

        Returns
        -------
        Silencing

        Raises
        ------
        ValueError
            For a stack, several drives, ``direction="both"``, or a node that is driven.

        Examples
        --------
        >>> import netanalysis as na
        >>> found = na.influence([[0, 0.6, 0.6, 0], [0, 0, 0, 0.5], [0, 0, 0, 0.5], [0, 0, 0, 0]], sources=[0], gain=1)
        >>> found.scores
        array([1. , 0.6, 0.6, 0.6])
        >>> found.silencing(nodes=[1], targets=[3]).scores
        array([[0.3]])
        """
        if self.direction == "both" or self.scores.ndim != 1:
            raise ValueError(
                "silencing is of one network, one drive and one direction; got scores of shape "
                f"{self.scores.shape} with direction={self.direction!r}: ask for each by itself"
            )
        w = _cut(_weights(self.network, self.direction), self.silenced)
        n = w.shape[-1]
        free = np.flatnonzero(self.drive == 0)
        if nodes is None:
            chosen = np.setdiff1d(free, self.silenced)
        else:
            chosen = validate.as_nodes(nodes, n, "nodes", net=self.network)
            _refuse_driven(chosen, self.drive, "nodes")
        wanted = None if targets is None else validate.as_nodes(targets, n, "targets", net=self.network)
        gw = w * float(self.gain)
        scores, settles = _silencing.each(gw, self.scores, chosen, wanted, dynamics=self.dynamics)
        before = self.scores if wanted is None else self.scores[wanted]
        return Silencing(chosen, scores, scores - before, settles)


@recorded
@takes_stacks
def influence(
    net: Network,
    *,
    sources: ArrayLike,
    gain: float | None = None,
    dynamics: Dynamics = "continuous",
    silenced: ArrayLike | None = None,
    direction: Direction = "outgoing",
    each: bool = False,
) -> Influence:
    """Influence of driven nodes on every node: the steady state of a linear network.

    ``x = s (I - gW)^-1``, s the drive as a row, at which ``dx/dt = -x + g W^T x + s`` (continuous) or
    ``x' = g W^T x + s`` (discrete) stays. The drive itself is part of the score of a source. Scores are linear in the
    drive: those of a set of sources are the sums of its members'.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, self-connections included. Dense or sparse of any size.
    sources : nodes (1-D), or drives (n_drives, n)
        Nodes are indices, a mask, or names of modules or labels, and have a drive of 1 each, together.
    gain : float, optional
        g. Default: 0.99 of the gain at which activity no longer settles, 0.99 divided by the leading eigenvalue of W:
        the largest real part (continuous) or modulus (discrete). Where that is not positive, as in a network without
        cycles, there is nothing to scale by, and the gain is 1.
    dynamics : {"continuous", "discrete"}
        What has to settle: continuous needs a leading real part of gW below 1, discrete a modulus below 1, for which
        the score is also the sum over walks (:func:`resolvent`). For non-negative weights both are the same.
    silenced : nodes, optional
        These neither receive nor send: their connections are cut, at the gain of the intact network.
    direction : {"outgoing", "incoming", "both"}
        Incoming: how much each node influences the sources, ``(I - gW)^-1 s``.
    each : bool
        One row for every source instead of their sum.

    Returns
    -------
    Influence

    Raises
    ------
    ValueError
        If activity does not settle at this gain (the error states the limit), before or after silencing; if a
        silenced node is a source.
    RuntimeError
        If an iterative solution of a large sparse network does not converge.

    Notes
    -----
    Near the limit the leading mode of the network decides, and different sources give nearly the same scores: at the
    default gain, those of five sensory neurons of *C. elegans* correlate by 0.94 and more. A smaller gain, or weights
    as shares of each node's input (``transform.normalize(net, by="input")``), tells sources apart.

    Sparse networks with strongly connected parts of more than 2,000 nodes are solved by BiCGSTAB or GMRES to a relative
    residual of 1e-12, well below the floor of adjusted scores. For null models hand the scores to :func:`null_test`,
    whose z and p are then per node.

    References
    ----------
    Bates et al. 2025, doi:10.1101/2025.07.31.667571 (the influence calculator, which scales its gain anew after
    silencing, so that silencing can raise scores; here the gain stays).

    Examples
    --------
    >>> import netanalysis as na
    >>> na.influence([[0, 0.5], [0.5, 0]], sources=[0], gain=1).scores.round(4)
    array([1.3333, 0.6667])
    """
    options.flags(each=each)
    options.choice(dynamics, get_args(Dynamics), "dynamics")
    options.choice(direction, get_args(Direction), "direction")
    w = validate.as_weights(net, as_given=True)
    if not isinstance(net, Connectome):  # which can change before :meth:`Influence.silencing` is asked for
        net = w = w.copy()
    n, lead = w.shape[-1], w.shape[:-2]
    drive = _drive(sources, net, n, each)
    cut = np.empty(0, np.intp) if silenced is None else validate.as_nodes(silenced, n, "silenced", net=net)
    _refuse_driven(cut, drive, "silenced")
    leading = leading_value(net, w, dynamics)
    if gain is None:
        scalable = leading > rounding_of(w)
        with np.errstate(over="ignore"):
            g = np.where(scalable, _SHARE / np.where(scalable, leading, 1.0), 1.0)
        if not np.isfinite(g).all():
            raise ValueError(
                f"net has weights too small for a gain: {_SHARE} over their leading eigenvalue is beyond double "
                "precision; scale them first, with transform.normalize(net, by='max')"
            )
    else:
        g = np.full(lead, options.number_in(gain, "gain", above=0))
        require_steady_state(leading, g, dynamics)
    if len(cut):
        w = _cut(w, cut)
        require_steady_state(leading_value(None, w, dynamics), g, dynamics, after="silencing")
    gw = w * float(g) if sparse.issparse(w) else w * np.asarray(g)[..., None, None]
    ends = {"outgoing": [gw], "incoming": [_turned(gw)], "both": [gw, _turned(gw)]}[direction]
    every = np.arange(n)
    found = [_walks.over_stack(_walks.solve, one, np.atleast_2d(drive), every) for one in ends]
    single = drive.ndim == 1
    scores = np.stack(found) if direction == "both" else found[0]
    if single:
        scores = scores[..., 0, :]
    return Influence(scores, stacks.number(g), dynamics, direction, net, drive, cut)


def _drive(sources: Any, net: Network, n: int, each: bool) -> NDArray[np.float64]:
    """Drives, one a row, or the one there is."""
    if _is_nested(sources) or getattr(sources, "ndim", 1) == 2:
        drive = validate.as_array(sources, "sources", shape=(None, n))
        if not drive.any(axis=1).all():
            raise ValueError("sources must drive some node in every row; got a row of zeros")
        if each:
            raise ValueError("each=True needs sources as nodes; drives (n_drives, n) have a row each already")
        return drive
    nodes = validate.as_nodes(sources, n, "sources", net=net)
    rows = np.zeros((len(nodes), n) if each else n)
    rows[(np.arange(len(nodes)), nodes) if each else nodes] = 1.0
    return rows


def _is_nested(sources: Any) -> bool:
    return isinstance(sources, list) and bool(sources) and isinstance(sources[0], (list, tuple, np.ndarray))


def _refuse_driven(nodes: NDArray[np.intp], drive: NDArray[np.float64], name: str) -> None:
    driven = nodes[np.atleast_2d(drive)[:, nodes].any(axis=0)]
    if len(driven):
        raise ValueError(f"{name} must not hold sources; node {int(driven[0])} is driven, and would stay at its drive")


def _turned(w: Any) -> Any:
    return sparse.csr_array(w.T) if sparse.issparse(w) else np.swapaxes(w, -1, -2)


def _weights(net: Network, direction: str) -> Any:
    w = validate.as_weights(net, as_given=True)
    return _turned(w) if direction == "incoming" else w


def _cut(w: Any, nodes: NDArray[np.intp]) -> Any:
    """Weights without the connections of some nodes."""
    if not len(nodes):
        return w
    keep = np.ones(w.shape[-1])
    keep[nodes] = 0.0
    if sparse.issparse(w):
        kept = sparse.diags_array(keep)
        out = sparse.csr_array(kept @ w @ kept)
        out.eliminate_zeros()
        return out
    return w * keep[:, None] * keep
