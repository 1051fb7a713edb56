"""Gradients: the few axes along which the connections of nodes change most slowly, by diffusion maps."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import components, options, scaling, stacks, undefined, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.activity._affinity import affinity, strongest_of_rows
from netanalysis.connectome import Connectome
from netanalysis.maps._surrogates import within

__all__ = ["AlignedGradients", "Gradients", "align_gradients", "gradients"]

Kernel = Literal["cosine", "normalized_angle", "pearson", "spearman", "gaussian"]

_ROUNDING = 1e-10  # entries of an affinity that differ by less are equal


@result
class Gradients:
    """What :func:`gradients` returns, the slowest first.

    Attributes
    ----------
    values : ndarray, shape (..., n, k)
        The gradients, one a column.
    eigenvalues : ndarray, shape (..., k)
        Of the diffusion operator, below its first, which is 1: how much of a gradient is left after one step.
    kernel : str or None
    alpha : float
    diffusion_time : float
    sparsity : float
    labels, modules : ndarray or None
        Of the nodes, if the network knew them.
    """

    values: NDArray[np.float64]
    eigenvalues: NDArray[np.float64]
    kernel: str | None
    alpha: float
    diffusion_time: float
    sparsity: float
    labels: Any = None
    modules: Any = None

    def table(self) -> Any:
        """A DataFrame with a row for each node: node, label and module if known, gradient_1, gradient_2 …

        Of a stack the column subject comes first, counting from 0; of several axes, their indices.
        """
        import pandas as pd

        *lead, n, k = self.values.shape
        count = int(np.prod(lead))
        columns: dict[str, Any] = {}
        if lead:
            columns["subject"] = np.repeat(stacks.numbers_of(tuple(lead)), n)
        known = {"node": np.arange(n), "label": self.labels, "module": self.modules}
        columns |= {name: np.tile(of, count) for name, of in known.items() if of is not None}
        return pd.DataFrame(columns | {f"gradient_{j + 1}": self.values[..., j].ravel() for j in range(k)})


@result
class AlignedGradients:
    """What :func:`align_gradients` returns.

    Attributes
    ----------
    values : ndarray, shape (s, n, k)
        Gradients of each subject, turned onto the reference.
    reference : ndarray, shape (n, k)
        The given one, or the mean that all were turned onto.
    rotations : ndarray, shape (s, k, k)
        Orthogonal: ``values[i] = given[i] @ rotations[i]``.
    distance : float
        Mean over subjects of the squared distance to the reference.
    n_iterations : int
    """

    values: NDArray[np.float64]
    reference: NDArray[np.float64]
    rotations: NDArray[np.float64]
    distance: float
    n_iterations: int


@recorded
@takes_stacks
def gradients(
    net: Network,
    *,
    n_components: int = 3,
    kernel: Kernel | None = "normalized_angle",
    sparsity: float = 0.9,
    alpha: float = 0.5,
    diffusion_time: float = 0.0,
    direction: Literal["out", "in"] = "out",
) -> Gradients:
    """Gradients of connectivity, by diffusion maps of the similarity of nodes' connections.

    With A the affinity, d its row sums, ``L = A / (d_i d_j)^alpha`` and m the row sums of L, the operator is
    ``L_ij / m_i``. Its right eigenvectors, divided by the constant first one, times ``lambda^t`` are the gradients;
    with a time of 0, times ``lambda / (1 - lambda)``, the sum over all times. They are found through
    ``L_ij / sqrt(m_i m_j)``, which is symmetric and has the same eigenvalues.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Functional connectivity, or any weights: nodes are compared by their rows.
    n_components : int
        How many gradients, up to n - 1.
    kernel : {"normalized_angle", "cosine", "pearson", "spearman", "gaussian"} or None
        Similarity of two rows: 1 less their angle over pi, its cosine, their correlation, or
        ``exp(-|x - y|^2 / n)``. None: the matrix is an affinity already, symmetric and non-negative.
    sparsity : float in [0, 1)
        Share of each row, its least entries, that is set to 0 before rows are compared; not with ``kernel=None``.
    alpha : float in [0, 1]
        How far the density of nodes counts: 0 all of it, 1 none.
    diffusion_time : float
        t above; 0 for all times together.
    direction : {"out", "in"}
        What is compared of a directed network: outgoing connections (rows) or incoming ones.

    Returns
    -------
    Gradients
        The sign of each is free: its entry of largest magnitude is positive (the first of equal ones). Where
        eigenvalues are equal any rotation of their gradients is one too. Beyond the axes along which nodes differ they
        are 0, with a warning.

    Raises
    ------
    ValueError
        An affinity that is negative, not symmetric or falls into parts; nodes whose row holds nothing to compare.

    Notes
    -----
    A gradient is a smooth map: set it against another one by :func:`netanalysis.map_test`, whose null models are
    smooth too. Gradients of several people are compared after :func:`align_gradients`. For a structural connectome,
    whose rows are sparse as they are, ``sparsity=0``.

    References
    ----------
    Coifman & Lafon 2006, doi:10.1016/j.acha.2006.04.006; Margulies et al. 2016, doi:10.1073/pnas.1608282113. BrainSpace
    (doi:10.1038/s42003-020-0794-7) hands the operator, which is not symmetric, to a symmetric solver: its eigenvalues
    differ.

    Examples
    --------
    >>> import netanalysis as na
    >>> fc = na.datasets.load("human_schaefer100_fc")
    >>> found = na.gradients(fc, n_components=2)
    >>> found.values.shape, found.eigenvalues.round(2).tolist()
    ((100, 2), [0.08, 0.07])
    """
    n_components = options.positive_int(n_components, "n_components")
    if kernel is not None:
        options.choice(kernel, get_args(Kernel), "kernel")
    options.choice(direction, ("out", "in"), "direction")
    sparsity = options.number_in(sparsity, "sparsity", at_least=0, below=1)
    alpha = options.number_in(alpha, "alpha", at_least=0, at_most=1)
    time = options.number_in(diffusion_time, "diffusion_time", at_least=0)
    w = validate.dense(
        validate.as_weights(net), measure="gradients", instead="few modes of it by low_rank, which needs no affinity"
    )
    n = w.shape[-1]
    if n_components >= n:
        raise ValueError(f"n_components must be below the number of nodes, {n}; got {n_components}")
    flat, lead = stacks.flatten(w if direction == "out" else np.swapaxes(w, -1, -2))
    found = [_of_one(m, n_components, kernel, sparsity, alpha, time) for m in flat]
    _say(np.array([own for _, own in found]))
    values, eigenvalues = (np.array(part).reshape(lead + part[0].shape) for part in zip(*found, strict=True))
    known = net if isinstance(net, Connectome) else None
    return Gradients(
        values=values,
        eigenvalues=eigenvalues,
        kernel=kernel,
        alpha=alpha,
        diffusion_time=time,
        sparsity=sparsity if kernel is not None else 0.0,
        labels=getattr(known, "labels", None),
        modules=getattr(known, "modules", None),
    )


def _say(eigenvalues: NDArray[np.float64]) -> None:
    empty = (eigenvalues == 0).sum(axis=1)
    if empty.any():
        undefined.say(
            f"gradients: {int(empty.max())} of {eigenvalues.shape[1]} are 0, as their eigenvalues are: nodes do not "
            "differ along so many axes"
        )


def _of_one(
    w: NDArray[np.float64], k: int, kernel: str | None, sparsity: float, alpha: float, time: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.linalg import eigh

    a = _affinity(w, kernel, sparsity)
    n = len(a)
    if components.strong_components((a > 0)[None].astype(float))[0][0] > 1:
        raise ValueError(
            "the affinity falls into parts that no step leads between, and each would be a gradient of its own. "
            "Lower sparsity, or take the largest part by transform.largest_component"
        )
    degree = a.sum(axis=1)
    walk = a / np.outer(degree, degree) ** alpha
    mass = walk.sum(axis=1)
    operator = walk / np.sqrt(np.outer(mass, mass))
    eigenvalues, vectors = eigh((operator + operator.T) / 2, subset_by_index=[n - k - 1, n - 1])
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    values = vectors[:, 1:] / vectors[:, :1]
    eigenvalues = np.where(np.abs(eigenvalues[1:]) > _ROUNDING, eigenvalues[1:], 0.0)
    values = np.where(
        eigenvalues == 0, 0.0, values * (eigenvalues**time if time else eigenvalues / (1.0 - eigenvalues))
    )
    size = np.abs(values)
    first = (size >= size.max(axis=0) * (1 - _ROUNDING)).argmax(axis=0)
    return values * np.where(values[first, np.arange(k)] < 0, -1.0, 1.0), eigenvalues


def _affinity(w: NDArray[np.float64], kernel: str | None, sparsity: float) -> NDArray[np.float64]:
    if kernel is None:
        if w.min() < 0 or not validate.is_symmetric(w):
            raise ValueError(
                "kernel=None takes the matrix as an affinity, symmetric and non-negative; this one is "
                f"{'signed' if w.min() < 0 else 'directed'}: name a kernel, by which its rows are compared"
            )
        return (w + w.T) / 2
    rows = w if kernel == "gaussian" else scaling.to_one(w)[0]
    a = affinity(strongest_of_rows(rows, sparsity), kernel)
    empty = np.flatnonzero(np.isnan(a.diagonal()))
    if len(empty):
        raise ValueError(
            f"node {empty[0]} has {'no connections' if kernel in ('cosine', 'normalized_angle') else 'a constant row'}"
            f", so that it is like no other ({len(empty)} such nodes): leave them out by transform.subset"
        )
    return np.maximum(a, 0.0)


def align_gradients(
    values: ArrayLike | Gradients,
    *,
    reference: ArrayLike | Gradients | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 100,
) -> AlignedGradients:
    """Turn gradients of several people onto each other, by rotations and reflections (Procrustes).

    Signs, and the order of gradients with like eigenvalues, are free in every person, so that a node's first gradient
    in one is not comparable with another's before.

    Parameters
    ----------
    values : array_like, shape (s, n, k), or Gradients
        Gradients of s people: ``gradients(stack)``, its values, or a list of either.
    reference : array_like, shape (n, k), or Gradients, optional
        Gradients to turn onto, as of a group. Default: their mean, turned onto in turn until it stays
        (generalised Procrustes), from the first person on.
    tolerance : float
        The mean stays if the squared distance to it falls by less than this share.
    max_iterations : int

    Returns
    -------
    AlignedGradients
        Rotations mix gradients: an eigenvalue no longer belongs to one of them.

    Raises
    ------
    ValueError
        Wrong shapes.
    RuntimeError
        If the mean does not stay after `max_iterations`.

    References
    ----------
    Langs et al. 2015, doi:10.1007/978-3-319-24574-4_38; Schönemann 1966, doi:10.1007/BF02289451.

    Examples
    --------
    >>> import numpy as np
    >>> import netanalysis as na
    >>> one = np.random.default_rng(0).normal(size=(20, 2))
    >>> turned = one @ [[0, 1], [-1, 0]]
    >>> found = na.align_gradients([one, turned])
    >>> bool(np.allclose(found.values[0], found.values[1]))
    True
    """
    tolerance = options.number_in(tolerance, "tolerance", above=0)
    max_iterations = options.positive_int(max_iterations, "max_iterations")
    given = validate.as_array(_values(values), "values", shape=(None, None, None))
    within(given, "values")
    if not len(given):
        raise ValueError("values must hold gradients of at least one person; got none")
    if reference is not None:
        fixed = validate.as_array(_values(reference), "reference", shape=given.shape[1:]).copy()
        within(fixed, "reference")
        rotations = _rotations(given, fixed)
        turned = given @ rotations
        return AlignedGradients(turned, fixed, rotations, _distance(turned, fixed), 1)
    mean, before = given[0], np.inf
    for k in range(1, max_iterations + 1):
        rotations = _rotations(given, mean)
        turned = given @ rotations
        mean = turned.mean(axis=0)
        now = _distance(turned, mean)
        if before - now <= tolerance * max(now, float((given**2).sum(axis=(1, 2)).mean()) * 1e-12):
            return AlignedGradients(turned, mean, rotations, now, k)
        before = now
    raise RuntimeError(
        f"the mean of the gradients still moved after max_iterations={max_iterations}; give more, or a larger tolerance"
    )


def _values(given: Any) -> Any:
    """The values of gradients, or of each of a list."""
    if isinstance(given, Gradients):
        return given.values
    if isinstance(given, (list, tuple)):
        return [one.values if isinstance(one, Gradients) else one for one in given]
    return given


def _rotations(given: NDArray[np.float64], onto: NDArray[np.float64]) -> NDArray[np.float64]:
    left, _, right = np.linalg.svd(np.swapaxes(given, -1, -2) @ onto)
    return np.asarray(left @ right)


def _distance(turned: NDArray[np.float64], onto: NDArray[np.float64]) -> float:
    return float(((turned - onto) ** 2).sum(axis=(1, 2)).mean())
