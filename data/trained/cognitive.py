"""Measure networks on 20 cognitive tasks: ``python data/trained/cognitive.py [ENSEMBLE.npz ...] [-o TABLE.csv]``.

By default those of this folder, into ``bimt_statistics.csv``: one row for each network at the end of training.
Accuracies are with noise, as published; clusters are k-means of task variances without noise (Growing Brains,
arXiv:2310.07711). README.md here says what each column is.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import netanalysis as na
from models import Ensemble
from models.tasks.cognitive import TASKS
from netanalysis._core.files import written_whole

HERE = Path(__file__).resolve().parent
COMPACT = ("within_cluster_squares", "pair_distance")
PLACE = (*COMPACT, "isolated", "isolated_order", "index_variance", "join_count", "similarity_distance")
WIRING = ("within_between", "ami_communities")
FAMILIES = {"go": TASKS[:6], "dm": TASKS[6:11], "dlydm": TASKS[11:16], "match": TASKS[16:]}
EPOCHS = {"start": "stimulus_1_on", "stop": "end"}


def measure(ensemble: Ensemble, row: int) -> dict[str, Any]:
    """Everything about one network."""
    answers = ensemble.record(row, trials=8000, rng=1).conditions
    accuracy = answers.groupby("task")["correct_response"].mean()[list(TASKS)]
    clean = ensemble.record(row, trials=2000, rng=2, noise=False)
    clusters = na.functional_clusters(clean, **EPOCHS)
    net = ensemble.connectome(row)
    magnitudes, spacing = np.abs(net.weights), 1 / np.sqrt(net.n_nodes)
    result: dict[str, Any] = {
        "noisy_accuracy": accuracy.mean(),
        "active": int(clusters.active.sum()),
        "importance_gap": np.mean((clusters.total > 1e-4) & (clusters.total < 1e-2)),
        "weighted_wiring": (magnitudes * net.distances).sum(),
        "wiring": (net.distances / spacing)[magnitudes > 1e-2].sum(),
        "clusters": clusters.k,
        "silhouette": clusters.silhouette,
    }
    result["neighbour_ratio"] = _mean(magnitudes, net.distances, 0.5 * spacing, 1.05 * spacing) / _mean(
        magnitudes, net.distances, 0.25, 0.35
    )
    aligned = na.clustering_alignment(net, clusters, n_nulls=10_000, rng=0)
    for name in PLACE + WIRING:
        result |= {name: aligned[name].observed, f"{name}_z": aligned[name].z, f"{name}_p": aligned[name].p}
    stricter = na.clustering_alignment(net, clusters, n_nulls=10_000, rng=0, null="eccentricity")
    seven = na.clustering_alignment(net, na.functional_clusters(clean, **EPOCHS, k=7), n_nulls=10_000, rng=0)
    for name in COMPACT:
        result |= {f"{name}_z_eccentricity": stricter[name].z, f"{name}_z_seven": seven[name].z}
    result["lesions"] = _specific_lesions(ensemble, row, clusters)
    return result | {f"accuracy_{task}": value for task, value in accuracy.items()}


def _specific_lesions(ensemble: Ensemble, row: int, clusters: na.FunctionalClusters) -> float:
    """Share of clusters whose lesion costs the family of tasks they vary most in 20 points, and another at most 5."""

    def scores(silenced: Any) -> dict[str, float]:
        answers = ensemble.record(row, trials=4000, rng=3, silenced=silenced).conditions
        right = answers.groupby("task")["correct_response"].mean()
        return {family: float(right[list(tasks)].mean()) for family, tasks in FAMILIES.items()}

    lost = -na.lesion(scores, clusters).effects
    features = list(clusters.features)
    specific = []
    for group, losses in enumerate(lost):
        mean = clusters.profiles[clusters.labels == group].mean(axis=0)
        variances = [mean[[features.index(task) for task in tasks]].mean() for tasks in FAMILIES.values()]
        preferred = int(np.argmax(variances))
        specific.append(losses[preferred] >= 0.2 and np.delete(losses, preferred).min() <= 0.05)
    return float(np.mean(specific))


def _mean(weights: Any, distances: Any, low: float, high: float) -> float:
    """Mean weight of connections in a range of distances."""
    return float(weights[(distances >= low) & (distances <= high)].mean())


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ensembles", nargs="*", type=Path, default=[HERE / "bimt.npz", HERE / "bimt_l1.npz"])
    parser.add_argument("-o", "--output", type=Path, default=HERE / "bimt_statistics.csv")
    options = parser.parse_args()
    rows = []
    for path in options.ensembles:
        ensemble = Ensemble.load(path).at(-1)
        for row, known in enumerate(ensemble.table.to_dict("records")):
            rows.append({"model": ensemble.recipe.name} | known | measure(ensemble, row))
    with written_whole(options.output) as part:
        pd.DataFrame(rows).drop(columns="network").to_csv(part, index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
