"""Two groups of networks against each other: how large is the difference, and is it surprising?"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, random
from netanalysis._core.pvalues import benjamini_hochberg, holm
from netanalysis._core.records import recorded
from netanalysis._core.renamed import renamed_argument
from netanalysis._core.rounding import alike
from netanalysis.table._collection import Reading, is_table, listed
from netanalysis.table._pairs import effect, in_unit, keys_of, match, near_one, need_keys, p_value, same_training
from netanalysis.table._permutation import two_sided

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare"]


@recorded(files=("a", "b"))
@renamed_argument("n_resamples", "n_nulls")
def compare(
    a: Any,
    b: Any,
    measures: Sequence[str] | None = None,
    *,
    column: Literal["value", "z"] = "value",
    test: Literal["welch", "permutation", "wilcoxon"] | None = None,
    paired: str | Sequence[str] | None = None,
    confidence: float = 0.95,
    n_nulls: int = 9999,
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
    orientation: Literal["source_target", "target_source"] | None = None,
    key: str | None = None,
    undirected: bool | None = None,
    strict: bool = False,
) -> pd.DataFrame:
    """Compare two groups of networks, independent or in pairs, measure by measure.

    Parameters
    ----------
    a, b : DataFrame of :func:`netanalysis.summarize`, or what it takes
        Networks (or paths) are summarised first, without a null model.
    measures : sequence of str, optional
        Which measures, in which order. None: those present in both groups, in the order of `a`.
    column : {"value", "z"}
        Compare the values, or how far each network lies from its own null model (needs tables with a null).
    test : {"welch", "permutation", "wilcoxon"}, optional
        Two-sided p of the difference of means: Welch's t, which does not assume equal variances, or random
        relabelling of the networks (all relabellings if there are no more than `n_nulls`). Of pairs "permutation"
        exchanges the two of a pair (it flips signs of differences), "wilcoxon" ranks the differences. Default:
        "welch", of pairs "permutation".
    paired : str or sequence of str, optional
        Columns of both tables, or keys of the networks' metadata, in which the two networks of a pair agree: "seed"
        for networks trained from the same seed under two penalties. Networks without a partner are left out.
    confidence : float in (0, 1)
        Of both intervals.
    n_nulls : int
        Relabellings of the permutation test.
    rng : seed, Generator or SeedSequence, optional
        For the permutation test; every measure is tested with the same relabellings.
    n_jobs : int, optional
        For summarising networks.
    progress : bool
        Show a progress bar while networks are summarised.
    orientation, key, undirected, strict
        As for :func:`netanalysis.summarize`, where a group is networks; refused where they say nothing of either.

    Returns
    -------
    DataFrame, one row per measure
        ``n_a, n_b``: networks with a defined value; ``undefined_a, undefined_b``: those without, left out.
        ``mean, std, median`` of each group (std with n - 1); ``difference`` = mean_a - mean_b with its
        interval ``difference_low, difference_high`` (analytic, Welch). ``cohen_d``: difference over the pooled
        standard deviation; ``hedges_g``: the same without its small-sample bias, with interval ``g_low, g_high``
        (analytic, large-sample normal). ``t``, ``df`` (Welch), ``p``, and p corrected for the number of measures
        in the table: ``p_holm`` (family-wise error), ``p_bh`` (false discovery rate, Benjamini-Hochberg).
        ``note`` says why p is nan; ``definition``, ``column`` and ``test`` say what was compared and how.

        Of pairs: ``n_pairs`` with two defined values, ``undefined`` pairs, ``unpaired_a, unpaired_b``: networks
        without a partner; ``difference`` with its interval (Student's t over pairs) and ``difference_std``;
        ``cohen_dz``: difference over the standard deviation of the differences, ``hedges_gz``: the same without its
        small-sample bias. They are larger than d and g where the two of a pair are alike, and not to be compared with
        them. ``t`` and ``df`` are of the differences; p is that of `test`.

    Notes
    -----
    A group of fewer than 2 defined values has no variance: everything but n, mean and median is then nan.
    Two groups without any variance have no t, d or Welch p. Measures without p do not count in the corrections.

    Networks of a group must be independent (different seeds, animals): epochs of one training run are not. With
    n pairs no p of "permutation" lies below 2 / 2^n, nor of "wilcoxon": 0.0625 with five.

    References
    ----------
    Cohen 1988 (d, and d_z of pairs); Wilcoxon 1945, doi:10.2307/3001968;
    Hedges 1981, doi:10.3102/10769986006002107; Hedges & Olkin 1985 (interval of g);
    Welch 1947, doi:10.1093/biomet/34.1-2.28; Holm 1979; Benjamini & Hochberg 1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> import pandas as pd, netanalysis as na
    >>> def table(values):
    ...     return pd.DataFrame({"network": range(len(values)), "measure": "modularity", "value": values})
    >>> result = na.compare(table([0.4, 0.5, 0.6]), table([0.1, 0.2, 0.3]))
    >>> result[["difference", "cohen_d", "p"]].round(4).values.tolist()
    [[0.3, 3.0, 0.0213]]
    >>> a, b = (table(values).assign(seed=range(6)) for values in ([4, 5, 6, 7, 8, 9], [3, 4, 4, 6, 7, 7]))
    >>> na.compare(a, b, paired="seed")[["n_pairs", "cohen_dz", "p"]].round(4).values.tolist()
    [[6.0, 2.582, 0.0312]]
    """
    import pandas as pd

    options.choice(column, ["value", "z"], "column")
    keys = keys_of(paired)
    test = ("permutation" if keys else "welch") if test is None else test
    options.choice(test, ["permutation", "wilcoxon"] if keys else ["welch", "permutation"], "test")
    options.count(n_nulls, "n_nulls")
    confidence = options.number_in(confidence, "confidence", above=0, below=1)
    options.flags(progress=progress, strict=strict)
    options.jobs(n_jobs)
    reading = Reading(orientation=orientation, key=key, undirected=undirected).checked()
    reading.unheeded([*listed(a), *listed(b)], "a and b")
    tables = [
        _table(x, name, measures, column, n_jobs, progress, reading, strict, keys) for x, name in ((a, "a"), (b, "b"))
    ]
    if measures is None:
        in_b = set(tables[1]["measure"])
        measures = [m for m in dict.fromkeys(tables[0]["measure"]) if m in in_b]
        if not measures:
            raise ValueError("a and b have no measure in common")
    seed = random.seed_sequence(rng)
    rows = []
    for measure in measures:
        groups, definition = _groups(tables, measure, column)
        row: dict[str, Any] = {"measure": measure}
        if keys:
            x, y, alone = match(tables, measure, column, keys)
            defined = ~np.isnan(x) & ~np.isnan(y)
            x, y = x[defined], y[defined]
            row |= {"n_pairs": len(x), "undefined": int((~defined).sum())}
            row |= {"unpaired_a": alone[0], "unpaired_b": alone[1]} | effect(x, y, confidence)
            row["p"] = p_value(x, y, test, n_nulls, seed)
            note = "fewer than 2 pairs of defined values" if np.isnan(row["p"]) else same_training(tables, keys)
            rows.append(row | {"note": note, "column": column, "test": test, "definition": definition})
            continue
        x, y = (g[~np.isnan(g)] for g in groups)
        row |= {"n_a": len(x), "n_b": len(y)}
        row |= {"undefined_a": len(groups[0]) - len(x), "undefined_b": len(groups[1]) - len(y)}
        row |= _effect(x, y, confidence)
        if test == "permutation":
            row["p"] = _permutation_p(x, y, n_nulls, seed)
        rows.append(row | {"note": _note(x, y, row), "column": column, "test": test, "definition": definition})
    result = pd.DataFrame(rows)
    p = result["p"].to_numpy(dtype=float)
    place = list(result.columns).index("p") + 1
    result.insert(place, "p_holm", holm(p))
    result.insert(place + 1, "p_bh", benjamini_hochberg(p))
    return result


def _note(x: NDArray[np.float64], y: NDArray[np.float64], row: dict[str, Any]) -> str:
    """Why there is no p, where there is none."""
    if not np.isnan(row["p"]):
        return ""
    few = [name for name, values in (("a", x), ("b", y)) if len(values) < 2]
    if few:
        return f"fewer than 2 defined values in {' and '.join(few)}: no variance to compare with"
    return "no variance in either group"


def _table(
    networks: Any,
    name: str,
    measures: Sequence[str] | None,
    column: str,
    n_jobs: int | None,
    progress: bool,
    reading: Reading,
    strict: bool,
    keys: list[str],
) -> Any:
    """A tidy table as it is, or made from networks."""
    if is_table(networks):
        table = networks
    else:
        from netanalysis.table.summary import summarize_with_nulls

        if column == "z":
            raise ValueError(f"column='z' needs tables of summarize(..., null=...); {name} holds networks")
        table = summarize_with_nulls(
            networks,
            measures,
            null=None,
            n_nulls=1,
            rng=None,
            n_jobs=n_jobs,
            progress=progress,
            metadata=keys,
            reading=reading,
            strict=strict,
            null_values=False,
        )
    need_keys(table, name, keys)
    if column not in table.columns or (column == "z" and table["z"].isna().all()):
        raise ValueError(f"{name} has no {column!r}: summarise it with a null model")
    missing = [m for m in measures or () if m not in set(table["measure"])]
    if missing:
        raise ValueError(f"{name} has no rows for {missing}; it has {list(dict.fromkeys(table['measure']))}")
    return table


def _groups(tables: list[Any], measure: str, column: str) -> tuple[list[NDArray[np.float64]], str]:
    """The two samples of a measure, and its definition, which must be one and the same."""
    parts = [t[t["measure"] == measure] for t in tables]
    for key in ["definition", "null"] if column == "z" else ["definition"]:
        said = {str(v) for part in parts if key in part.columns for v in part[key].dropna()}
        if len(said) > 1:
            raise ValueError(f"{measure} was computed in different ways: its column {key!r} holds {sorted(said)}")
    for part, name in zip(parts, "ab", strict=True):
        if np.isinf(part[column].to_numpy(dtype=float)).any():
            raise ValueError(f"{measure} is infinite for a network of {name}: it has no mean")
    definitions = [v for part in parts if "definition" in part.columns for v in part["definition"]]
    return [p[column].to_numpy(dtype=float) for p in parts], definitions[0] if definitions else ""


def _effect(x: NDArray[np.float64], y: NDArray[np.float64], confidence: float) -> dict[str, float]:
    """Means, effect sizes, their intervals and Welch's t."""
    from scipy import special, stats

    x, y, unit = near_one(x, y)
    n, m = len(x), len(y)
    nan = float("nan")
    keys = (
        "mean_a mean_b std_a std_b median_a median_b difference difference_low difference_high "
        "cohen_d hedges_g g_low g_high t df p"
    )
    out = dict.fromkeys(keys.split(), nan)
    for s, sample in (("a", x), ("b", y)):
        if len(sample):
            out |= {f"mean_{s}": float(sample.mean()), f"median_{s}": float(np.median(sample))}
        if len(sample) > 1:
            out[f"std_{s}"] = float(sample.std(ddof=1))
    out["difference"] = difference = out["mean_a"] - out["mean_b"]
    if min(n, m) < 2:
        return in_unit(out, unit)
    va, vb = out["std_a"] ** 2 / n, out["std_b"] ** 2 / m
    # Values equal up to rounding have no variance, only noise of the last digits.
    scale = max(np.abs(x).max(), np.abs(y).max())
    if np.sqrt(va + vb) <= 100 * np.finfo(float).eps * scale:
        return in_unit(out, unit)
    df = (va + vb) ** 2 / (va**2 / (n - 1) + vb**2 / (m - 1))
    half = stats.t.ppf((1 + confidence) / 2, df) * np.sqrt(va + vb)
    t = difference / np.sqrt(va + vb)
    k = n + m - 2
    d = difference / np.sqrt(((n - 1) * out["std_a"] ** 2 + (m - 1) * out["std_b"] ** 2) / k)
    unbias = np.exp(special.gammaln(k / 2) - special.gammaln((k - 1) / 2)) / np.sqrt(k / 2)
    spread = unbias * np.sqrt((n + m) / (n * m) + d**2 / (2 * (n + m))) * stats.norm.ppf((1 + confidence) / 2)
    out |= {"difference_low": difference - half, "difference_high": difference + half, "cohen_d": d}
    out |= {"hedges_g": unbias * d, "g_low": unbias * d - spread, "g_high": unbias * d + spread}
    out |= {"t": t, "df": df, "p": 2 * stats.t.sf(abs(t), df)}
    return in_unit(out, unit)


def _permutation_p(x: NDArray[np.float64], y: NDArray[np.float64], n_nulls: int, seed: Any) -> float:
    from scipy import stats

    if min(len(x), len(y)) < 2:
        return float("nan")
    values = np.concatenate([x, y])
    if alike(values):
        return 1.0  # every relabelling is a tie

    def difference(x: Any, y: Any, axis: int) -> Any:
        return np.mean(x, axis=axis) - np.mean(y, axis=axis)

    generator = np.random.default_rng(seed)
    result = stats.permutation_test((x, y), difference, n_resamples=n_nulls, vectorized=True, batch=1000, rng=generator)
    exact = comb(len(values), len(x)) <= n_nulls  # then the observed labelling is one of all
    return two_sided(result, exact=exact, n_nulls=n_nulls, scale=float(np.abs(values).max()))
