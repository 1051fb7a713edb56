"""Signed pathways from inputs to outputs, hop by hop.

After Sharma, Goodman & Akarca (doi:10.48550/arXiv.2605.03598): in the graph of input, recurrent and output units, a
pathway of k = h + 2 hops makes h recurrent ones, and carries what came in h steps before the output is read.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import memory, options, stacks, undefined, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.connectome import Connectome
from netanalysis.structure import _walks
from netanalysis.structure._leading import leading_value
from netanalysis.structure.mediators import Mediators, Walked, through

__all__ = ["Pathways", "damping", "pathways"]


@result
class Pathways:
    """What :func:`pathways` returns; every number below is computed from :attr:`maps`.

    Over a stack each has the leading axes of the stack. A *collapsed* network, all of whose maps are 0, has no
    shares: `hop_share`, `gini`, `sparsity`, `hop_sparsity`, `cancellation_index`, `temporal_alignment` and
    `off_signal_mass` are nan.

    Attributes
    ----------
    maps : ndarray, shape (..., max_hops + 1, n_in, n_out)
        ``maps[h] = (alpha / scale)^k W_in W^h W_out``, signed.
    hops : ndarray, shape (max_hops + 1,)
        k of each map: h, plus 1 for inputs and 1 for outputs given as weights.
    alpha : float
    scale : float or ndarray
        What `normalize` divided the weights by.
    walked : object
        The network (as `leak` leaves it) and its ends, for :meth:`through`: copies, unless it is a Connectome.

    Notes
    -----
    Maps of a :class:`Connectome`, which cannot change, are computed when they are first asked for: :meth:`through`
    needs none, nor do masses and shares of hops where no weight is negative.
    """

    maps: NDArray[np.float64]
    hops: NDArray[np.intp]
    alpha: float
    scale: Any
    walked: Walked | None = None

    def __getattr__(self, name: str) -> Any:
        walked = self.__dict__.get("walked")
        if name != "maps" or walked is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self.__dict__["maps"] = _maps(walked, self.hops, self.alpha, self.scale)
        return self.__dict__["maps"]

    def __repr__(self) -> str:
        return f"<Pathways {self._shape}: hops {self.hops[0]}..{self.hops[-1]}, alpha {self.alpha:g}>"

    @property
    def _shape(self) -> tuple[int, ...]:
        """Of the maps, which the line that a notebook shows need not compute."""
        if "maps" in self.__dict__:
            return tuple(self.maps.shape)
        ends = self.__dict__["walked"]
        lead = np.broadcast_shapes(*(end.shape[:-2] for end in (ends.weights, ends.left, ends.right)))
        return *lead, len(self.hops), _walks.width(ends.left, -2), _walks.width(ends.right, -1)

    @cached_property
    def total(self) -> NDArray[np.float64]:
        """Sum over hops, (..., n_in, n_out): the truncated resolvent."""
        return np.asarray(self.maps.sum(axis=-3))

    @cached_property
    def hop_mass(self) -> NDArray[np.float64]:
        """``m_k``, sum of magnitudes of each map, (..., max_hops + 1)."""
        if self._cancels:
            return np.asarray(np.abs(self.maps).sum(axis=(-2, -1)))
        walked = self.walked
        assert walked is not None
        ends = Walked(walked.weights, _summed(walked.left, walked.n, -2), _summed(walked.right, walked.n, -1), None)
        return _maps(ends, self.hops, self.alpha, self.scale)[..., 0, 0]

    @cached_property
    def _cancels(self) -> bool:
        """Whether walks of one length may differ in sign. If none do, maps sum as their walks from all inputs do."""
        walked = self.walked
        if walked is None or "maps" in self.__dict__ or self.alpha < 0:
            return True
        ends = [end for end in (walked.left, walked.right) if end.ndim > 1]
        return any(validate.has_negative(x) for x in (walked.weights, *ends))

    @property
    def hop_share(self) -> NDArray[np.float64]:
        """``p_k = m_k / sum m``."""
        return self._spoken(self._share(), "hop_share")

    @property
    def mean_hops(self) -> Any:
        """``sum_h h p_h``, the mean number of recurrent hops; nan for a collapsed network."""
        return self._spoken(stacks.number((self._share() * np.arange(len(self.hops))).sum(axis=-1)), "mean_hops")

    @property
    def collapsed(self) -> Any:
        """Whether every map is 0."""
        return stacks.number(~self.hop_mass.any(axis=-1))

    @property
    def gini(self) -> Any:
        """Gini coefficient of the hop masses, ``sum_jk |m_j - m_k| / (2 K sum m)`` over K hops: 0 if equal."""
        mass = self.hop_mass
        spread = np.abs(mass[..., :, None] - mass[..., None, :]).sum(axis=(-2, -1))
        return self._spoken(stacks.number(stacks.ratio(spread, 2 * mass.shape[-1] * mass.sum(axis=-1))), "gini")

    @property
    def hop_sparsity(self) -> Any:
        """Share of hops whose mass is below 5 % of the largest."""
        return self._spoken(_small_share(self.hop_mass, self.hop_mass.ndim - 1), "hop_sparsity")

    @property
    def sparsity(self) -> Any:
        """Share of entries of all maps whose magnitude is below 5 % of the largest."""
        return self._spoken(_small_share(np.abs(self.maps), self.maps.ndim - 3), "sparsity")

    @property
    def cancellation_index(self) -> Any:
        """``sum_k m_k / norm1(total)``: 1 if no pathway cancels another, inf if all do."""
        mass = self.hop_mass.sum(axis=-1)
        signed = np.abs(self.total).sum(axis=(-2, -1)) if self._cancels else mass
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._spoken(stacks.number(mass / signed), "cancellation_index")

    def temporal_alignment(self, profile: ArrayLike) -> Any:
        """``1 - (1/2) sum_k |p_k - tau_k|`` with the task's lag profile tau, one value per hop (scaled to sum 1).

        1 if pathways carry exactly the lags the task needs, 0 if they have none in common.
        """
        tau = self._per_hop(profile, "profile")
        if (tau < 0).any() or tau.sum() == 0:
            raise ValueError("profile must be non-negative with a positive sum: the share of the task's signal per hop")
        shared = 1 - np.abs(self._share() - tau / tau.sum()).sum(axis=-1) / 2
        return self._spoken(stacks.number(shared), "temporal_alignment")

    def off_signal_mass(self, signal: ArrayLike) -> Any:
        """Share of the mass on hops at which `signal` is 0 (the task sends noise)."""
        off = self._per_hop(np.asarray(signal, dtype=float), "signal") == 0
        share = self._share()
        mass = share[..., off].sum(axis=-1) if off.any() else share.sum(axis=-1) * 0
        return self._spoken(stacks.number(mass), "off_signal_mass")

    def routing(
        self, modules_in: Any, modules_out: Any, *, how: Literal["sum", "mean"] = "sum", magnitude: bool = False
    ) -> Any:
        """Maps and total summed or averaged between groups of inputs and groups of outputs.

        Parameters
        ----------
        modules_in, modules_out : sequences of labels, one per input and per output
        how : {"sum", "mean"}
        magnitude : bool
            Take magnitudes of the entries first, so that signs cannot cancel within a group.

        Returns
        -------
        dict with ``"inputs"`` and ``"outputs"`` (the group labels, sorted), ``"maps"`` (..., max_hops + 1,
        groups in, groups out) and ``"total"`` (..., groups in, groups out)
        """
        options.flags(magnitude=magnitude)
        options.choice(how, ["sum", "mean"], "how")
        names_in, left = _membership(modules_in, self.maps.shape[-2], "modules_in")
        names_out, right = _membership(modules_out, self.maps.shape[-1], "modules_out")
        if how == "mean":
            left, right = left / left.sum(axis=1, keepdims=True), right / right.sum(axis=1, keepdims=True)
        value = np.abs if magnitude else np.asarray
        return {
            "inputs": names_in,
            "outputs": names_out,
            "maps": left @ value(self.maps) @ right.T,
            "total": left @ value(self.total) @ right.T,
        }

    def _share(self) -> NDArray[np.float64]:
        return stacks.ratio(self.hop_mass, self.hop_mass.sum(axis=-1, keepdims=True))

    def _spoken(self, values: Any, name: str) -> Any:
        why = "the network is collapsed: no pathway of these hops leads from an input to an output"
        return undefined.spoken(values, name, why, of="values")

    def through(
        self,
        groups: Any = None,
        *,
        at: int | Literal["any"] | None = None,
        per: Literal["input", "output", "pair"] | None = None,
        hops: ArrayLike | None = None,
        of: Literal["nodes", "connections"] = "nodes",
        modules_in: Any = None,
        modules_out: Any = None,
    ) -> Mediators:
        """How much of the flow passes each node, group of nodes or connection, by hop and step.

        Walks of h recurrent hops meet a node at each of the steps t = 0 … h. Node m carries
        ``(W_in |W|^t)[i, m] (|W|^(h-t) W_out)[m, j]`` of them, in magnitudes, summed over inputs i and outputs j;
        over m these are all walks, at every h and t. Excitatory and inhibitory are the signs of whole walks, from
        powers of ``[[P, N], [N, P]]`` with P and N the magnitudes of positive and negative weights, in which nothing
        cancels. No walk is enumerated.

        Parameters
        ----------
        groups : sequence of labels, one per node, or mapping of name to nodes; default: every node by itself
        at : int or "any", optional
            One step t. "any": walks that meet the mediator at least once, which is the flow minus the flow without
            it (its row and column zeroed); steps and nodes of a group do not add up to it, as a walk may meet a
            mediator twice. Costs as much as following the walks once for each mediator. Default: every step.
        per : {"input", "output", "pair"}, optional
            Keep these ends apart. Default: the summed flow (not the mean of shares, which would weigh weak inputs
            as much as strong ones).
        hops : int or sequence, optional
            Some of :attr:`hops`; default all.
        of : {"nodes", "connections"}
            Connections carry a walk between step t - 1 and t; with groups, those between two groups are summed.
        modules_in, modules_out : sequences of labels, one per input and per output, optional
            Sum inputs and outputs by group: routing tables with groups at the ends and in the middle. The types are
            those of the walks: powers of a matrix between types would join cells that do not connect.

        Returns
        -------
        Mediators

        Raises
        ------
        ValueError
            Unknown hops or steps, groups without nodes.
        MemoryError
            More flows than fit, or more walks to follow than an hour of one core allows; the error says what to leave
            out.

        Examples
        --------
        >>> import netanalysis as na
        >>> w = [[0, 2, -1, 0], [0, 0.5, 3, -1], [0, -2, 0, 4], [0, 0, 0, 0]]
        >>> paths = na.pathways(w, inputs=[0], outputs=[3], max_hops=3)
        >>> carried = paths.through(at=1, hops=3)
        >>> carried.gross, carried.inhibitory
        (array([[ 0., 25.,  2.,  0.]]), array([[0., 1., 2., 0.]]))
        >>> paths.through({"both": [1, 2]}, at="any", hops=3).gross
        array([[27.]])
        """
        return through(self, groups, at=at, per=per, hops=hops, of=of, modules_in=modules_in, modules_out=modules_out)

    def _per_hop(self, values: ArrayLike, name: str) -> NDArray[np.float64]:
        return validate.as_array(values, name, shape=(len(self.hops),))


@recorded
@takes_stacks
def pathways(
    net: Network,
    *,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    max_hops: int,
    alpha: float = 1.0,
    normalize: str | float | None = None,
    leak: float | None = None,
) -> Pathways:
    """Signed weight of all pathways from inputs to outputs, for each number of recurrent hops.

    ``maps[h] = alpha^k W_in W^h W_out`` for h = 0 … max_hops. Only the thinner of the two blocks is propagated;
    an n x n power is never formed unless every node is both input and output.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, self-connections included. Dense or sparse.
    inputs : nodes (1-D), or weights (..., n_in, n); default: of the Connectome, else every node
    outputs : nodes (1-D), or weights (..., n, n_out); default: likewise
        Nodes are indices, a mask, or names of modules or labels. A set of nodes selects them, and a map of h
        recurrent hops has k = h. Input weights and output weights are one hop more each: with both, k = h + 2, and
        for a linear recurrent network ``maps[h]`` with alpha 1 is the derivative of the output with respect to the
        input h steps before the last (for tanh units, at rest).
        Weights of a stack may have leading axes of their own.
    max_hops : int
        Largest number of recurrent hops; L - 1 for a sequence of L inputs.
    alpha : float
        Damping per hop.
    normalize : {None, "spectral_radius"} or positive float
        Divide every weight matrix by this first. A network with spectral radius 0 is left as it is.
    leak : float in (0, 1], optional
        For leaky units, ``h_t = (1 - leak) h_{t-1} + leak phi(…)``: W becomes ``(1 - leak) I + leak W`` and input
        weights are multiplied by leak.

    Returns
    -------
    Pathways

    Examples
    --------
    >>> import netanalysis as na
    >>> chain = [[0, 2.0, 0], [0, 0, 3.0], [0, 0, 0]]
    >>> na.pathways(chain, inputs=[0], outputs=[1, 2], max_hops=2).maps[:, 0]
    array([[0., 0.],
           [2., 0.],
           [0., 6.]])
    """
    max_hops = options.positive_int(max_hops, "max_hops", minimum=0)
    w, left, right = _walks.block_graph(net, inputs, outputs, leak)
    alpha, scale = damping(w, alpha, normalize)
    size = (max_hops + 1) * _walks.width(left, -2) * _walks.width(right, -1) * 8
    if sparse.issparse(w):
        maps = f"{max_hops + 1} maps from {_walks.width(left, -2)} inputs to {_walks.width(right, -1)} outputs"
        memory.require(size, maps, instead="name fewer inputs or outputs")
    hops = np.arange(max_hops + 1) + _walks.weight_blocks(left, right)
    frozen = isinstance(net, Connectome)
    if not frozen:  # whoever has the arrays may go on training, and :meth:`Pathways.through` be asked later
        w, left, right = (array.copy() for array in (w, left, right))
    walked = Walked(w, left, right, net if frozen else None)
    _per_hop_factor(hops, alpha, scale)
    if frozen:
        later = Pathways(np.empty(0), hops, alpha, scale, walked)
        del later.__dict__["maps"]
        return later
    return Pathways(_maps(walked, hops, alpha, scale), hops, alpha, scale, walked)


def _maps(walked: Walked, hops: NDArray[np.intp], alpha: float, scale: Any) -> NDArray[np.float64]:
    w, left, right, divisor = walked.weights, walked.left, walked.right, np.asarray(scale)
    # Divided first: powers of the weights and of the divisor can leave the doubles where those of the quotient do not.
    scaled = w if (divisor == 1).all() else w / float(divisor) if sparse.issparse(w) else w / divisor[..., None, None]
    walk = partial(_walks.propagate, max_hops=len(hops) - 1)
    with np.errstate(over="ignore", invalid="ignore"):
        maps = _walks.over_stack(walk, scaled, left, right, by_products=True)
        maps *= _per_hop_factor(hops, alpha, scale)[..., None, None]
    return _walks.within_doubles(maps, len(hops) - 1)


def _per_hop_factor(hops: NDArray[np.intp], alpha: float, scale: Any) -> NDArray[np.float64]:
    """What a map is multiplied by, its network being divided by the scale already."""
    with np.errstate(over="ignore"):
        factor = alpha**hops * (1.0 / np.asarray(scale)[..., None]) ** hops[0]
    if not np.isfinite(factor).all():
        raise OverflowError(
            "the weights are so small that input or output weights over their spectral radius are beyond double "
            "precision; scale all of them first, with transform.normalize(net, by='max')"
        )
    return factor


def _summed(end: Any, n: int, axis: int) -> NDArray[np.float64]:
    """An end as one input or output: the sum of its nodes or weights."""
    if end.ndim > 1:
        return np.asarray(end.sum(axis=axis, keepdims=True))
    once = np.bincount(end, minlength=n).astype(float)
    return once[None] if axis == -2 else once[:, None]


def damping(w: Any, alpha: Any, normalize: Any, radius: Any = None) -> tuple[float, Any]:
    """alpha as a float, and the divisor of the weights (per network for a stack); their spectral radius if known."""
    alpha = float(validate.as_array(alpha, "alpha", shape=()))
    if normalize is None:
        return alpha, 1.0
    if isinstance(normalize, str) and normalize == "spectral_radius":
        radius = leading_value(None, w, "discrete") if radius is None else radius
        return alpha, stacks.number(np.where(radius > 0, radius, 1.0))
    if isinstance(normalize, bool) or not isinstance(normalize, (int, float, np.number)) or not 0 < normalize < np.inf:
        other = (
            f"; transform.normalize(net, by={normalize!r}) does that first"
            if isinstance(normalize, str) and normalize in ("input", "output", "max", "total")
            else ""
        )
        raise ValueError(f"normalize must be None, 'spectral_radius' or a positive number; got {normalize!r}{other}")
    return alpha, float(normalize)


def _small_share(magnitude: NDArray[np.float64], lead: int) -> Any:
    flat = magnitude.reshape(*magnitude.shape[:lead], -1)
    largest = flat.max(axis=-1, keepdims=True)
    return stacks.number(np.where(largest[..., 0] > 0, (flat < 0.05 * largest).mean(axis=-1), np.nan))


def _membership(labels: Any, count: int, name: str) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Sorted group labels, and a (groups, count) indicator matrix."""
    names, group = np.unique(validate.as_labels(labels, count, name), return_inverse=True)
    return names, (group == np.arange(len(names))[:, None]).astype(float)
