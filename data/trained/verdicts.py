"""Groups of trained networks side by side, as README.md here sums them up: ``python data/trained/verdicts.py [PAPER]``.

Reads the tables of this folder and prints, for each comparison, means, difference with its 95 % interval, and p by
Welch's t and after Holm's correction for everything compared there; then the same difference at equal accuracy and
total weight, by least squares.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

import netanalysis as na
from netanalysis._core.pvalues import holm

SHOWN = ["measure", "n_a", "n_b", "mean_a", "mean_b", "difference", "difference_low", "difference_high", "p", "p_holm"]
COMPACT = ("within_cluster_squares_z", "pair_distance_z", "similarity_distance_z")
PUBLISHED = ("isolated_z", "isolated_order_z", "index_variance_z")
PLACE = (*COMPACT, *PUBLISHED, *(f"{name}_seven" for name in (*COMPACT[:2], *PUBLISHED)))
LENGTH = ("weighted_wiring", "wiring", "neighbour_ratio")
FUNCTION = ("noisy_accuracy", "active", "total_weight", "importance_gap", "silhouette", "silhouette_7", "clusters")
LESIONS = ("lesions", "lesions_seven", "lesions_seven_others")


def beside(title: str, a: pd.DataFrame, b: pd.DataFrame, measures: Sequence[str], equal: Sequence[str] = ()) -> None:
    """Print one comparison; `equal` are the columns that the adjusted difference holds equal."""
    found = na.compare(*(melted(table, measures) for table in (a, b)), list(measures))[SHOWN].set_index("measure")
    if equal:
        found = found.join(pd.DataFrame({m: adjusted(a, b, m, equal) for m in measures}, ["adjusted", "interval"]).T)
    print(f"\n{title}\n{found.to_string(float_format='{:.3g}'.format)}")


def melted(table: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """What :func:`netanalysis.compare` reads."""
    rows = table[list(measures)].reset_index(drop=True).rename_axis("network").reset_index()
    return rows.melt("network", var_name="measure", value_name="value")


def adjusted(a: pd.DataFrame, b: pd.DataFrame, measure: str, equal: Sequence[str]) -> tuple[float, str]:
    """Difference of a and b with these columns held equal, and its 95 % interval."""
    both = pd.concat([a, b]).reset_index(drop=True)
    design = np.column_stack([np.ones(len(both)), np.arange(len(both)) < len(a), both[list(equal)]]).astype(float)
    value, y = both[measure].to_numpy(float), np.isfinite(both[measure].to_numpy(float))
    beta, half = least_squares(design[y], value[y])
    return beta, f"{beta - half:.3g} to {beta + half:.3g}"


def least_squares(design: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """The second coefficient, and half of its 95 % interval."""
    inverse = np.linalg.pinv(design.T @ design)
    beta = inverse @ design.T @ y
    free = len(y) - np.linalg.matrix_rank(design)
    error = np.sqrt(((y - design @ beta) ** 2).sum() / free * inverse[1, 1])
    return float(beta[1]), float(stats.t.ppf(0.975, free) * error)


def settled(table: pd.DataFrame) -> pd.DataFrame:
    """The same networks where their units settle."""
    there = [name.removesuffix("_settled") for name in table if name.endswith("_settled")]
    return table.assign(**{name: table[f"{name}_settled"] for name in there})


def growing_brains() -> None:
    """Twenty tasks: BIMT, L1 and what lies between, where training left units and where they settle."""
    table = na.datasets.load("growing_statistics")
    small = dict(list(table[table["units"] == 100].groupby("model")))
    bimt, l1 = small["growing_bimt"], small["growing_l1"]
    equal = ("noisy_accuracy", "total_weight")
    beside("BIMT and L1", bimt, l1, FUNCTION + LESIONS)
    beside("BIMT and L1, place", bimt, l1, PLACE + LENGTH, equal)
    beside("BIMT and L1 settled afterwards, place", bimt, settled(l1), PLACE + LENGTH, equal)
    for name in ("growing_distance", "growing_exchange", "growing_none"):
        if name in small:
            beside(f"{name} and L1, place", small[name], l1, PLACE + LENGTH)
    first = na.datasets.load("bimt_statistics")
    kinds = (("bimt", 3e-4), ("bimt_l1", 1e-3))
    first_bimt, first_l1 = (first[(first["model"] == name) & np.isclose(first["gamma"], g)] for name, g in kinds)
    beside("the first networks, place", first_bimt, first_l1, PLACE + LENGTH)
    beside("the first networks, both settled, place", settled(first_bimt), settled(first_l1), PLACE + LENGTH)
    for name, group in small.items():
        p = {m: int((holm(group[f"{m.removesuffix('_z')}_p"]) < 0.05).sum()) for m in COMPACT + PUBLISHED}
        print(f"\n{name}: of {len(group)} networks below 0.05 after Holm over networks: {p}")


def resolvent() -> None:
    """Averaging with oscillating signal, tanh: L1 and both forms of the penalty on pathways."""
    table = na.datasets.load("resolvent_statistics").astype({"signal": str})
    main = {"operation": "averaging", "signal": "oscillating", "activation": "tanh", "epochs": 10, "bias": False}
    table = table[np.logical_and.reduce([table[key] == value for key, value in main.items()])]
    table = table.assign(log_error=np.log10(table["nmse"]))
    print(
        table.groupby(["penalty", "alpha", "beta"])[["nmse", "off_signal_mass", "r_pathways", "cancellation"]].median()
    )
    usual = dict(list(table[table["alpha"] == 0.9].groupby("penalty")))
    measures = ("log_error", "off_signal_mass", "r_pathways", "communication", "total_weight")
    for name in ("sum", "hop"):
        wide = [usual[kind].pivot(index="seed", columns="beta", values=list(measures)) for kind in (name, "l1")]
        for one in wide:
            one.columns = [f"{measure} {beta:g}" for measure, beta in one.columns]
        beside(f"{name} and L1 at each beta", *wide, list(wide[0].columns))
        weights = [usual[kind]["total_weight"] for kind in (name, "l1")]
        print("total weights:", " and ".join(f"{w.min():.3g} to {w.max():.3g}" for w in weights))
        at = [pd.DataFrame({f"{m} at error {e}": at_error(usual[kind], m, e) for m, e in AT}) for kind in (name, "l1")]
        beside(f"{name} and L1 at equal error", *at, list(at[0].columns))


AT = [(measure, error) for measure in ("off_signal_mass", "r_pathways", "communication") for error in (0.0075, 0.015)]


def at_error(group: pd.DataFrame, measure: str, error: float) -> list[float]:
    """Of each seed, where its error passes this value as beta grows, by interpolation between two betas."""
    found = []
    for _, networks in group.groupby("seed"):
        curve = networks.sort_values("log_error")
        found.append(float(np.interp(np.log10(error), curve["log_error"], curve[measure], left=np.nan, right=np.nan)))
    return found


def main() -> None:
    """Print one paper's comparisons, or both."""
    papers = {"growing_brains": growing_brains, "resolvent": resolvent}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paper", nargs="?", choices=papers)
    chosen = parser.parse_args().paper
    for name in [chosen] if chosen else papers:
        print(f"\n{name}: {papers[name].__doc__}")
        papers[name]()


if __name__ == "__main__":
    main()
