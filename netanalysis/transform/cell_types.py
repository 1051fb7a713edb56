"""Cell types: as nodes of their own, and as what gives a connection its sign."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, random, stacks, validate
from netanalysis._core.records import recorded
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome
from netanalysis.transform.connections import with_weights
from netanalysis.transform.scales import normalize

__all__ = ["aggregate", "signed"]

How = Literal["sum", "mean_source", "mean_target", "mean_pair", "mean_connected", "input_fraction", "output_fraction"]

# Fast transmitters only. Glutamate inhibits in the fly's brain: Liu & Wilson 2013, doi:10.1073/pnas.1220560110.
RULES: dict[str, dict[str, float]] = {
    "fly": {"acetylcholine": 1, "gaba": -1, "glutamate": -1},
    "vertebrate": {"glutamate": 1, "gaba": -1, "glycine": -1},
}
_SHORT = {
    "ach": "acetylcholine", "cholinergic": "acetylcholine", "glut": "glutamate", "glu": "glutamate",
    "glutamatergic": "glutamate", "gabaergic": "gaba", "gly": "glycine", "glycinergic": "glycine",
    "da": "dopamine", "dopaminergic": "dopamine", "5ht": "serotonin", "ser": "serotonin", "serotonergic": "serotonin",
    "oct": "octopamine", "octopaminergic": "octopamine", "tyr": "tyramine", "his": "histamine",
}  # fmt: skip


@recorded(cheap=True)
def aggregate(net: Network, *, by: Any = None, how: How = "sum") -> Any:
    """The network between groups of nodes, such as cell types.

    Walks through it join cells of a type that may not connect: it takes the cells of a type as alike.
    :meth:`netanalysis.Pathways.through` and :meth:`netanalysis.Pathways.routing` group the walks of cells instead.

    Parameters
    ----------
    net : network
    by : sequence of labels, one per node; default: the modules of the Connectome
    how : str
        From group A to group B, with ``S`` the sum of the weights from cells of A to cells of B:

        =====================  ===============================================================================
        ``"sum"``              S
        ``"mean_source"``      S / number of cells of A: what a cell of A sends to B
        ``"mean_target"``      S / number of cells of B: what a cell of B receives from A
        ``"mean_pair"``        S / number of pairs of cells, unconnected ones and, within a group, self-pairs included
        ``"mean_connected"``   S / number of pairs with a connection
        ``"input_fraction"``   mean over cells of B (those without input count 0) of the share of their input from A
        ``"output_fraction"``  mean over cells of A of the share of their output to B
        =====================  ===============================================================================

        Fractions are of magnitudes, as :func:`normalize` has them. The share of the pooled input is another number:
        ``normalize(aggregate(net, how="sum"), by="input")``.

    Returns
    -------
    network
        Groups in sorted order; connections within a group are its self-connection. Of a Connectome: their labels, and
        the numbers of cells as ``metadata["n_cells"]``; with "sum" also its inputs and outputs, summed.

    Examples
    --------
    >>> import netanalysis as na
    >>> w = [[0, 0, 8.0], [0, 0, 2.0], [0, 0, 0]]
    >>> na.transform.aggregate(w, by=["A", "A", "B"], how="mean_source")
    array([[0., 5.],
           [0., 0.]])
    """
    options.choice(how, get_args(How), "how")
    w = validate.as_weights(net)
    n = w.shape[-1]
    if by is None:
        by = getattr(net, "modules", None)
        if by is None:
            raise ValueError("by must be one label per node: the network has no modules to go by")
    names, group = np.unique(validate.as_labels(by, n, "by", net=net), return_inverse=True)
    cells = np.bincount(group)
    member = sparse.csr_array((np.ones(n), group, np.arange(n + 1)), shape=(n, len(names)))
    if how in ("input_fraction", "output_fraction"):
        w = normalize(w, by="input" if how == "input_fraction" else "output")
        how_mean = "mean_target" if how == "input_fraction" else "mean_source"
    else:
        how_mean = how
    out = _between(w, member)
    if how_mean == "mean_connected":
        pairs = _between((w != 0).astype(float), member)
        if sparse.issparse(out):
            entries = sparse.coo_array(out)
            counts = sparse.csr_array(pairs)[entries.row, entries.col] if entries.nnz else np.empty(0)
            out = sparse.csr_array(
                (entries.data / np.asarray(counts).ravel(), (entries.row, entries.col)), shape=out.shape
            )
        else:
            out = stacks.ratio(out, pairs, otherwise=0.0)
    else:
        sources = cells if how_mean in ("mean_source", "mean_pair") else np.ones(len(cells))
        targets = cells if how_mean in ("mean_target", "mean_pair") else np.ones(len(cells))
        if sparse.issparse(out):
            out = sparse.csr_array(sparse.diags_array(1 / sources) @ out @ sparse.diags_array(1 / targets))
        else:
            out = out / sources[:, None] / targets
    if not isinstance(net, Connectome):
        return out
    ends: dict[str, Any] = (
        {}
        if how != "sum"
        else {
            "inputs": None if net.inputs is None else net.inputs @ member,
            "outputs": None if net.outputs is None else member.T @ net.outputs,
        }
    )
    left_out = [key for key in ("inputs", "outputs") if getattr(net, key) is not None and key not in ends]
    step = f"aggregate({n} nodes into {len(names)}, how={how!r})" + (f" without {left_out}" if left_out else "")
    keep = {key: value for key, value in net.metadata.items() if n not in np.shape(value)}
    return Connectome(
        out,
        labels=names.tolist(),
        name=net.name,
        metadata=keep | {"n_cells": cells},
        history=(*net.history, step),
        **ends,
    )


def _between(w: Any, member: sparse.csr_array) -> Any:
    """Sums between groups."""
    if sparse.issparse(w):
        return sparse.csr_array(member.T @ w @ member)
    held = member.toarray()
    return held.T @ w @ held


@recorded(cheap=True)
def signed(
    net: Network,
    transmitters: Any,
    *,
    rule: Literal["fly", "vertebrate"] | Mapping[str, float],
    others: Literal["error", "exclude"] = "error",
    take: Literal["likeliest", "expected", "draw"] = "likeliest",
    rng: random.RNG = None,
) -> Any:
    """Give the connections of every node the sign of its transmitter.

    Parameters
    ----------
    net : network
        Non-negative weights, such as numbers of synapses.
    transmitters : sequence of str, one per node; table of probabilities; or str
        A mapping or DataFrame of transmitter to probabilities (n,) says how sure each prediction is. A str is the name
        of an entry of the metadata that holds either.
    rule : {"fly", "vertebrate"} or mapping of transmitter to sign
        "fly": acetylcholine 1, GABA -1, glutamate -1. "vertebrate": glutamate 1, GABA and glycine -1. No other
        transmitter has a sign there; a mapping may give any number, 0 to leave its connections out.
    others : {"error", "exclude"}
        Nodes whose transmitter the rule does not know (or is empty): an error, or their connections are left out.
        Divide by input totals before, not after, if what is left out should count: :func:`normalize`.
    take : {"likeliest", "expected", "draw"}
        Of probabilities: the sign of the likeliest transmitter (the first of equals), the mean sign, or one drawn per
        node (not per connection), which keeps the spread of the prediction.
    rng : seed, Generator or SeedSequence, optional
        For ``take="draw"``.

    Raises
    ------
    ValueError
        Transmitters without a sign, negative weights, probabilities that do not sum to 1 within 1e-6.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.signed([[0, 3.0], [2, 0]], ["acetylcholine", "GABA"], rule="fly")
    array([[ 0.,  3.],
           [-2.,  0.]])
    """
    options.choice(others, ["error", "exclude"], "others")
    options.choice(take, ["likeliest", "expected", "draw"], "take")
    w = validate.as_weights(net)
    validate.require_nonnegative(
        w, "net", measure="a sign by transmitter", instead="They have signs already; transform.absolute(net) drops them"
    )
    n = w.shape[-1]
    if isinstance(rule, str):
        signs = dict(RULES[options.choice(rule, RULES, "rule")])
    elif isinstance(rule, Mapping) and rule:
        signs = {_plain(name): options.number_in(sign, f"rule[{name!r}]") for name, sign in rule.items()}
    else:
        raise ValueError(f"rule must be one of {list(RULES)} or a mapping of transmitter to sign; got {rule!r}")
    if isinstance(transmitters, str):
        held = getattr(net, "metadata", {})
        if transmitters not in held:
            raise ValueError(f"transmitters={transmitters!r} is no entry of the metadata, which has {sorted(held)}")
        transmitters = held[transmitters]
    if isinstance(transmitters, Mapping) or hasattr(transmitters, "columns"):
        sign = _of_probabilities(transmitters, n, signs, others, take, rng)
    else:
        kinds = [_plain(name) for name in validate.as_labels(transmitters, n, "transmitters", net=net).tolist()]
        sign = np.array([signs.get(kind, np.nan) for kind in kinds])
        _known(sign, kinds, signs, others)
    sign = np.nan_to_num(sign).astype(float)
    out = sparse.csr_array(sparse.diags_array(sign) @ w) if sparse.issparse(w) else sign[:, None] * w + 0.0  # no -0
    if sparse.issparse(out):
        out.eliminate_zeros()
    said = rule if isinstance(rule, str) else signs
    return with_weights(net, out, f"signed(rule={said!r}, others={others!r}, take={take!r})")


def _plain(name: Any) -> str:
    """A transmitter's name by its letters and digits, in full."""
    short = re.sub(r"[^a-z0-9]", "", str(name).lower())
    return _SHORT.get(short, short)


def _known(sign: NDArray[np.float64], kinds: list[str], signs: dict[str, float], others: str) -> None:
    missing = np.flatnonzero(np.isnan(sign))
    if others == "error" and len(missing):
        names = sorted({kinds[k] or "(none)" for k in missing})
        raise ValueError(
            f"{len(missing)} of {len(sign)} nodes have a transmitter to which the rule gives no sign: "
            f"{', '.join(names[:8])}; it knows {sorted(signs)}. Give a rule that has them, or others='exclude'"
        )


def _of_probabilities(
    table: Any, n: int, signs: dict[str, float], others: str, take: str, rng: random.RNG
) -> NDArray[np.float64]:
    names = list(table)
    p = np.stack([validate.as_array(table[name], f"transmitters[{name!r}]", shape=(n,)) for name in names], axis=1)
    total = p.sum(axis=1)
    if (p < 0).any() or (np.abs(total - 1) > 1e-6).any():
        odd = int(np.argmax(np.where((p < 0).any(axis=1), np.inf, np.abs(total - 1))))
        raise ValueError(
            f"transmitters must hold probabilities that sum to 1 over transmitters; those of node {odd} are {p[odd]}"
        )
    kinds = [_plain(name) for name in names]
    value = np.array([signs.get(kind, np.nan) for kind in kinds])
    if take == "expected":
        used = np.where((p > 0).any(axis=0), value, 0.0)
        _known(used, kinds, signs, others)
        return p @ np.nan_to_num(used)
    if take == "likeliest":
        chosen = p.argmax(axis=1)
    else:
        u = np.random.default_rng(random.seed_sequence(rng)).random(n)
        last = p.shape[1] - 1 - np.argmax(p[:, ::-1] > 0, axis=1)
        chosen = np.minimum((np.cumsum(p, axis=1) <= u[:, None]).sum(axis=1), last)
    sign = value[chosen]
    _known(sign, [kinds[k] for k in chosen], signs, others)
    return sign
