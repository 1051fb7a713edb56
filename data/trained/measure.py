"""Measure snapshots of one-choice networks: ``python data/trained/measure.py sernn=run/sernn.npz l1=run/l1.npz``.

Writes ``one_choice.csv``, structure of every snapshot, and ``one_choice_function.csv``, what the networks that solve
the task at epoch 9 compute, next to this file. The definitions are those of Achterberg et al. 2023
(doi:10.1038/s42256-023-00748-9) and Sheeran et al. 2024 (arXiv:2409.17693); README.md here says what each column is.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from tqdm import tqdm

import netanalysis as na
from models import Ensemble

HERE = Path(__file__).resolve().parent
DIRECTIONS = ("left", "up", "right", "down")
WINDOWS = (3, 6, 9)  # of ten: end of the goal cue, onset of the options, decision


def structure(net: na.Connectome) -> dict[str, Any]:
    """Every measure of one weight matrix."""
    a = na.transform.absolute(net)
    bare = na.transform.remove_self_connections(a)
    strongest = na.transform.binarize(na.transform.threshold(a, density=0.1))
    undirected = na.transform.symmetrize(strongest, how="max")
    spectral = partial(na.detect_communities, method="spectral")
    as_coded = na.small_worldness(strongest, null="erdos_renyi", clustering_method="out", rng=0, n_jobs=1)
    proper = na.small_worldness(undirected, null="erdos_renyi", rng=0, n_jobs=1)
    w = np.asarray(a.weights)
    return {
        "total_weight": w.sum(),
        "self_weight": np.trace(w),
        "r_distance": na.weight_distance_correlation(net),
        "r_distance_all": np.corrcoef(w.ravel(), np.asarray(net.distances).ravel())[0, 1],
        "communicability": na.communicability(net).sum(),
        "entropy": na.weight_entropy(net),
        "entropy_no_self": na.weight_entropy(net, self_connections=False),
        "communicability_entropy": na.communicability_entropy(net),
        "spectral_entropy": na.spectral_entropy(net),
        "leading_real_part": na.leading_real_part(net),
        "q": spectral(a).modularity,
        "q_no_self": spectral(na.transform.symmetrize(bare, how="mean")).modularity,
        "q_binary": spectral(undirected).modularity,
        "clustering_ratio": as_coded.clustering_ratio,
        "sigma": proper.value,
    }


def function(ensemble: Ensemble, row: int) -> dict[str, Any]:
    """Selectivity, its place and the activity of one network, on 640 trials with noisy inputs."""
    recording = ensemble.record(row, rng=1)
    net = ensemble.connectome(row)
    offered = recording.conditions["options"].str
    options = np.column_stack([offered.contains(direction).astype(float) for direction in DIRECTIONS])
    # Nearly silent units have explained variances of no meaning, down to minus thousands.
    measure = partial(na.mixed_selectivity, recording, min_std=1e-3, rng=0)
    selectivity = measure({"goal": "goal", "choice": options, "correct": "correct"})
    pairs = measure({"goal": "goal", "choice": "options", "correct": "correct"})
    codes = ("goal", "choice")
    place = na.spatial_permutation(selectivity, net, variables=codes, rng=0)
    variance = np.where(selectivity.silent[..., None], np.nan, selectivity.explained_variance)
    found = {name: s.correlation(*codes)[9] for name, s in (("r_codes", selectivity), ("r_codes_pairs", pairs))}
    for w in WINDOWS:
        found |= {f"p_goal_{w}": place.p_perm_first[w], f"p_choice_{w}": place.p_perm_second[w]}
        found |= {f"variance_{v}_{w}": np.nanmedian(variance[:, w, k]) for k, v in enumerate(codes)}
    activity = recording.activity[:, 30:].mean(axis=(0, 1))
    return found | {"activation": activity.mean(), "total_weight": abs(net.weights).sum()}


def tables(group: str, path: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Structure of all snapshots of a file, and function of the networks that solve the task at epoch 9."""
    ensemble = Ensemble.load(path)
    table = ensemble.table
    bar = partial(tqdm, desc=group, unit="snapshot")
    rows = joblib.Parallel(1)(joblib.delayed(structure)(net) for net in bar(ensemble, total=len(ensemble)))
    solved = np.flatnonzero((table["epoch"] == 9) & (table["accuracy"] >= 0.9))
    works = [function(ensemble, row) for row in bar(solved)]
    known = table.iloc[solved][["network", "gamma", "seed", "epoch", "accuracy"]].reset_index(drop=True)
    both = pd.concat([table, pd.DataFrame(rows)], axis=1), pd.concat([known, pd.DataFrame(works)], axis=1)
    for frame in both:
        frame.insert(0, "group", group)
    return both


def main() -> None:
    """Measure the files given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="GROUP=FILE")
    parser.add_argument("-o", "--output", type=Path, default=HERE)
    options = parser.parse_args()
    parts = [tables(*entry.split("=", 1)) for entry in options.files]
    for name, frames in zip(("one_choice", "one_choice_function"), zip(*parts, strict=True), strict=True):
        pd.concat(frames).to_csv(options.output / f"{name}.csv", index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
