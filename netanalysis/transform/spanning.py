"""The strongest connections that hold a network together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from netanalysis._core import options, stacks, validate
from netanalysis._core.records import recorded
from netanalysis._core.types import Network
from netanalysis.transform.connections import round_half_up, with_weights

__all__ = ["backbone"]


@recorded(cheap=True)
def backbone(net: Network, *, density: float | None = None) -> Any:
    """Maximum spanning tree of an undirected network, and its strongest other connections up to a density.

    Unlike :func:`threshold` it leaves nothing unconnected that was connected, at any density.

    Parameters
    ----------
    net : network or stack (..., n, n), undirected
        Strength is ``|w|``; take :func:`positive_part` first for positive connections only. The diagonal is cleared.
    density : float in [0, 1], optional
        Share of the n (n - 1) / 2 pairs to be connected in the end, rounded half up: the tree, and then the strongest
        of the other connections. The tree alone if it holds as many, or by default. Among equal magnitudes the earlier
        entries in row order win.

    Returns
    -------
    network like `net`
        Weights as they were. A network of several components has a tree in each.

    Raises
    ------
    ValueError
        If the network is directed.

    References
    ----------
    Hagmann et al. 2008, doi:10.1371/journal.pbio.0060159.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.backbone([[0, 3.0, 1], [3, 0, 2], [1, 2, 0]])
    array([[0., 3., 0.],
           [3., 0., 2.],
           [0., 2., 0.]])
    """
    if density is not None:
        density = options.number_in(density, "density", at_least=0, at_most=1)
    step = "backbone" if density is None else f"backbone(density={density:g})"
    w = validate.as_weights(net)
    networks = [w] if sparse.issparse(w) else stacks.flatten(w)[0]
    if not all(validate.is_symmetric(m) for m in networks):
        raise ValueError("backbone needs an undirected network; make it so with transform.symmetrize(net, how=...)")
    kept = [_kept(m, density) for m in networks]
    return with_weights(net, kept[0] if sparse.issparse(w) else np.reshape(kept, w.shape), step)


def _kept(w: Any, density: float | None) -> Any:
    n = w.shape[0]
    rows, columns, values = sparse.find(sparse.triu(w, 1))
    order = np.lexsort((columns, rows, -np.abs(values)))
    rows, columns, values = rows[order], columns[order], values[order]
    keep = _in_tree(rows, columns, n)
    if density is not None:
        more = max(0, round_half_up(density * (n * (n - 1) // 2)) - int(keep.sum()))
        keep[np.flatnonzero(~keep)[:more]] = True
    out = sparse.csr_array((values[keep], (rows[keep], columns[keep])), shape=w.shape)
    out = sparse.csr_array(out + out.T)
    return out if sparse.issparse(w) else out.toarray()


def _in_tree(rows: NDArray[np.intp], columns: NDArray[np.intp], n: int) -> NDArray[np.bool_]:
    """Which connections, the strongest first, are in the spanning trees: places serve as lengths, without ties."""
    places = np.arange(1.0, len(rows) + 1)
    tree = csgraph.minimum_spanning_tree(sparse.csr_array((places, (rows, columns)), shape=(n, n)))
    return np.isin(places, tree.data)
