"""What single units code for: how much of their activity each task variable explains, and how variables mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, random, scaling, undefined
from netanalysis._core.pvalues import at_least_as_extreme, share_as_extreme
from netanalysis._core.records import recorded
from netanalysis._core.renamed import renamed_argument, renamed_field
from netanalysis._core.results import result
from netanalysis._core.rounding import alike
from netanalysis.activity import _design, kernels
from netanalysis.recording import Recording

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MixedSelectivity", "mixed_selectivity"]

_TOLERANCE, _SWEEPS = 1e-8, 1000


@result
class MixedSelectivity:
    """Selectivity of every unit in every window.

    ``explained_variance[u, w, v]`` is what variable ``variables[v]`` explains of unit u in window w, ``total[u, w]``
    what the whole model explains; nan for units that are silent there (`silent`). With permutations, ``p[u, w, v]`` is
    ``(1 + #{permuted >= observed}) / (n_nulls + 1)``, else None. ``windows[w]`` are the first and last-plus-one
    step. `alpha` is the Lasso penalty chosen for each unit and window.
    """

    explained_variance: NDArray[np.float64]
    total: NDArray[np.float64]
    silent: NDArray[np.bool_]
    variables: tuple[str, ...]
    windows: tuple[tuple[int, int], ...]
    alpha: NDArray[np.float64]
    p: NDArray[np.float64] | None
    n_nulls: int
    n_permutations = renamed_field("n_permutations", "n_nulls")

    def correlation(self, first: str, second: str) -> NDArray[np.float64]:
        """Pearson correlation across units of the variances two variables explain, one value per window.

        0 is expected of a mixed code, a negative value of units that specialise. Silent units take no part; nan with
        fewer than 3 others or where one of the two does not vary.
        """
        columns = self._columns((first, second))
        out = np.full(len(self.windows), np.nan)
        for w in range(len(self.windows)):
            x, y = self.explained_variance[~self.silent[:, w]][:, w, columns].T
            if len(x) >= 3 and not alike(x) and not alike(y):
                out[w] = np.corrcoef(x, y)[0, 1]
        why = "fewer than 3 units are not silent, or a variable explains the same of all of them"
        return np.asarray(undefined.spoken(out, f"correlation of {first} and {second}", why, of="windows"))

    def preference(self, variables: tuple[str, str] | None = None) -> NDArray[np.float64]:
        """``|EV_first| - |EV_second|`` per unit and window, nan where silent; `variables` default to the only two."""
        first, second = np.abs(self.explained_variance[:, :, self._columns(variables)]).transpose(2, 0, 1)
        return np.asarray(first - second)

    def _columns(self, variables: tuple[str, str] | None) -> list[int]:
        pair = self.variables if variables is None else tuple(variables)
        if len(pair) != 2:
            raise ValueError(f"variables must be two of {list(self.variables)}; got {variables!r}")
        return [self.variables.index(options.choice(v, self.variables, "variables")) for v in pair]

    def to_frame(self) -> pd.DataFrame:
        """One row per unit, window and variable."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [range(len(self.total)), range(len(self.windows)), self.variables], names=["unit", "window", "variable"]
        )
        columns = {"explained_variance": self.explained_variance.ravel()}
        columns["total"] = np.repeat(self.total.ravel(), len(self.variables))
        columns["silent"] = np.repeat(self.silent.ravel(), len(self.variables))
        if self.p is not None:
            columns["p"] = self.p.ravel()
        return pd.DataFrame(columns, index=index).reset_index()


@recorded
@renamed_argument("n_permutations", "n_nulls")
def mixed_selectivity(
    recording: Recording,
    variables: Sequence[str] | Mapping[str, Any],
    *,
    windows: int | Sequence[tuple[int, int]] = 10,
    min_std: float = 1e-6,
    n_nulls: int = 0,
    rng: random.RNG = None,
    progress: bool = False,
) -> MixedSelectivity:
    """Cross-validated variance explained by each task variable, per unit and window (Achterberg et al. 2023).

    Predictors of all variables enter one Lasso regression of a unit's activity, averaged over a window and
    standardised over trials. Its penalty comes from 5-fold cross-validation (100 values, as scikit-learn's LassoCV,
    smallest mean test error); with it the model is fitted on each split of a 3-fold cross-validation repeated twice.
    ``EV = 1 - SSE / SST`` on the test trials; the explained variance of a variable is the drop in EV when its
    predictors, centred on the training trials, are set to 0, averaged over the six splits. It is not bounded to [0, 1].
    Variables that always vary together share what they explain in no determined way.

    Parameters
    ----------
    recording : Recording
    variables : sequence of str, or mapping name -> predictors
        Columns of ``recording.conditions``: numbers enter as they are, strings, categories and booleans one-hot with
        every level. A mapping names predictors by column(s) or gives them as an array (trials, k).
    windows : int or sequence of (start, stop)
        Number of equal windows, or steps of each one.
    min_std : float
        Units whose window averages vary by no more than this over trials, in units of activity, are silent: their
        values are nan. (Dividing by almost nothing would give explained variances of 1e28.)
    n_nulls : int
        Permutations of trials for p-values: all predictors of a trial move together, so the null is that activity
        has nothing to do with any variable. The penalty stays the one chosen for the data.
    rng : seed, Generator or SeedSequence, optional
        Draws folds and permutations.
    progress : bool

    Returns
    -------
    MixedSelectivity

    Raises
    ------
    ValueError
        For unknown columns, windows outside the recording, fewer than 10 trials, or predictors that do not vary.

    References
    ----------
    Achterberg et al. 2023, doi:10.1038/s42256-023-00748-9, Methods.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> goal, choice = rng.integers(0, 2, (2, 200))
    >>> activity = np.stack([goal, choice, goal + choice], 1)[:, None, :] + 0.1 * rng.normal(size=(200, 1, 3))
    >>> rec = na.Recording(activity, {"goal": goal, "choice": choice})
    >>> na.mixed_selectivity(rec, ["goal", "choice"], windows=1, rng=0).explained_variance[:, 0].round(1) + 0
    array([[1. , 0. ],
           [0. , 1. ],
           [0.5, 0.5]])
    """
    options.flags(progress=progress)
    min_std = options.number_in(min_std, "min_std", at_least=0)
    x, names, groups = _design.predictors(recording, variables)
    y, spans = _design.window_means(recording, windows)
    n_trials, n_units, n_windows = len(x), recording.n_units, len(spans)
    if n_trials < 10:
        raise ValueError(f"recording must have at least 10 trials for cross-validation; got {n_trials}")
    y, unit = scaling.to_one(y.reshape(n_trials, -1), axis=0)
    std = y.std(axis=0)
    silent = (std * unit[0] <= min_std) | alike(y, 0)
    z = np.divide(y - y.mean(axis=0), std, out=np.zeros_like(y), where=~silent)

    five, split, shuffle = (np.random.default_rng(s) for s in random.seeds(rng, 3))
    alpha = _penalties(x, z, _design.folds(n_trials, 5, 1, five))
    folds = _design.folds(n_trials, 3, 2, split)
    responses = _Responses.of(z, folds)
    observed = _explained(x, responses, folds, alpha, groups)
    observed[silent] = np.nan

    n_nulls = options.count(n_nulls, "n_nulls", minimum=0)
    p = None
    if n_nulls:
        at_least = _count_permuted(x, responses, folds, alpha, groups, observed, n_nulls, shuffle, progress)
        p = share_as_extreme(at_least, n_nulls)
        p[silent] = np.nan
        p = p[:, 1:].reshape(n_units, n_windows, -1)
    return MixedSelectivity(
        explained_variance=observed[:, 1:].reshape(n_units, n_windows, -1),
        total=observed[:, 0].reshape(n_units, n_windows),
        silent=silent.reshape(n_units, n_windows),
        variables=names,
        windows=spans,
        alpha=np.where(silent, np.nan, alpha).reshape(n_units, n_windows),
        p=p,
        n_nulls=n_nulls,
    )


@dataclass(frozen=True, eq=False)
class _Responses:
    """Standardised responses split into folds, with the sums that no permutation of the predictors changes."""

    parts: list[NDArray[np.float64]]
    sums: NDArray[np.float64]
    squares: NDArray[np.float64]

    @classmethod
    def of(cls, z: NDArray[np.float64], folds: list[NDArray[np.intp]]) -> _Responses:
        parts = [z[f] for f in folds]
        squares = np.stack([np.einsum("ij,ij->j", part, part) for part in parts])
        return cls(parts, np.stack([part.sum(axis=0) for part in parts]), squares)


def _moments(x: NDArray[np.float64], z: _Responses, folds: list[NDArray[np.intp]], runs: int) -> Any:
    """Training and test second moments of every fold, about the training means.

    Sums over a training set are sums over all trials less those of its test fold, so every trial is read once per
    run of cross-validation.
    """
    n = np.array([len(f) for f in folds], float)
    xs = [x[f] for f in folds]
    sx, sxx = np.stack([a.sum(axis=0) for a in xs]), np.stack([a.T @ a for a in xs])
    szx = np.stack([(a.T @ b).T for a, b in zip(xs, z.parts, strict=True)])
    k = len(folds) // runs

    def rest(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.repeat(sums.reshape(runs, k, *sums.shape[1:]).sum(axis=1), k, axis=0) - sums

    m = rest(n)
    mx, mz = rest(sx) / m[:, None], rest(z.sums) / m[:, None]
    gram = rest(sxx) - m[:, None, None] * mx[:, :, None] * mx[:, None, :]
    xy = rest(szx) - m[:, None, None] * mz[:, :, None] * mx[:, None, :]
    # Second moments about a, b: sum (u - a)(v - b) = suv - b su - a sv + n a b.
    test_gram = sxx - sx[:, :, None] * mx[:, None] - mx[:, :, None] * sx[:, None]
    test_gram += n[:, None, None] * mx[:, :, None] * mx[:, None]
    test_xy = szx - z.sums[:, :, None] * mx[:, None] - mz[:, :, None] * sx[:, None]
    test_xy += n[:, None, None] * mz[:, :, None] * mx[:, None]
    test_yy = z.squares - 2 * mz * z.sums + n[:, None] * mz**2
    spread = z.squares - z.sums**2 / n[:, None]
    spread = np.where(spread > 1e-12 * z.squares, spread, 0.0)
    return tuple(np.ascontiguousarray(a) for a in (gram, xy, m, test_gram, test_xy, test_yy, n, spread))


def _penalties(x: NDArray[np.float64], z: NDArray[np.float64], folds: list[NDArray[np.intp]]) -> NDArray[np.float64]:
    gram, xy, n, test_gram, test_xy, test_yy, test_n, _ = _moments(x, _Responses.of(z, folds), folds, runs=1)
    top = np.abs((x - x.mean(axis=0)).T @ z).max(axis=0) / len(x)
    alpha = np.empty(z.shape[1])
    args = (top, gram, xy, n, test_gram, test_xy, test_yy, test_n, 100, 1e-3, _TOLERANCE, _SWEEPS, alpha)
    parallel.thread_blocks(lambda a, b: kernels.lasso.choose_alpha(a, b, *args), len(alpha), min_block=8)
    return alpha


def _explained(
    x: NDArray[np.float64], z: _Responses, folds: list[Any], alpha: NDArray[np.float64], groups: NDArray[Any]
) -> NDArray[np.float64]:
    gram, xy, n, test_gram, test_xy, test_yy, _, test_ss = _moments(x, z, folds, runs=2)
    n_groups = int(groups.max()) + 1
    out = np.empty((len(alpha), n_groups + 1))
    args = (alpha, gram, xy, n, test_gram, test_xy, test_yy, test_ss, groups, n_groups, _TOLERANCE, _SWEEPS, out)
    kernels.lasso.explained(0, len(alpha), *args)
    return out


def _count_permuted(
    x: NDArray[np.float64],
    z: _Responses,
    folds: list[Any],
    alpha: NDArray[np.float64],
    groups: NDArray[Any],
    observed: NDArray[np.float64],
    n_nulls: int,
    shuffle: np.random.Generator,
    progress: bool,
) -> NDArray[np.int64]:
    """How often permuted predictors explain at least as much as the real ones."""
    from tqdm import tqdm

    orders = shuffle.permuted(np.tile(np.arange(len(x)), (n_nulls, 1)), axis=1)
    at_least = np.zeros(observed.shape, np.int64)
    lock = Lock()
    with tqdm(total=n_nulls, desc="permutations", disable=not progress, leave=False) as bar:

        def block(start: int, stop: int) -> None:
            for k in range(start, stop):
                permuted = _explained(x[orders[k]], z, folds, alpha, groups)
                larger = at_least_as_extreme(permuted, observed, "greater", scale=1.0)
                with lock:
                    at_least[...] += larger
                    bar.update()

        parallel.blas_blocks(block, n_nulls)
    return at_least
