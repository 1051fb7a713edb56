"""Measure snapshots of one-choice networks: ``python data/trained/measure.py sernn=run/sernn.npz l1=run/l1.npz``.

Writes ``one_choice.csv``, structure of every snapshot, and ``one_choice_function.csv``, what the networks that solve
the task at epoch 9 compute, next to this file. Rows of the same group, network and epoch are replaced, others stay. The
definitions are those of Achterberg et al. 2023 (doi:10.1038/s42256-023-00748-9) and Sheeran et al. 2024
(arXiv:2409.17693); README.md here says what each column is.
"""

import argparse
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

import netanalysis as na
from models import Ensemble
from netanalysis._core.files import written_whole

HERE = Path(__file__).resolve().parent
DIRECTIONS = ("left", "up", "right", "down")
# Of ten: end of the goal cue, onset of the options, decision.
WINDOWS = {3: (15, 20), 6: (30, 35), 9: (45, 50)}
KEYS = ["group", "network", "epoch"]
# Weights that a penalty is done with jitter by a few learning rates (0.001).
MIN_PEAK = 5e-3


@cache
def random_networks(*, directed: bool) -> tuple[float, float]:
    """Mean clustering and path length of 1,000 random networks with as many connections as the strongest 10 %."""
    count = 990 if directed else 495
    w = np.zeros((100, 100))
    pairs = np.nonzero(~np.eye(100, dtype=bool) if directed else np.triu(np.ones_like(w), 1))
    w[pairs[0][:count], pairs[1][:count]] = 1
    method = "out" if directed else "binary"
    nulls = na.nulls.erdos_renyi(w if directed else w + w.T, rng=0, size=1000)
    return na.clustering(nulls, method=method).mean(), na.path_length(nulls).mean()


def structure(net: na.Connectome) -> dict[str, Any]:
    """Every measure of one weight matrix."""
    a = na.transform.absolute(net)
    bare = na.transform.remove_self_connections(a)
    both = na.transform.symmetrize(bare, how="mean")
    directed, undirected = (na.transform.binarize(na.transform.threshold(x, density=0.1)) for x in (bare, both))
    spectral = partial(na.detect_communities, method="spectral")
    clustering = na.clustering(undirected, method="binary").mean()
    length = na.path_length(undirected)
    c, _ = random_networks(directed=True)
    c_undirected, l_undirected = random_networks(directed=False)
    w = np.asarray(a.weights)
    return {
        "total_weight": w.sum(),
        "self_weight": np.trace(w),
        "r_distance": na.weight_distance_correlation(net),
        "r_distance_all": np.corrcoef(w.ravel(), np.asarray(net.distances).ravel())[0, 1],
        "communicability": na.communicability(net).sum(),
        "communicability_off": na.mean_communicability(net) * net.n_nodes * (net.n_nodes - 1),
        "entropy": na.weight_entropy(net),
        "entropy_no_self": na.weight_entropy(net, self_connections=False),
        "entropy_live": live(net),
        "entropy_live_no_self": live(net, self_connections=False),
        "silent_rows": na.silent_rows(net, min_peak=MIN_PEAK),
        "communicability_entropy": na.communicability_entropy(net),
        "spectral_entropy": na.spectral_entropy(net),
        "leading_real_part": na.leading_real_part(net),
        "q": spectral(a).modularity,
        "q_no_self": spectral(both).modularity,
        "q_binary": spectral(undirected).modularity,
        "clustering_ratio": na.clustering(directed, method="out").mean() / c,
        "sigma": (clustering / c_undirected) / (length / l_undirected),
    }


def live(net: na.Connectome, *, self_connections: bool = True) -> float:
    """Entropy of the rows that hold more than the jitter of training, nan if none does."""
    if na.silent_rows(net, min_peak=MIN_PEAK, self_connections=self_connections) == net.n_nodes:
        return np.nan
    return float(na.weight_entropy(net, min_peak=MIN_PEAK, self_connections=self_connections))


def function(ensemble: Ensemble, row: int) -> dict[str, Any]:
    """Selectivity, its place and the activity of one network, on 640 trials with noisy inputs."""
    recording = ensemble.record(row, rng=1)
    net = ensemble.connectome(row)
    offered = recording.conditions["options"].str
    options = np.column_stack([offered.contains(direction).astype(float) for direction in DIRECTIONS])
    # Nearly silent units have explained variances of no meaning, down to minus thousands.
    measure = partial(na.mixed_selectivity, recording, windows=list(WINDOWS.values()), min_std=1e-3, rng=0)
    selectivity = measure({"goal": "goal", "choice": options, "correct": "correct"})
    pairs = measure({"goal": "goal", "choice": "options", "correct": "correct"})
    codes = ("goal", "choice")
    place = na.spatial_permutation(selectivity, net, variables=codes, rng=0)
    variance = np.where(selectivity.silent[..., None], np.nan, selectivity.explained_variance)
    found = {name: s.correlation(*codes)[-1] for name, s in (("r_codes", selectivity), ("r_codes_pairs", pairs))}
    for k, w in enumerate(WINDOWS):
        found |= {f"p_goal_{w}": place.p_perm_first[k], f"p_choice_{w}": place.p_perm_second[k]}
        found |= {f"variance_{v}_{w}": np.nanmedian(variance[:, k, c]) for c, v in enumerate(codes)}
    activity = recording.activity[:, 30:].mean(axis=(0, 1))
    return found | {"activation": activity.mean(), "total_weight": abs(net.weights).sum()}


def structures(group: str, ensemble: Ensemble) -> pd.DataFrame:
    """One row per snapshot."""
    rows = [structure(net) for net in tqdm(ensemble, desc=group, unit="snapshot", total=len(ensemble))]
    return pd.concat([ensemble.table, pd.DataFrame(rows)], axis=1).assign(group=group)


def functions(group: str, ensemble: Ensemble) -> pd.DataFrame:
    """One row per network that solves the task at epoch 9."""
    table = ensemble.table
    solved = np.flatnonzero((table["epoch"] == 9) & (table["accuracy"] >= 0.9))
    rows = [function(ensemble, row) for row in tqdm(solved, desc=group, unit="network")]
    known = table.iloc[solved][["network", "gamma", "seed", "epoch", "accuracy"]].reset_index(drop=True)
    return pd.concat([known, pd.DataFrame(rows)], axis=1).assign(group=group)


def update(path: Path, measured: list[pd.DataFrame]) -> None:
    """Put rows into a table, in place of what it says of the same snapshots."""
    new = pd.concat(measured)
    groups = dict.fromkeys(new["group"])
    if path.exists():
        old = pd.read_csv(path)
        again = pd.MultiIndex.from_frame(old[KEYS]).isin(pd.MultiIndex.from_frame(new[KEYS]))
        groups = dict.fromkeys(old["group"]) | groups
        new = pd.concat([new, old[~again]])
    place = {group: k for k, group in enumerate(groups)}
    new = new.sort_values(KEYS, key=lambda column: column.map(place) if column.name == "group" else column)
    new.insert(0, "group", new.pop("group"))
    with written_whole(path) as part:
        new.to_csv(part, index=False, float_format="%.5g")


def main() -> None:
    """Measure the files given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="GROUP=FILE")
    parser.add_argument("--structure-only", action="store_true", help="Leave what networks compute aside.")
    parser.add_argument("--epochs", type=int, nargs="+", help="Of structure; default: all that the files hold.")
    parser.add_argument("-o", "--output", type=Path, default=HERE)
    options = parser.parse_args()
    ensembles = {group: Ensemble.load(path) for group, path in (entry.split("=", 1) for entry in options.files)}
    if options.epochs:
        ensembles = {group: e.select(e.table["epoch"].isin(options.epochs)) for group, e in ensembles.items()}
    update(options.output / "one_choice.csv", [structures(*item) for item in ensembles.items()])
    if not options.structure_only:
        update(options.output / "one_choice_function.csv", [functions(*item) for item in ensembles.items()])


if __name__ == "__main__":
    main()
