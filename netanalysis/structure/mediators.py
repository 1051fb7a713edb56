"""Who carries the signal: how much of what flows from inputs to outputs passes each node, group or connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis.structure import _lifted, _walks
from netanalysis.structure._flows import Flows, Wanted, entries
from netanalysis.structure._walks import End

__all__ = ["Mediators"]


@result
class Mediators:
    """What :meth:`Pathways.through` returns: amounts of flow, by mediator on the last axis.

    Walks of every sign are added as amounts, so nothing cancels: ``gross = excitatory + inhibitory``. The axes before
    the last are the leading axes of a stack, hops, steps (unless one step, or "any", was asked for), and inputs and
    outputs, or groups of them, as `per` asked.

    Attributes
    ----------
    names : ndarray, (m,) or (m, 2)
        Labels or indices of nodes, labels of groups; for connections the two ends.
    hops : ndarray, shape (H,)
        As in :attr:`Pathways.hops`.
    steps : ndarray, shape (T,), optional
        Recurrent hops made before the mediator is met (of a connection: with it). None for ``at="any"``.
    excitatory, inhibitory : ndarray, shape (..., H, [T], [inputs], [outputs], m)
        Flow along walks of positive sign, and magnitude of that along walks of negative sign (signs of whole walks,
        not of the connection into the mediator). nan where walks have no such step.
    total : ndarray, shape (..., H, [inputs], [outputs])
        Gross flow of all walks, through whichever mediator.
    inputs, outputs : ndarray or None
        What the axes of inputs and outputs stand for, if `per` asked for them.
    """

    names: NDArray[Any]
    hops: NDArray[np.intp]
    steps: NDArray[np.intp] | None
    excitatory: NDArray[np.float64]
    inhibitory: NDArray[np.float64]
    total: NDArray[np.float64]
    inputs: Any = None
    outputs: Any = None
    step_axis: bool = True

    @property
    def gross(self) -> NDArray[np.float64]:
        """Flow along walks of either sign, ``excitatory + inhibitory``."""
        return self.excitatory + self.inhibitory

    @property
    def net(self) -> NDArray[np.float64]:
        """``excitatory - inhibitory``: an amount. It has no shares, which are undefined where walks cancel."""
        return self.excitatory - self.inhibitory

    @property
    def share(self) -> NDArray[np.float64]:
        """``gross / total``; sums to 1 over nodes, or over groups that hold each node once, at every hop and step.

        Shares of ``at="any"`` sum to more, as a walk meets several nodes. nan where nothing flows, with a warning, and
        where walks have no such step, as `gross` is.
        """
        share, missing = self._share(), np.isnan(self.gross)
        why = "nothing flows from the inputs to the outputs in so many hops"
        undefined.spoken(np.where(missing, 0.0, share), "share", why, of="values")
        return share

    def _share(self) -> NDArray[np.float64]:
        whole = self.total[..., None]
        if self.step_axis:
            ends = (self.inputs is not None) + (self.outputs is not None)
            whole = np.expand_dims(whole, -2 - ends)
        return stacks.ratio(self.gross, whole)

    def table(self) -> Any:
        """All numbers as a DataFrame, one row for each hop, step, input, output and mediator that has flow.

        Columns: hops, step, input, output (those there are), mediator (or source and target), gross, excitatory,
        inhibitory, net, share; the strongest first within each hop and step.
        """
        lead = self.total.ndim - 1 - (self.inputs is not None) - (self.outputs is not None)
        if lead:
            raise ValueError(f"table is of one network; got mediators of a stack with leading axes {lead}")
        axes: dict[str, Any] = {"hops": self.hops}
        if self.step_axis:
            axes["step"] = self.steps
        axes |= {k: v for k, v in (("input", self.inputs), ("output", self.outputs)) if v is not None}
        values = {name: getattr(self, name) for name in ("gross", "excitatory", "inhibitory", "net")}
        rows = tidy(axes, self.names, values | {"share": self._share()}, np.nan_to_num(self.gross) != 0)
        order = [k for k in axes if k in rows]
        return rows.sort_values([*order, "gross"], ascending=[*[True] * len(order), False], ignore_index=True)


def tidy(axes: Mapping[str, Any], names: NDArray[Any], values: Mapping[str, NDArray[Any]], shown: Any) -> Any:
    """A DataFrame with a row for each entry to be shown of arrays with these axes, and mediators on the last."""
    import pandas as pd

    where = np.nonzero(shown)
    columns = {name: np.asarray(of)[at] for (name, of), at in zip(axes.items(), where, strict=False)}
    of = names[where[-1]]
    columns |= {"mediator": of} if of.ndim == 1 else {"source": of[:, 0], "target": of[:, 1]}
    return pd.DataFrame(columns | {name: array[where] for name, array in values.items()})


@dataclass(frozen=True)
class Walked:
    """The network and the ends that pathways were computed for, by reference."""

    weights: Any
    left: End
    right: End
    net: Any  # what knows the names of nodes

    @property
    def names(self) -> NDArray[Any]:
        """Labels of the nodes, or their indices."""
        labels = getattr(self.net, "labels", None)
        return np.arange(self.n) if labels is None else np.asarray(labels)

    @property
    def n(self) -> int:
        """Number of nodes."""
        return int(self.weights.shape[-1])


def through(
    paths: Any, groups: Any, *, at: Any, per: Any, hops: Any, of: str, modules_in: Any, modules_out: Any
) -> Mediators:
    """:meth:`Pathways.through` of some pathways."""
    walked = paths.walked
    if walked is None:
        raise ValueError("these pathways carry no network, which na.pathways gives them: compute them anew")
    options.choice(of, ["nodes", "connections"], "of")
    which, wanted = _wanted(paths, at, hops, of)
    names, member = (walked.names, None) if groups is None else membership(groups, walked.n, walked.net)
    ends = _ends(walked, per, modules_in, modules_out)
    with np.errstate(over="ignore", invalid="ignore"):
        names, values, total = _flows(walked, paths.scale, wanted, names, member, ends)
    _walks.within_doubles(total, int(paths.hops[which].max()))
    damping, by_weights = paths.alpha ** paths.hops[which], int(paths.hops[0])
    factor = damping / (np.asarray(paths.scale)[..., None] ** by_weights)
    shown = [labels for _, labels in ends]
    after = values[0].ndim - factor.ndim
    amount = np.abs(factor).reshape(factor.shape + (1,) * after)
    odd = factor.reshape(amount.shape) < 0  # a negative damping turns the sign of every walk with an odd number of hops
    excitatory, inhibitory = values if not odd.any() else (np.where(odd, values[1 - k], values[k]) for k in (0, 1))
    if (amount != 1).any():
        excitatory, inhibitory = excitatory * amount, inhibitory * amount
    total = total * np.abs(factor)[..., None, None]
    axes = tuple(k for k, labels in zip((-3, -2), shown, strict=True) if labels is None)
    excitatory, inhibitory = excitatory.squeeze(axes), inhibitory.squeeze(axes)
    total = total.squeeze(tuple(k + 1 for k in axes))
    single = isinstance(at, (int, np.integer))
    if single:
        axis = -2 - sum(labels is not None for labels in shown)
        excitatory, inhibitory = excitatory.squeeze(axis), inhibitory.squeeze(axis)
    return Mediators(
        names=names,
        hops=paths.hops[which],
        steps=None if wanted.any_step else wanted.steps,
        excitatory=excitatory,
        inhibitory=inhibitory,
        total=total,
        inputs=shown[0],
        outputs=shown[1],
        step_axis=not (wanted.any_step or single),
    )


def _wanted(paths: Any, at: Any, hops: Any, of: str) -> tuple[NDArray[np.intp], Wanted]:
    known = paths.hops.tolist()
    asked = known if hops is None else np.atleast_1d(hops).tolist()
    if not asked or not set(asked) <= set(known):
        raise ValueError(f"hops must be among those of the pathways, {known[0]}..{known[-1]}; got {hops!r}")
    which = np.array([known.index(h) for h in asked])
    edges = of == "connections"
    if at is None:
        steps = np.arange(int(edges), max(which.max(), edges) + 1)
    elif isinstance(at, (int, np.integer)) and not isinstance(at, bool):
        steps = np.array([at])
        if not edges <= at <= which.max():
            raise ValueError(
                f"at must be a step from {int(edges)} to {which.max()}, the recurrent hops made by then; got {at}"
            )
    elif at == "any":
        if edges:
            raise ValueError('at="any" is for nodes and groups; ask for of="connections" at single steps')
        steps = np.arange(which.max() + 1)
    else:
        raise ValueError(f'at must be None (every step), a number of hops, or "any"; got {at!r}')
    return which, Wanted(which, steps, isinstance(at, str), edges)


def _ends(walked: Walked, per: Any, modules_in: Any, modules_out: Any) -> list[tuple[Any, Any]]:
    """For inputs and outputs: how they are summed, (k, rows), and what the rows are (None: all in one)."""
    if per not in (None, "input", "output", "pair"):
        raise ValueError(f"per must be None, 'input', 'output' or 'pair'; got {per!r}")
    ends: list[tuple[Any, Any]] = []
    for end, axis, labels, name, alone in (
        (walked.left, -2, modules_in, "modules_in", "input"),
        (walked.right, -1, modules_out, "modules_out", "output"),
    ):
        count = _walks.width(end, axis)
        if per not in (alone, "pair"):
            if labels is not None:
                raise ValueError(f"{name} groups the {alone}s, which per={per!r} sums; say per={alone!r} or 'pair'")
            ends.append((sparse.csr_array(np.ones((count, 1))), None))
        elif labels is not None:
            names, held = indicator(labels, count, name)
            ends.append((held, names))
        else:
            ends.append((None, walked.names[end] if end.ndim == 1 else np.arange(count)))
    return ends


def _flows(walked: Walked, scale: Any, wanted: Wanted, names: Any, member: Any, ends: Any) -> Any:
    """Names of mediators; flow by sign, (2, ..., hops, [steps], inputs, outputs, m); flow of all walks."""
    divisor = np.asarray(scale)
    w = walked.weights
    if (divisor != 1).any():
        w = w / float(divisor) if sparse.issparse(w) else w / divisor[..., None, None]
    signed = _lifted.is_signed(w, walked.left, walked.right)
    if wanted.edges:
        names, code = _connections(w, names, member)

    def one(m: Any, left: End, right: End) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        a = _lifted.lift_end(left, walked.n, signed, nodes_axis=1, member=ends[0][0])
        b = _lifted.lift_end(right, walked.n, signed, nodes_axis=0, member=ends[1][0])
        flows = Flows(_lifted.lift(m, signed), a, b, signed, wanted)
        if wanted.edges:
            return flows.totals(), flows.of_connections(m, code, len(names))
        return flows.totals(), flows.at_any_step(member) if wanted.any_step else flows.at_each_step(member)

    if sparse.issparse(w):
        with parallel.one_blas_thread():
            total, values = one(w, walked.left, walked.right)
        return names, values, total
    shapes: list[tuple[int, ...]] = []

    def both(m: Any, left: End, right: End) -> NDArray[np.float64]:
        parts = one(m, left, right)
        shapes[:] = [part.shape for part in parts]
        return np.concatenate([part.ravel() for part in parts])

    flat = _walks.over_stack(both, w, walked.left, walked.right, by_products=True)
    cut, lead = int(np.prod(shapes[0])), flat.shape[:-1]
    values = flat[..., cut:].reshape(*lead, *shapes[1])
    return names, np.moveaxis(values, len(lead), 0), flat[..., :cut].reshape(*lead, *shapes[0])


def _connections(w: Any, names: Any, member: Any) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Names of the ends of every connection, or pair of groups that has one, and which of them each entry is."""
    if w.ndim > 2:
        raise ValueError(f"connections are those of one network; got a stack of shape {w.shape}: take it one by one")
    source, target, _ = entries(w)
    if member is None:
        code = np.arange(len(source))
        return np.stack([names[source], names[target]], axis=1), code
    group = sparse.csr_array(member)
    if (np.diff(group.indptr) != 1).any():
        raise ValueError("connections between groups need groups that hold every node once: one label per node")
    kind = group.indices
    pairs, code = np.unique(kind[source].astype(np.int64) * len(names) + kind[target], return_inverse=True)
    return np.stack([names[pairs // len(names)], names[pairs % len(names)]], axis=1), code


def membership(groups: Any, n: int, net: Any) -> tuple[NDArray[Any], sparse.csr_array]:
    """Names of groups, and which nodes they hold (n, groups), from labels of nodes or a mapping of name to nodes."""
    if isinstance(groups, Mapping):
        if not groups:
            raise ValueError("groups is an empty mapping; give at least one name with its nodes")
        nodes = [validate.as_nodes(members, n, f"groups[{name!r}]", net=net) for name, members in groups.items()]
        column = np.repeat(np.arange(len(nodes)), [len(members) for members in nodes])
        row = np.concatenate(nodes)
        held = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(n, len(nodes)))
        held.data[:] = 1.0  # a node named twice in a group is in it once
        return validate.label_array(list(groups), "groups"), held
    return indicator(groups, n, "groups")


def indicator(labels: Any, n: int, name: str) -> tuple[NDArray[Any], sparse.csr_array]:
    """Sorted labels, and which of n things has which, (n, labels)."""
    names, kind = np.unique(validate.as_labels(labels, n, name), return_inverse=True)
    return names, sparse.csr_array((np.ones(n), kind, np.arange(n + 1)), shape=(n, len(names)))
