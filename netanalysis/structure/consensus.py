"""One partition out of many: agreement of partitions and consensus clustering."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import memory, options, random, validate
from netanalysis.structure._search import number_by_size, search

__all__ = ["agreement", "consensus_communities"]

_MAX_ROUNDS = 100
_FEW, _COLUMNS = 64, 2048  # labels for which a product is the faster count; columns of one


def agreement(partitions: Any) -> NDArray[np.float64]:
    """Share of partitions that put two nodes in the same community.

    Parameters
    ----------
    partitions : array_like, shape (..., runs, n), or Communities
        A row of labels per partition, numbers or strings; labels of different rows need not match.

    Returns
    -------
    ndarray, shape (..., n, n)
        1 on the diagonal. bctpy's ``agreement`` counts partitions instead, with 0 on the diagonal.

    References
    ----------
    Lancichinetti & Fortunato 2012, doi:10.1038/srep00336.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.agreement([["a", "a", "b"], ["x", "y", "y"]])
    array([[1. , 0.5, 0. ],
           [0.5, 1. , 0.5],
           [0. , 0.5, 1. ]])
    """
    rows = validate.label_array(getattr(partitions, "partitions", partitions), "partitions")
    if rows.ndim < 2 or 0 in rows.shape:
        raise ValueError(f"partitions must have shape (..., runs, n), a row of labels per run; got shape {rows.shape}")
    n = rows.shape[-1]
    size = rows[..., 0, 0].size * n * n * 8
    memory.require(size, f"the agreement of {n} nodes", instead="compare partitions pair by pair")
    codes = np.unique(rows, return_inverse=True)[1].reshape(rows.shape)
    k = int(codes.max()) + 1
    together = np.zeros((*rows.shape[:-2], n, n))
    step = max(1, _COLUMNS // k) if k <= _FEW else 1
    for r in range(0, rows.shape[-2], step):
        labels = codes[..., r : r + step, :]
        if k <= _FEW:  # single precision counts that far exactly
            member = (labels[..., None] == np.arange(k)).astype(np.float32)  # (..., runs, n, k)
            member = np.moveaxis(member, -2, -3).reshape(*rows.shape[:-2], n, -1)
            together += member @ np.swapaxes(member, -1, -2)
        else:
            together += labels[..., 0, :, None] == labels[..., 0, None, :]
    return together / rows.shape[-2]


def consensus_communities(partitions: Any, *, threshold: float = 0.5, rng: random.RNG = None) -> NDArray[np.intp]:
    """One partition that stands for many of the same nodes.

    Nodes are linked by the share of partitions that put them together; shares below `threshold` are dropped; the
    resulting network is partitioned by Leiden as many times as there were partitions; and so on until all runs agree
    (Lancichinetti & Fortunato 2012).

    Parameters
    ----------
    partitions : array_like, shape (..., runs, n), or Communities
        A row of labels per partition.
    threshold : float in [0, 1]
        A node that is with no other one in at least this share of the partitions ends up alone.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    ndarray of int, shape (..., n)
        Labels numbered by decreasing size, ties by first member.

    Raises
    ------
    RuntimeError
        If the runs still disagree after 100 rounds.

    References
    ----------
    Lancichinetti & Fortunato, doi:10.1038/srep00336.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.consensus_communities([[0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]], rng=0)
    array([0, 0, 0, 1, 1])
    """
    rows = validate.label_array(getattr(partitions, "partitions", partitions), "partitions")
    if rows.ndim < 2 or 0 in rows.shape:
        raise ValueError(f"partitions must have shape (..., runs, n), a row of labels per run; got shape {rows.shape}")
    threshold = options.number_in(threshold, "threshold", at_least=0, at_most=1)
    sets = rows.reshape(-1, *rows.shape[-2:])
    sources = random.per_network(rng, len(sets))
    found = [_of_one(one, threshold, source) for one, source in zip(sets, sources, strict=True)]
    return np.stack(found).reshape(*rows.shape[:-2], -1)


def _of_one(rows: NDArray[Any], threshold: float, rng: np.random.SeedSequence) -> NDArray[np.intp]:
    """The consensus of one set of partitions."""
    labels = np.array([number_by_size(row) for row in rows])
    generator = np.random.default_rng(rng)
    for _ in range(_MAX_ROUNDS):
        if (labels == labels[0]).all():
            return labels[0]
        together = agreement(labels)
        together[together < threshold] = 0.0
        np.fill_diagonal(together, 0.0)
        seeds = random.seeds(generator, len(rows))[None]
        labels = search(together, 1.0, seeds)[0][0]
    raise RuntimeError(
        f"the {len(rows)} runs still disagree after {_MAX_ROUNDS} rounds of consensus; "
        "give more partitions or another threshold"
    )
