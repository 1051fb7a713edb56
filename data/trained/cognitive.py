"""Measure networks on 20 cognitive tasks: ``python data/trained/cognitive.py [ENSEMBLE.npz ...] [-o TABLE.csv]``.

By default those of this folder, into ``bimt_statistics.csv``: one row for each network at the end of training.
Accuracies are with noise, as published; clusters are k-means of task variances without noise (Growing Brains,
arXiv:2310.07711). ``--training`` measures clusters at every epoch that a file holds. README.md here says what each
column is.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

import netanalysis as na
from models import Ensemble
from models.relocation import settled
from models.tasks.cognitive import TASKS
from netanalysis._core.files import written_whole

HERE = Path(__file__).resolve().parent
COMPACT = ("within_cluster_squares", "pair_distance")
PUBLISHED = ("isolated", "isolated_order", "index_variance")
PLACE = (*COMPACT, *PUBLISHED, "join_count", "similarity_distance")
WIRING = ("within_between", "ami_communities")
FAMILIES = {"go": TASKS[:6], "dm": TASKS[6:11], "dlydm": TASKS[11:16], "match": TASKS[16:]}
EPOCHS = {"start": "stimulus_1_on", "stop": "end"}
FEWEST = 400  # trials, so that every task has some
TRIED = range(2, 17)  # numbers of clusters whose silhouettes are kept


def measure(ensemble: Ensemble, row: int, scale: float = 1.0) -> dict[str, Any]:
    """Everything about one network, with its units where training left them and where they settle."""
    n_nulls = max(99, round(scale * 10_000))
    answers = ensemble.record(row, trials=max(FEWEST, round(scale * 8000)), rng=1).conditions
    accuracy = answers.groupby("task")["correct_response"].mean()[list(TASKS)]
    clean = ensemble.record(row, trials=max(FEWEST, round(scale * 2000)), rng=2, noise=False)
    clusters, seven = (na.functional_clusters(clean, **EPOCHS, k=k, rng=0) for k in (None, 7))
    net = ensemble.connectome(row)
    result: dict[str, Any] = {
        "noisy_accuracy": accuracy.mean(),
        "active": int(clusters.active.sum()),
        "importance_gap": np.mean((clusters.total > 1e-4) & (clusters.total < 1e-2)),
        "total_weight": np.abs(net.weights).sum(),
        "clusters": clusters.k,
        "silhouette": clusters.silhouette,
    }
    result |= {f"silhouette_{k}": clusters.silhouettes.get(k, np.nan) for k in TRIED}
    result |= laid_out(net, clusters, seven, PLACE + WIRING, n_nulls)

    recipe, weights = ensemble.recipe, {name: values[row] for name, values in ensemble.parameters.items()}
    assert recipe.space is not None
    order = settled(weights, recipe.space, recipe.cell.axes)
    moved = na.Connectome(net.weights[np.ix_(order, order)], positions=net.positions, distances=net.distances)
    there = (replace(found, labels=found.labels[order], profiles=found.profiles[order]) for found in (clusters, seven))
    result |= {f"{name}_settled": value for name, value in laid_out(moved, *there, PLACE, n_nulls).items()}

    trials = max(FEWEST, round(scale * 4000))
    result["lesions"], _ = specific_lesions(ensemble, row, clusters, trials)
    result["lesions_seven"], result["lesions_seven_others"] = specific_lesions(ensemble, row, seven, trials)
    return result | {f"accuracy_{task}": value for task, value in accuracy.items()}


def emergence(ensemble: Ensemble, row: int, scale: float = 1.0) -> dict[str, Any]:
    """How distinct and how compact the clusters of a snapshot are."""
    clean = ensemble.record(row, trials=max(FEWEST, round(scale * 2000)), rng=2, noise=False)
    clusters = na.functional_clusters(clean, **EPOCHS, rng=0)
    aligned = na.clustering_alignment(ensemble.connectome(row), clusters, n_nulls=max(99, round(scale * 1000)), rng=0)
    found = {"active": int(clusters.active.sum()), "clusters": clusters.k, "silhouette": clusters.silhouette}
    return found | {f"{name}_z": aligned[name].z for name in (*COMPACT, "similarity_distance")}


def laid_out(
    net: na.Connectome,
    clusters: na.FunctionalClusters,
    seven: na.FunctionalClusters,
    names: tuple[str, ...],
    n_nulls: int,
) -> dict[str, Any]:
    """What depends on where units sit."""
    magnitudes, spacing = np.abs(net.weights), 1 / np.sqrt(net.n_nodes)
    result = {
        "weighted_wiring": (magnitudes * net.distances).sum(),
        "wiring": (net.distances / spacing)[magnitudes > 1e-2].sum(),
        "neighbour_ratio": _mean(magnitudes, net.distances, 0.5 * spacing, 1.05 * spacing)
        / _mean(magnitudes, net.distances, 0.25, 0.35),
    }
    aligned, at_seven = (na.clustering_alignment(net, found, n_nulls=n_nulls, rng=0) for found in (clusters, seven))
    stricter = na.clustering_alignment(net, clusters, n_nulls=n_nulls, rng=0, null="eccentricity")
    for name in names:
        result |= {name: aligned[name].observed, f"{name}_z": aligned[name].z, f"{name}_p": aligned[name].p}
    for name in COMPACT + PUBLISHED:
        result |= {f"{name}_z_seven": at_seven[name].z, f"{name}_p_seven": at_seven[name].p}
    return result | {f"{name}_z_eccentricity": stricter[name].z for name in COMPACT}


def specific_lesions(ensemble: Ensemble, row: int, clusters: na.FunctionalClusters, trials: int) -> tuple[float, float]:
    """Share of clusters whose lesion costs the family of tasks they vary most in 20 points, and another at most 5.

    Of all clusters, and of those that are not the largest.
    """

    def scores(silenced: Any) -> dict[str, float]:
        answers = ensemble.record(row, trials=trials, rng=3, silenced=silenced).conditions
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
    largest = np.bincount(clusters.labels[clusters.active]).argmax()
    return float(np.mean(specific)), float(np.mean(np.delete(specific, largest)))


def _mean(weights: Any, distances: Any, low: float, high: float) -> float:
    """Mean weight of connections in a range of distances."""
    return float(weights[(distances >= low) & (distances <= high)].mean())


def name_of(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """What tells a network from others, as the table writes it."""
    return tuple(
        f"{row[column]:.5g}" if column != "model" else row[column]
        for column in ("model", "units", "gamma", "seed", "epoch", "loss", "accuracy")
    )


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ensembles", nargs="*", type=Path, default=[HERE / "bimt.npz", HERE / "bimt_l1.npz"])
    parser.add_argument("-o", "--output", type=Path, default=HERE / "bimt_statistics.csv")
    parser.add_argument("--resume", action="store_true", help="networks in the table stay as they are")
    parser.add_argument("--training", action="store_true", help="clusters at each epoch, and nothing else")
    parser.add_argument("--scale", type=float, default=1.0, help="share of trials and shuffled labels")
    options = parser.parse_args()
    before = pd.read_csv(options.output).to_dict("records") if options.resume and options.output.exists() else []
    table: dict[tuple[str, ...], Mapping[Any, Any]] = {name_of(row): row for row in before}
    for path in options.ensembles:
        ensemble = Ensemble.load(path)
        ensemble = ensemble if options.training else ensemble.at(-1)
        kind = {"model": ensemble.recipe.name, "units": ensemble.recipe.cell.n}
        known = ensemble.table.drop(columns="network").to_dict("records")
        for row, entry in enumerate(tqdm(known, desc=path.stem, unit="network")):
            if (name := name_of(kind | entry)) not in table:
                found = (emergence if options.training else measure)(ensemble, row, options.scale)
                table[name] = kind | entry | found
                with written_whole(options.output) as part:
                    pd.DataFrame(list(table.values())).to_csv(part, index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
