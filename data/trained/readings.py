"""Two readings of every claim on one-choice networks that hangs on one: ``python data/trained/readings.py``.

The first is the published or the obvious one; the second was found by looking at the networks of ``sernn`` and ``l1``,
one a strength. Networks of new seeds, trained afterwards at a few strengths, say whether it holds. All from the tables
here, of networks that solve the task at epoch 9.
"""

import argparse

import numpy as np
import pandas as pd
from scipy import stats

import netanalysis as na

LOG = "log weight and its square"
READINGS = ("entropy", "entropy_live", "communicability", "communicability_off", "r_codes", "r_codes_pairs")
BESIDE = ("q", "q_no_self", "q_binary", "sigma", "r_distance_all", "spectral_entropy", "p_goal_6", "p_choice_6")
# Spatial and L1 networks: groups and strengths.
PAIRS = {
    "first seeds, all strengths": (("sernn", 0, np.inf), ("l1", 0, np.inf)),
    "first seeds, gamma <= 0.3": (("sernn", 0, 0.3), ("l1", 0, np.inf)),
    "new seeds, weights about 300": (("sernn_one_strength", 0.1, 0.1), ("l1_one_strength", 0.0035, 0.0035)),
    "new seeds, weights about 150": (("sernn_one_strength", 0.3, 0.3), ("l1_one_strength", 0.0075, 0.0075)),
    "new seeds, weights about 120": (("sernn_one_strength", 0.3, 0.3), ("l1_one_strength", 0.01, 0.01)),
    "new seeds, all": (("sernn_one_strength", 0, np.inf), ("l1_one_strength", 0, np.inf)),
    "new seeds, all strengths": (("sernn_new|sernn_many", 0, np.inf), ("l1_new|l1_many", 0, np.inf)),
    "first and new seeds": (("sernn|sernn_one_strength", 0, np.inf), ("l1|l1_one_strength", 0, np.inf)),
}


def solved() -> pd.DataFrame:
    """Structure and function of the networks that solve the task at epoch 9."""
    structure, function = na.datasets.load("one_choice"), na.datasets.load("one_choice_function")
    structure = structure[(structure["epoch"] == 9) & (structure["accuracy"] >= 0.9)]
    keys = ["group", "network"]
    return structure.merge(function[[*keys, *function.columns.difference(structure.columns)]], on=keys, how="left")


def pair(table: pd.DataFrame, name: str) -> list[pd.DataFrame]:
    """The spatial and the L1 networks of a comparison."""
    return [
        table[table["group"].isin(groups.split("|")) & table["gamma"].between(low, high)]
        for groups, low, high in PAIRS[name]
    ]


def effect(spatial: pd.Series, l1: pd.Series) -> dict[str, float]:
    """Medians, Cohen's d and p of Welch's test."""
    groups = (pd.DataFrame({"network": range(len(x)), "measure": "", "value": x.to_numpy()}) for x in (spatial, l1))
    return na.compare(*groups)[["n_a", "n_b", "median_a", "median_b", "cohen_d", "p"]].iloc[0].to_dict()


def at_equal_weight(spatial: pd.DataFrame, l1: pd.DataFrame, column: str, *, control: str) -> tuple[float, float]:
    """How much more spatial networks have than L1 networks at equal total weight, and half of its 95 % interval.

    Least squares over networks, controlling for mean weight in a straight line or (LOG) its logarithm and the square.
    Networks of one seed begin alike: errors are clustered by seed (CR1).
    """
    both = pd.concat([spatial.assign(space=1.0), l1.assign(space=0.0)]).dropna(subset=column)
    log = np.log(both["total_weight"])
    controls = [both["total_weight"] / 1e4] if control == "weight" else [log, log**2]
    x = np.column_stack([np.ones(len(both)), both["space"], *controls])
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ both[column].to_numpy())
    scores = pd.DataFrame(x * (both[column].to_numpy() - x @ beta)[:, None]).groupby(both["seed"].to_numpy()).sum()
    n, terms, seeds = *x.shape, len(scores)
    covariance = bread @ (scores.T.to_numpy() @ scores.to_numpy()) @ bread
    error = np.sqrt(covariance[1, 1] * seeds / (seeds - 1) * (n - 1) / (n - terms))
    return float(beta[1]), float(stats.t.ppf(0.975, seeds - 1) * error)


def main() -> None:
    """Print everything."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    table = solved()
    for name in PAIRS:
        spatial, l1 = pair(table, name)
        print(f"\n{name}: {len(spatial)} and {len(l1)} networks")
        print(f"  total weight {spatial['total_weight'].median():.0f}, {l1['total_weight'].median():.0f}")
        print(pd.DataFrame({c: effect(spatial[c], l1[c]) for c in READINGS + BESIDE}).T.round(3).to_string())
        for column in ("entropy", "entropy_live", "communicability", "communicability_off", "activation"):
            fits = {c: at_equal_weight(spatial, l1, column, control=c) for c in ("weight", LOG)}
            print(f"  {column}:", "; ".join(f"{b:.3f} +- {h:.3f} at equal {c}" for c, (b, h) in fits.items()))
        for column in ("p_goal_6", "p_choice_6"):
            p = [stats.kstest(rows[column].dropna(), "uniform").pvalue for rows in (spatial, l1)]
            print(f"  {column} is uniform: p {p[0]:.2g}, {p[1]:.2g}")
    print("\nSpearman of Q and entropy, of all rows and of live ones")
    for group, rows in table.dropna(subset="entropy_live").groupby("group"):
        r = [stats.spearmanr(rows["q"], rows[column])[0] for column in ("entropy", "entropy_live")]
        print(f"  {group}: {r[0]:.2f}, {r[1]:.2f} (n = {len(rows)})")
    print("\nSolved, by group and strength where there are many")
    many = table[table["group"].str.endswith("one_strength")]
    print(many.groupby(["group", "gamma"])[["total_weight", "entropy", "entropy_live", "q", "sigma"]].median().round(2))
    print(many.groupby(["group", "gamma"]).size().to_string())


if __name__ == "__main__":
    main()
