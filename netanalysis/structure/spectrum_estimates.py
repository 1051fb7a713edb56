"""Spectra of networks too large to diagonalise, from products with random vectors (stochastic Lanczos quadrature).

A few dozen Lanczos steps from a random vector turn the spectrum into as many nodes and weights, whose weighted sums
are unbiased estimates of averages over all eigenvalues but for the finite number of steps (Ubaru, Chen & Saad,
doi:10.1137/16M1104974). Errors are stated, and both shrink: with more vectors, and with more steps.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, parallel, random, scaling, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.structure._estimate import Estimate

__all__ = ["SpectralDensity", "estimate_spectral_entropy", "spectral_density"]


@result
class SpectralDensity:
    """Density of eigenvalues on a grid, smoothed by a Gaussian.

    Attributes
    ----------
    points, density, error : ndarray
        The grid, the density there (its integral over all points is 1) and its standard error.
    width : float
        Standard deviation of the Gaussian: nothing finer is resolved.
    n_vectors, n_steps : int
    definition : str
    """

    points: NDArray[np.float64]
    density: NDArray[np.float64]
    error: NDArray[np.float64]
    width: float
    n_vectors: int
    n_steps: int
    definition: str


def estimate_spectral_entropy(
    net: Network,
    *,
    of: Literal["eigenvalues", "singular_values"] = "eigenvalues",
    n_vectors: int = 30,
    n_steps: int = 100,
    confidence: float = 0.95,
    rng: random.RNG = None,
) -> Estimate:
    """Estimate :func:`~netanalysis.spectral_entropy` of a symmetric network without its eigenvalues.

    ``SE = log2 T - (1/T) sum_k l_k log2 l_k`` with ``T = sum_k l_k`` and ``l_k = |lambda_k|``; both sums are traces
    of functions of W.

    Parameters
    ----------
    net : one network, dense or sparse
        Signed weights, diagonal included.
    of : {"eigenvalues", "singular_values"}
        Moduli of eigenvalues need a symmetric W: those of a directed network are not traces of anything that
        products with W and its transpose give, and no estimator is known. The entropy of its *singular values* is
        another measure (equal for symmetric and orthogonal W), estimated from W'W.
    n_vectors : int, at least 2
        Random vectors; the sampling error falls as 1 / sqrt(n_vectors * n).
    n_steps : int, at least 4
        Lanczos steps, each one product with W, with memory for n_steps vectors. The modulus has a kink at 0, so the
        truncation error falls about as 1 / n_steps.
    confidence : float in (0, 1)
        Coverage of the interval.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    Estimate
        Its standard error joins, in quadrature, the jackknife error over vectors and the change of the value from
        half the Lanczos steps to all of them, a cautious measure of what is still missing; ``method`` states both.
        nan for a network without connections.

    Raises
    ------
    ValueError
        For a directed network, unless ``of="singular_values"``.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> ring = np.roll(np.eye(200), 1, axis=1)
    >>> estimate = na.estimate_spectral_entropy(ring + ring.T, rng=0)
    >>> abs(estimate.value - na.spectral_entropy(ring + ring.T)) < 3 * estimate.standard_error
    True
    """
    from scipy.special import stdtrit

    w = stacks.one_network(net, instead="estimate its members one by one")
    confidence = options.number_in(confidence, "confidence", above=0, below=1)
    squared = options.choice(of, ["eigenvalues", "singular_values"], "of") == "singular_values"
    if not squared and not validate.is_symmetric(w):
        raise ValueError(
            "net is directed, and the moduli of its eigenvalues cannot be estimated from products with it; use "
            "of='singular_values', symmetrize it, or spectral_entropy if n x n fits in memory"
        )
    n_vectors = options.positive_int(n_vectors, "n_vectors", minimum=2)
    n_steps = options.positive_int(n_steps, "n_steps", minimum=4)
    full, half = _quadratures(scaling.near_one(w)[0], squared, n_vectors, n_steps, rng)

    def moments(rules: NDArray[np.float64]) -> NDArray[np.float64]:
        moduli = np.sqrt(np.abs(rules[0])) if squared else np.abs(rules[0])
        logs = moduli * np.log2(moduli, out=np.zeros_like(moduli), where=moduli > 0)
        return np.stack([(rules[1] * moduli).sum(axis=-1), (rules[1] * logs).sum(axis=-1)])

    def entropy(mean: NDArray[np.float64]) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log2(w.shape[0] * mean[0]) - mean[1] / mean[0]

    sums = moments(full)
    value = undefined.spoken(float(entropy(sums.mean(axis=1))), "estimate_spectral_entropy", "there are no connections")
    without = entropy((sums.sum(axis=1, keepdims=True) - sums) / (n_vectors - 1))
    sampling = float(np.sqrt((n_vectors - 1) * without.var()))
    truncation = abs(value - float(entropy(moments(half).mean(axis=1))))
    error = float(np.hypot(sampling, truncation))
    half_width = float(stdtrit(n_vectors - 1, 0.5 + confidence / 2)) * error
    method = (
        f"stochastic Lanczos quadrature of {of}, {n_steps} steps; "
        f"error of sampling {sampling:.2g}, of truncation {truncation:.2g}"
    )
    return Estimate(value, error, (value - half_width, value + half_width), confidence, n_vectors, method)


def spectral_density(
    net: Network,
    *,
    points: int | ArrayLike = 200,
    width: float | None = None,
    of: Literal["eigenvalues", "singular_values"] = "eigenvalues",
    n_vectors: int = 30,
    n_steps: int = 100,
    rng: random.RNG = None,
) -> SpectralDensity:
    """Estimate the density of eigenvalues of a symmetric network, smoothed by a Gaussian.

    ``rho(x) = (1/n) sum_k N(x; lambda_k, width)`` (Lin, Saad & Yang, doi:10.1137/130934283).

    Parameters
    ----------
    net : one network, dense or sparse
        Signed weights, diagonal included.
    points : int or array_like
        Where to evaluate; a number of points spans the spectrum with three widths to spare at either end.
    width : float, optional
        Standard deviation of the Gaussian; a fiftieth of the spectrum's extent by default. Below about
        ``extent / n_steps`` single Lanczos nodes begin to show: raise `n_steps` with it.
    of : {"eigenvalues", "singular_values"}
        A directed network has real singular values only.
    n_vectors, n_steps, rng
        As in :func:`estimate_spectral_entropy`.

    Returns
    -------
    SpectralDensity

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> density = na.spectral_density(np.diag(np.linspace(-1, 1, 500)), rng=0)
    >>> bool(abs(np.trapezoid(density.density, density.points) - 1) < 0.01)
    True
    """
    w = stacks.one_network(net, instead="estimate its members one by one")
    squared = options.choice(of, ["eigenvalues", "singular_values"], "of") == "singular_values"
    if not squared and not validate.is_symmetric(w):
        raise ValueError("net is directed and its eigenvalues complex; use of='singular_values', or symmetrize it")
    n_vectors = options.positive_int(n_vectors, "n_vectors", minimum=2)
    n_steps = options.positive_int(n_steps, "n_steps", minimum=4)
    w, divisor = scaling.near_one(w)
    unit = float(divisor)  # of all below
    (nodes, weights), _ = _quadratures(w, squared, n_vectors, n_steps, rng)
    nodes = np.sqrt(np.maximum(nodes, 0)) if squared else nodes
    low, high = nodes[weights > 0].min(), nodes[weights > 0].max()
    if width is None:
        width = unit * float((high - low) / 50) or 1.0
    width = options.number_in(width, "width", above=0)
    if isinstance(points, (int, np.integer)):
        count = options.count(points, "points")
        grid = np.linspace(low - 3 * (width / unit), high + 3 * (width / unit), count)
    else:
        grid = validate.as_array(points, "points", shape=(None,)) / unit
    each = np.stack(
        [_gaussians(grid, node, width / unit) @ weight for node, weight in zip(nodes, weights, strict=True)]
    )
    error = each.std(axis=0, ddof=1) / np.sqrt(n_vectors)
    definition = f"density of {of}, Gaussian of standard deviation {width:g}"
    density = each.mean(axis=0) / unit
    return SpectralDensity(unit * grid, density, error / unit, float(width), n_vectors, n_steps, definition)


def _gaussians(grid: NDArray[np.float64], centres: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    return np.asarray(np.exp(-(((grid[:, None] - centres) / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi)))


def _quadratures(
    w: Any, squared: bool, n_vectors: int, n_steps: int, rng: random.RNG
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights, (2, n_vectors, n_steps), of W or W'W after all steps and after half of them."""
    n_steps = min(n_steps, w.shape[0])
    full, half = np.zeros((2, 2, n_vectors, n_steps))
    streams = random.generators(rng, n_vectors)
    transpose = w.T.tocsr() if squared and not isinstance(w, np.ndarray) else w.T

    def block(start: int, stop: int) -> None:
        for v in range(start, stop):
            vector = streams[v].choice([-1.0, 1.0], w.shape[0])
            alpha, beta = _lanczos(lambda x: transpose @ (w @ x) if squared else w @ x, vector, n_steps)
            # A basis that closed early is exact; half of it would say nothing about the error.
            fewer = len(alpha) // 2 if len(alpha) == n_steps < w.shape[0] else len(alpha)
            for rule, steps in ((full, len(alpha)), (half, fewer)):
                tridiagonal = np.diag(alpha[:steps]) + np.diag(beta[: steps - 1], 1) + np.diag(beta[: steps - 1], -1)
                nodes, vectors = np.linalg.eigh(tridiagonal)
                rule[:, v, :steps] = nodes, vectors[0] ** 2

    parallel.blas_blocks(block, n_vectors)
    return full, half


def _lanczos(product: Any, vector: NDArray[np.float64], n_steps: int) -> tuple[list[float], list[float]]:
    """Diagonal and off-diagonal of W in the Krylov basis of a vector, orthogonalised in full."""
    basis = np.empty((n_steps, len(vector)))
    basis[0] = vector / np.linalg.norm(vector)
    alpha: list[float] = []
    beta: list[float] = []
    for k in range(n_steps):
        image = product(basis[k])
        alpha.append(float(basis[k] @ image))
        for _ in range(2):  # once more, since one projection leaves rounding behind
            image -= basis[: k + 1].T @ (basis[: k + 1] @ image)
        norm = float(np.linalg.norm(image))
        if k + 1 == n_steps or norm <= 1e-12 * max(map(abs, alpha + beta)):
            break  # the basis is invariant: the rule is exact already
        beta.append(norm)
        basis[k + 1] = image / norm
    return alpha, beta
