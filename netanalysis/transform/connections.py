"""Which connections and nodes a network keeps, and what their weights become one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph

from netanalysis._core import options, stacks, validate
from netanalysis._core.records import recorded
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome

__all__ = [
    "absolute",
    "binarize",
    "largest_component",
    "negative_part",
    "positive_part",
    "remove_self_connections",
    "subset",
    "symmetrize",
    "threshold",
]


def with_weights(net: Network, weights: Any, step: str) -> Any:
    """New weights of a Connectome, with the step in its history; of any other network the weights alone."""
    if isinstance(net, Connectome):
        return net.replace(weights=weights, history=(*net.history, step))
    return weights


def elementwise(w: Any, function: Any) -> Any:
    """Apply a function with f(0) = 0 to dense weights or to the stored entries of sparse ones."""
    if not sparse.issparse(w):
        return function(w)
    out = sparse.csr_array((function(w.data), w.indices.copy(), w.indptr.copy()), shape=w.shape)
    out.eliminate_zeros()
    return out


@recorded(cheap=True)
def absolute(net: Network) -> Any:
    """Magnitudes ``|W|``.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.absolute([[0, -2.0], [1, 0]])
    array([[0., 2.],
           [1., 0.]])
    """
    return with_weights(net, elementwise(validate.as_weights(net), np.abs), "absolute")


@recorded(cheap=True)
def positive_part(net: Network) -> Any:
    """Positive weights, ``max(W, 0)``.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.positive_part([[0, -2.0], [1, 0]])
    array([[0., 0.],
           [1., 0.]])
    """
    return with_weights(net, elementwise(validate.as_weights(net), lambda x: np.maximum(x, 0.0)), "positive_part")


@recorded(cheap=True)
def negative_part(net: Network) -> Any:
    """Magnitudes of the negative weights, ``max(-W, 0)``.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.negative_part([[0, -2.0], [1, 0]])
    array([[0., 2.],
           [0., 0.]])
    """
    return with_weights(net, elementwise(validate.as_weights(net), lambda x: np.maximum(-x, 0.0)), "negative_part")


@recorded(cheap=True)
def binarize(net: Network) -> Any:
    """1 where there is a connection (``W != 0``, of either sign), else 0.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.binarize([[0, -2.0], [0.5, 0]])
    array([[0., 1.],
           [1., 0.]])
    """
    return with_weights(net, elementwise(validate.as_weights(net), lambda x: (x != 0).astype(float)), "binarize")


@recorded(cheap=True)
def remove_self_connections(net: Network) -> Any:
    """The same network with a zero diagonal.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.remove_self_connections([[3.0, 1], [1, 3]])
    array([[0., 1.],
           [1., 0.]])
    """
    w = validate.as_weights(net)
    if sparse.issparse(w):
        out = sparse.csr_array(w - sparse.diags_array(w.diagonal()))
        out.eliminate_zeros()
    else:
        out, index = np.array(w, order="C"), np.arange(w.shape[-1])
        out[..., index, index] = 0.0
    return with_weights(net, out, "remove_self_connections")


@recorded(cheap=True)
def symmetrize(net: Network, *, how: Literal["mean", "sum", "max", "min"] = "mean") -> Any:
    """Undirected version of a network.

    Parameters
    ----------
    net : network
    how : {"mean", "sum", "max", "min"}
        Entry (i, j) and (j, i) become their mean (``(W + W.T) / 2``), sum, larger or smaller one.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.symmetrize([[0, 2.0], [0, 0]], how="max")
    array([[0., 2.],
           [2., 0.]])
    """
    options.choice(how, ["mean", "sum", "max", "min"], "how")
    w = validate.as_weights(net)
    t = sparse.csr_array(w.T) if sparse.issparse(w) else np.swapaxes(w, -1, -2)
    if how in ("mean", "sum"):
        out = (w + t) * (0.5 if how == "mean" else 1.0)
    elif sparse.issparse(w):
        out = w.maximum(t) if how == "max" else w.minimum(t)
    else:
        out = np.maximum(w, t) if how == "max" else np.minimum(w, t)
    if sparse.issparse(out):
        out = sparse.csr_array(out)
        out.eliminate_zeros()
    return with_weights(net, out, f"symmetrize(how={how!r})")


@recorded(cheap=True)
def threshold(
    net: Network,
    *,
    density: float | None = None,
    weight: float | None = None,
    signs: Literal["both", "positive"] = "both",
) -> Any:
    """Keep the strongest connections, by magnitude; the diagonal is cleared.

    Parameters
    ----------
    net : network
    density : float in [0, 1], optional
        Keep this share of the n (n - 1) ordered pairs of distinct nodes (of the n (n - 1) / 2 pairs if the
        network is undirected, so that it stays so), rounded half up. Fewer if the network has fewer
        connections. Among equal magnitudes at the cut the earlier entries in row order win.
    weight : float, optional
        Keep connections with ``|w| >= weight``. Give exactly one of the two.
    signs : {"both", "positive"}
        Which connections are there to be kept; ``"positive"`` drops negative ones, however strong.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.threshold([[0, 3.0, 1], [2, 0, 0], [0, 0, 0]], density=1 / 3)
    array([[0., 3., 0.],
           [2., 0., 0.],
           [0., 0., 0.]])
    """
    options.choice(signs, ["both", "positive"], "signs")
    if (density is None) == (weight is None):
        raise ValueError(f"give exactly one of density and weight; got density={density}, weight={weight}")
    w = validate.as_weights(remove_self_connections(net))
    if signs == "positive":
        w = positive_part(w)
    only = "" if signs == "both" else ", signs='positive'"
    if weight is not None:
        weight = options.number_in(weight, "weight", at_least=0)
        out = elementwise(w, lambda x: np.where(np.abs(x) >= weight, x, 0.0))
        return with_weights(net, out, f"threshold(weight={weight:g}{only})")
    assert density is not None
    density = options.number_in(density, "density", at_least=0, at_most=1)
    step = f"threshold(density={density:g}{only})"
    if sparse.issparse(w):
        return with_weights(net, _strongest_sparse(w, density), step)
    flat, lead = stacks.flatten(w)
    kept = np.stack([_strongest_dense(m, density) for m in flat])
    return with_weights(net, kept.reshape(*lead, *kept.shape[1:]), step)


def round_half_up(count: float) -> int:
    """As the Brain Connectivity Toolbox rounds (MATLAB's round); Python's own goes to the even neighbour."""
    return int(np.floor(count + 0.5))


def _strongest_dense(w: Any, density: float) -> Any:
    n = len(w)
    undirected = validate.is_symmetric(w)
    pairs = np.tri(n, k=-1, dtype=bool).T if undirected else ~np.eye(n, dtype=bool)
    values = w[pairs]
    out = np.zeros_like(w)
    out[pairs] = np.where(_largest(np.abs(values), round_half_up(density * len(values))), values, 0.0)
    return out + out.T if undirected else out


def _largest(values: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Which are the `count` largest, of equal ones the first."""
    if count == 0 or count >= len(values):
        return np.full(len(values), count > 0)
    least = np.partition(values, -count)[-count]
    kept = values > least
    kept[np.flatnonzero(values == least)[: count - kept.sum()]] = True
    return kept


def _strongest_sparse(w: Any, density: float) -> Any:
    n = w.shape[0]
    undirected = validate.is_symmetric(w)
    part = sparse.coo_array(sparse.triu(w, 1) if undirected else w)
    pairs = n * (n - 1) // 2 if undirected else n * (n - 1)
    order = np.lexsort((part.col, part.row, -np.abs(part.data)))[: round_half_up(density * pairs)]
    out = sparse.csr_array((part.data[order], (part.row[order], part.col[order])), shape=w.shape)
    return sparse.csr_array(out + out.T) if undirected else out


@recorded(cheap=True)
def subset(net: Network, nodes: ArrayLike | str | Sequence[str]) -> Any:
    """The network among some nodes, in the order given; positions, labels and the rest follow.

    So do arrays of the metadata that have an axis of nodes, such as tract lengths.

    Parameters
    ----------
    net : network
    nodes : indices, boolean mask, or names of modules or labels

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.subset([[0, 1.0, 2], [3, 0, 4], [5, 6, 0]], [2, 0])
    array([[0., 5.],
           [2., 0.]])
    >>> na.transform.subset(na.datasets.load("celegans_chemical"), "sensory").n_nodes
    61
    """
    w = validate.as_weights(net)
    index = validate.as_nodes(nodes, w.shape[-1], "nodes", net=net)
    out = sparse.csr_array(w[index][:, index]) if sparse.issparse(w) else w[..., index[:, None], index]
    if not isinstance(net, Connectome):
        return out
    per_node: dict[str, Any] = {
        key: getattr(net, key)[index]
        for key in ("positions", "labels", "modules", "outputs")
        if getattr(net, key) is not None
    }
    if net.inputs is not None:
        per_node["inputs"] = net.inputs[:, index]
    if net.given_distances is not None:
        per_node["distances"] = net.given_distances[np.ix_(index, index)]
    step = f"subset({len(index)} of {net.n_nodes} nodes)"
    metadata = {key: _of_nodes(value, index, net.n_nodes) for key, value in net.metadata.items()}
    return Connectome(out, name=net.name, metadata=metadata, history=(*net.history, step), **per_node)


def _of_nodes(value: Any, index: Any, n: int) -> Any:
    """What an entry of the metadata says of some nodes: arrays (…, n, n), (…, n) and (n, …) are cut."""
    if isinstance(value, (list, tuple)) and len(value) == n:  # as files give arrays of the metadata back
        return type(value)(_of_nodes(value[k], index, n) for k in index)
    if not isinstance(value, np.ndarray) or n not in value.shape:
        return value
    if value.shape[-2:] == (n, n):
        return value[..., index[:, None], index]
    return value[..., index] if value.shape[-1] == n else value[index] if value.shape[0] == n else value


@recorded(cheap=True)
def largest_component(net: Network, *, connection: Literal["weak", "strong"] = "weak") -> Any:
    """The network among the nodes of its largest connected component.

    Parameters
    ----------
    net : network (not a stack: members would keep different nodes)
    connection : {"weak", "strong"}
        Paths may ignore direction (weak) or must follow it (strong). Of several components of the same
        size, the one with the smallest node index is kept.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.largest_component([[0, 1.0, 0], [1, 0, 0], [0, 0, 0]]).shape
    (2, 2)
    """
    options.choice(connection, ["weak", "strong"], "connection")
    w = stacks.one_network(net, instead="take components one by one")
    graph = w if sparse.issparse(w) else sparse.csr_array(w)
    _, member = csgraph.connected_components(graph, directed=True, connection=connection)
    # csgraph numbers strong components in its own order; pick by size, then by first node.
    sizes = np.bincount(member)
    first = np.flatnonzero(sizes[member] == sizes.max())[0]
    return subset(net, member == member[first])
