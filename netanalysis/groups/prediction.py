"""A score of people predicted from their edges, by cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, parallel, random, scaling, validate
from netanalysis._core.pvalues import p_value
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.rounding import alike
from netanalysis.groups._design import covariates_of, orthonormal
from netanalysis.groups._people import column, edges_of, people_table
from netanalysis.groups._regression import EPS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ScorePrediction", "predict_score"]

PENALTIES = tuple(10.0 ** (k / 2) for k in range(-4, 9))
_COLUMNS = 64  # scores predicted at once: the observed ones and arrangements of them


@result
class ScorePrediction:
    """Predictions of people who were not in the training.

    ``predicted[k]`` and ``baseline[k]``, what the mean (and the covariates) of the training people say of person k.
    ``r`` is the correlation of ``predicted - baseline`` and ``score - baseline``, 0 where nothing is predicted beyond
    the baseline; ``r2 = 1 - sum (score - predicted)^2 / sum (score - baseline)^2``, negative where edges predict worse
    than the baseline; ``mae`` the mean absolute error. ``p_r`` and ``p_r2`` are one-sided, from the same procedure on
    rearranged scores (``null_r``, ``null_r2``), nan without any.

    ``edge_weights[i, j]`` is the mean over folds of an edge's coefficient, per standard deviation of the edge
    ("ridge"), or of its sign where it was selected ("connectome"). They say what the prediction uses, not which edges
    carry the score.
    """

    predicted: NDArray[np.float64]
    score: NDArray[np.float64]
    baseline: NDArray[np.float64]
    fold: NDArray[np.intp]
    r: float
    r2: float
    mae: float
    p_r: float
    p_r2: float
    null_r: NDArray[np.float64]
    null_r2: NDArray[np.float64]
    edge_weights: NDArray[np.float64]
    penalties: NDArray[np.float64]
    method: str
    covariates: tuple[str, ...]
    n_nulls: int

    def table(self) -> pd.DataFrame:
        """A row per person: fold, score, baseline and prediction."""
        import pandas as pd

        own = {"person": np.arange(len(self.score)), "fold": self.fold, "score": self.score}
        return pd.DataFrame(own | {"baseline": self.baseline, "predicted": self.predicted})


@recorded
def predict_score(
    stack: Any,
    score: str | ArrayLike,
    *,
    method: Literal["ridge", "connectome"] = "ridge",
    penalties: Sequence[float] | None = None,
    selection: float = 0.01,
    subjects: pd.DataFrame | None = None,
    covariates: str | Sequence[str] | ArrayLike | None = None,
    n_folds: int = 10,
    n_nulls: int = 1000,
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> ScorePrediction:
    """Predict a score of people from the edges of their networks, each person from others only.

    Whatever is learnt (means, covariates, penalty, selection of edges) is learnt from the training people of a fold.

    Parameters
    ----------
    stack : network, shape (people, n, n), or list of networks
        The same nodes in the same order in all. Undirected if all are; self-connections are left out.
    score : str or array_like, shape (people,)
        Numbers, or the name of a column of `subjects`.
    method : {"ridge", "connectome"}
        "ridge": ridge regression on all edges, standardised; the penalty is the one with the least leave-one-out error
        among the training people. "connectome": connectome-based predictive modelling (Shen et al. 2017): edges that
        correlate with the score, the sum of the positive less that of the negative ones, and a line through it.
    penalties : sequence of float, optional
        Of "ridge", to choose from, per edge (scikit-learn's alpha divided by the number of edges). Default: 0.01 to
        10,000 in half decades.
    selection : float in (0, 1)
        Of "connectome": edges with a two-sided p below this.
    subjects : DataFrame, optional
        A row per network, in the order of the stack. Columns that the stack's metadata have too must agree.
    covariates : names of columns, DataFrame or array_like, shape (people, k), optional
        Taken out of edges and score, with coefficients of the training people.
    n_folds : int
        People are dealt at random into this many folds of equal size; the number of people leaves one out.
    n_nulls : int
        Arrangements of the score, predicted in the same folds; with covariates those of Freedman & Lane.
    rng : seed, Generator or SeedSequence, optional
    n_jobs : int, optional
        Threads, -1 for one per core.
    progress : bool
        Show a progress bar over folds.

    Returns
    -------
    ScorePrediction
        With ``.table()``, a row per person.

    Raises
    ------
    ValueError
        For scores that do not vary or are names, too few people for the folds.

    Notes
    -----
    Relatives or scans of one person in different folds make predictions look better than they are: give one network per
    family. With few people r and r2 depend on the folds: report several seeds.

    References
    ----------
    Shen et al. 2017, doi:10.1038/nprot.2016.178; Scheinost et al. 2019, doi:10.1016/j.neuroimage.2019.02.057; Poldrack
    et al. 2020, doi:10.1001/jamapsychiatry.2019.3671 (why r2); Snoek et al. 2019,
    doi:10.1016/j.neuroimage.2018.09.074 (covariates within folds).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(60, 6, 6))
    >>> score = x[:, 0, 1] - x[:, 2, 3] + 0.5 * rng.normal(size=60)
    >>> found = na.predict_score(x, score, method="connectome", n_nulls=99, rng=0)
    >>> bool(found.r2 > 0.5), found.p_r2
    (True, 0.01)
    """
    options.choice(method, ["ridge", "connectome"], "method")
    selection = options.number_in(selection, "selection", above=0, below=1)
    n_nulls = options.count(n_nulls, "n_nulls", minimum=0)
    options.jobs(n_jobs)
    options.flags(progress=progress)
    grid = validate.as_array(PENALTIES if penalties is None else penalties, "penalties", shape=(None,))
    if not len(grid) or grid.min() <= 0:
        raise ValueError("penalties must be one or more numbers above 0")
    edges = edges_of(stack)
    values = scaling.to_one(edges.values)[0]  # edges are standardised: their unit does not matter
    edges = edges._replace(values=np.where(alike(values, 0), 0.0, values))
    people = len(edges.values)
    table = people_table(subjects, stack, people)
    y = column(score, table, people, "score")
    if y.dtype.kind == "U" or alike(y.astype(float)):
        raise ValueError("score must be numbers that vary; two groups are compared by na.network_based_statistic")
    y = y.astype(float)
    z, names = covariates_of(covariates, table, people)
    n_folds = options.positive_int(n_folds, "n_folds", minimum=2)
    if n_folds > people or people - -(-people // n_folds) < z.shape[1] + 3:
        raise ValueError(f"{people} people are too few for {n_folds} folds and {len(names)} covariates")
    root = random.seed_sequence(rng)
    split, draw = (np.random.default_rng(random.child(root, k)) for k in (0, 1))
    fold = split.permutation(np.arange(people) % n_folds)
    nuisance = orthonormal(z)
    fit = nuisance @ (nuisance.T @ y)
    scores = np.stack([y, *(fit + draw.permutation(y - fit) for _ in range(n_nulls))], axis=1)
    predicted, baseline = np.empty_like(scores), np.empty_like(scores)
    weights, chosen = np.zeros(edges.values.shape[1]), []
    design = np.column_stack([np.ones(people), z])
    for test in parallel.parallel_iter(
        lambda k: fold == k, range(n_folds), n_jobs=1, progress="folds" if progress else None
    ):
        known = np.linalg.pinv(design[~test])
        x = edges.values - design @ (known @ edges.values[~test])
        base = design @ (known @ scores[~test])
        left = (scores - base)[~test]
        predict: _Predict
        if method == "ridge":
            predict, own, penalty = _ridge(x[~test], x[test], left[:, 0], grid)
        else:
            predict, own, penalty = _connectome(x[~test], x[test], left[:, 0], selection, design.shape[1])
        blocks = [left[:, k : k + _COLUMNS] for k in range(0, left.shape[1], _COLUMNS)]
        beyond = np.concatenate(list(parallel.thread_iter(predict, blocks, n_jobs=n_jobs)), axis=1)
        predicted[test], baseline[test] = base[test] + beyond, base[test]
        weights += own / n_folds
        chosen.append(penalty)
    r, r2 = _quality(predicted - baseline, scores - baseline)
    return ScorePrediction(
        predicted=predicted[:, 0].copy(),
        score=y,
        baseline=baseline[:, 0].copy(),
        fold=fold,
        r=float(r[0]),
        r2=float(r2[0]),
        mae=float(np.abs(predicted[:, 0] - y).mean()),
        p_r=float(p_value(r[0], r[1:], "greater")) if n_nulls else float("nan"),
        p_r2=float(p_value(r2[0], r2[1:], "greater")) if n_nulls else float("nan"),
        null_r=r[1:],
        null_r2=r2[1:],
        edge_weights=edges.matrix(weights, otherwise=0.0),
        penalties=np.array(chosen),
        method=method,
        covariates=names,
        n_nulls=n_nulls,
    )


_Predict = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _quality(predicted: NDArray[np.float64], observed: NDArray[np.float64]) -> tuple[Any, Any]:
    """r and r2 of every column, both as deviations from the baseline."""
    a, b = (x - x.mean(axis=0) for x in (predicted, observed))
    size = np.linalg.norm(a, axis=0) * np.linalg.norm(b, axis=0)
    r = np.divide((a * b).sum(axis=0), size, out=np.zeros(len(size)), where=size > 0)
    return r, 1 - ((observed - predicted) ** 2).sum(axis=0) / (observed**2).sum(axis=0)


def _scaled(train: NDArray[np.float64]) -> NDArray[np.float64]:
    """One over the standard deviation of every edge, 0 of one that does not vary."""
    size = np.sqrt((train**2).mean(axis=0))
    return np.divide(1.0, size, out=np.zeros_like(size), where=size > 1e-12 * max(size.max(), EPS))


def _ridge(
    train: NDArray[np.float64], test: NDArray[np.float64], score: NDArray[np.float64], grid: NDArray[np.float64]
) -> tuple[_Predict, NDArray[np.float64], float]:
    """Ridge in its dual form: nothing but products of people depends on the number of edges."""
    scale = _scaled(train)
    train, test = train * scale, test * scale
    n, m = train.shape
    values, vectors = np.linalg.eigh(train @ train.T / m)
    across = test @ train.T / m

    def coefficients(y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Dual coefficients under the penalty with the least leave-one-out error, of every column of y."""
        y = y - y.mean(axis=0)
        turned, least = vectors.T @ y, np.full(y.shape[1], np.inf)
        best, which = np.zeros_like(y), np.zeros(y.shape[1], np.intp)
        for k, penalty in enumerate(grid):
            inverse = 1 / (np.maximum(values, 0) + penalty)
            dual = vectors @ (inverse[:, None] * turned)
            # An error without person i is dual_i over the i-th diagonal entry of the inverse, less that of the mean.
            own = vectors**2 @ inverse - 1 / (penalty * n)
            error = ((dual / own[:, None]) ** 2).sum(axis=0)
            better = error < least
            best[:, better], which[better], least[better] = dual[:, better], k, error[better]
        return best, which

    dual, which = coefficients(score[:, None])
    return lambda y: across @ coefficients(y)[0], train.T @ dual[:, 0] / m, float(grid[which[0]])


def _connectome(
    train: NDArray[np.float64], test: NDArray[np.float64], score: NDArray[np.float64], selection: float, taken: int
) -> tuple[_Predict, NDArray[np.float64], float]:
    """Sum of positive less negative edges, and a line."""
    from scipy import stats

    unit = train * _scaled(train) / np.sqrt(len(train))
    df = len(train) - taken - 1
    t = stats.t.isf(selection / 2, df)
    least = t / np.sqrt(df + t * t)

    def signs(y: NDArray[np.float64]) -> NDArray[np.float64]:
        r = unit.T @ (y / np.maximum(np.linalg.norm(y, axis=0), EPS))
        return np.asarray(np.sign(r) * (np.abs(r) > least))

    def predict(y: NDArray[np.float64]) -> NDArray[np.float64]:
        selected = signs(y)
        sums = train @ selected
        squares = (sums**2).sum(axis=0)
        slope = np.divide((sums * y).sum(axis=0), squares, out=np.zeros(len(squares)), where=squares > 0)
        return np.asarray((test @ selected) * slope)

    return predict, signs(score[:, None])[:, 0], float("nan")
