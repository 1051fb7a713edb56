"""What activity costs: mean activation of units against the weight their network carries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import stacks, validate
from netanalysis._core.results import result
from netanalysis.recording import Recording, as_recording

__all__ = ["EnergyModel", "energy"]


@result
class EnergyModel:
    """Least-squares fit of unit activation on group and mean weight.

    Entry k of every array belongs to ``terms[k]``: the intercept, one term per group other than the first (its
    difference from the first at equal weight), and "mean weight". `standard_error` is robust to the dependence of
    units of one network; `naive_standard_error` treats units as independent, as the paper did. `interval` is the 95 %
    confidence interval from the robust error and a t distribution with ``n_networks - 1`` degrees of freedom.
    """

    terms: tuple[str, ...]
    coefficient: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    naive_standard_error: NDArray[np.float64]
    t: NDArray[np.float64]
    p: NDArray[np.float64]
    interval: NDArray[np.float64]
    n_units: int
    n_networks: int
    activation: tuple[NDArray[np.float64], ...]
    mean_weight: NDArray[np.float64]


def energy(
    networks: Iterable[Any], recordings: Iterable[Recording], groups: Sequence[Any], *, start: float, stop: float
) -> EnergyModel:
    """Compare the mean activation of units between groups of networks, controlling for mean weight.

    ``activation_u = b0 + sum_g b_g [group = g] + b_w mean|W| + e_u`` over all units of all networks, by ordinary
    least squares; standard errors are clustered by network (CR1: scaled by G/(G-1) (N-1)/(N-K)).

    Parameters
    ----------
    networks : iterable of networks
        Mean weight is the mean of ``|W|`` over all entries, self-connections included.
    recordings : iterable of Recording
        One per network, with the same units.
    groups : sequence
        Group of each network; the first to appear is the reference.
    start, stop : float
        Average activity over ``start <= time < stop`` (the paper: from the onset of the choice to the end).

    Returns
    -------
    EnergyModel

    Raises
    ------
    ValueError
        If lengths disagree, no sample lies in the window, or the terms cannot be told apart (a single group, or
        fewer networks than terms).

    References
    ----------
    Achterberg et al. 2023, doi:10.1038/s42256-023-00748-9 (Fig. 5b); Cameron & Miller 2015,
    doi:10.3368/jhr.50.2.317.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> nets = [rng.random((5, 5)) for _ in range(8)]
    >>> recs = [na.Recording(np.full((2, 4, 5), 1.0 + (k >= 4)) + rng.random((2, 4, 5)) / 10) for k in range(8)]
    >>> fit = na.energy(nets, recs, ["a"] * 4 + ["b"] * 4, start=0, stop=4)
    >>> fit.terms, bool(abs(fit.coefficient[1] - 1) < 0.1)
    (('intercept', 'b', 'mean weight'), True)
    """
    weights = [validate.as_weights(net, name="networks") for net in networks]
    records = [as_recording(record, "recordings") for record in recordings]
    if not len(weights) == len(records) == len(groups):
        raise ValueError(
            "networks, recordings and groups must be equally many; "
            f"got {len(weights)}, {len(records)} and {len(groups)}"
        )
    activation = []
    for k, (w, record) in enumerate(zip(weights, records, strict=True)):
        window = (record.time >= start) & (record.time < stop)
        if w.ndim != 2 or w.shape[0] != record.n_units or not window.any():
            raise ValueError(
                f"recordings[{k}] must have the {w.shape[-1]} units of networks[{k}] and samples in "
                f"[{start}, {stop}); got {record.n_units} units and times {record.time[0]:g}..{record.time[-1]:g}"
            )
        activation.append(record.activity[:, window].mean(axis=(0, 1)))
    mean_weight = np.array([abs(w).sum() / w.shape[0] ** 2 for w in weights])
    names = list(dict.fromkeys(groups))
    design = np.column_stack([np.ones(len(weights)), *([[g == n for g in groups] for n in names[1:]]), mean_weight])
    if len(names) < 2 or np.linalg.matrix_rank(design) < design.shape[1] or len(weights) <= design.shape[1]:
        raise ValueError(
            f"groups must be at least 2, with more networks than the {design.shape[1]} terms and weights that vary "
            f"within groups; got {len(weights)} networks in {len(names)} groups"
        )
    return _least_squares(design, activation, ("intercept", *map(str, names[1:]), "mean weight"), mean_weight)


def _least_squares(
    design: NDArray[Any],
    activation: list[NDArray[np.float64]],
    terms: tuple[str, ...],
    mean_weight: NDArray[np.float64],
) -> EnergyModel:
    from scipy import stats

    size = np.array([len(a) for a in activation])
    x, y = np.repeat(design.astype(float), size, axis=0), np.concatenate(activation)
    n, terms_count, n_networks = len(y), design.shape[1], len(design)
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ y)
    residual = y - x @ beta
    naive = np.sqrt(np.diag(bread) * (residual @ residual) / (n - terms_count))
    # Rows of one network share their regressors, so its score is its row times its summed residual.
    sums = np.add.reduceat(residual, np.concatenate([[0], np.cumsum(size)[:-1]]))
    score = design * sums[:, None]
    scale = n_networks / (n_networks - 1) * (n - 1) / (n - terms_count)
    robust = np.sqrt(np.diag(scale * bread @ (score.T @ score) @ bread))
    t = stacks.ratio(beta, robust)
    half = stats.t.ppf(0.975, n_networks - 1) * robust
    return EnergyModel(
        terms=terms,
        coefficient=beta,
        standard_error=robust,
        naive_standard_error=naive,
        t=t,
        p=2 * stats.t.sf(np.abs(t), n_networks - 1),
        interval=np.stack([beta - half, beta + half], axis=1),
        n_units=n,
        n_networks=n_networks,
        activation=tuple(activation),
        mean_weight=mean_weight,
    )
