"""Workloads of generative models: 100 networks of 100 nodes with 400 connections, by one rule of each class.

Beside bctpy, and the toolbox of generative network models (EdwardJamesYoung/GenerativeNetworkModels, git only) from a
checkout, in one batch of 20. Results are distinct connections in a network: bctpy may choose a pair twice.
"""

from functools import partial

import numpy as np

import netanalysis as na
from tests.benchmarks.checkouts import peer

SIZE, NODES, CONNECTIONS, ETA, GAMMA = 100, 100, 400, -2.0, 0.4

# Rule, its name in bctpy, its class in the toolbox, CPU seconds of the toolbox for all 100 on 29 Nov 2026.
RULES = (
    ("spatial", "euclidean", None, None),
    ("neighbors", "neighbors", "Neighbours", 34.6),
    ("matching", "matching", "MatchingIndex", 35.8),
    ("clu-avg", "clu-avg", "ClusteringAverage", 36.4),
    ("deg-prod", "deg-prod", "DegreeProduct", 34.2),
)


def distances():
    place = np.random.default_rng(0).normal(size=(NODES, 3)) * 40
    return np.linalg.norm(place[:, None] - place, axis=-1)


def connections(grown):
    return float(np.mean(np.count_nonzero(grown, axis=(-2, -1)))) / 2


def ours(rule, **options):
    d = distances()

    def run():
        return na.grow(d, n_connections=CONNECTIONS, rule=rule, eta=ETA, gamma=GAMMA, size=SIZE, rng=0, **options)

    run.number = lambda grown: connections(grown) * (2 if options.get("directed") else 1)
    return run


def bctpy(rule, count=2):
    import bct

    d, start = distances(), np.zeros((NODES, NODES))

    def run():
        eta, gamma = np.full(count, ETA), np.full(count, GAMMA)
        return bct.generative_model(start, d, CONNECTIONS, eta, gamma, model_type=rule, epsilon=1e-6, seed=1)

    run.number = lambda found: connections(np.moveaxis(found, -1, 0))
    return run


def toolbox(rule, gnm, count=20):
    import torch

    d = torch.tensor(distances())
    parameters = gnm.BinaryGenerativeParameters(
        eta=ETA,
        gamma=GAMMA,
        lambdah=0.0,
        distance_relationship_type="powerlaw",
        preferential_relationship_type="powerlaw",
        heterochronicity_relationship_type="powerlaw",
        generative_rule=getattr(gnm.generative_rules, rule)(),
        num_iterations=CONNECTIONS,
    )

    def run():
        model = gnm.GenerativeNetworkModel(parameters, num_simulations=count, distance_matrix=d)
        model.run_model()
        return model.adjacency_matrix.cpu().numpy()

    run.number = connections
    return run


def _rows(rule, name, theirs, recorded):
    out = {"netanalysis": partial(ours, rule), "bctpy (2 of 100)": partial(bctpy, name)}
    if theirs is not None:
        out["GNM toolbox (20 of 100)"] = peer(
            "GenerativeNetworkModels/src", "gnm", partial(toolbox, theirs), recorded, "29 Nov 2026"
        )
    return out


GROWTH = {f"100 networks grown by {row[0]}, n = 100": _rows(*row) for row in RULES} | {
    # bctpy grows neither, the toolbox no directed ones.
    "100 directed networks grown by matching, n = 100": {"netanalysis": partial(ours, "matching", directed=True)},
    "100 weighted networks grown by matching, n = 100": {
        "netanalysis": partial(ours, "matching", weights="akarca", alpha=0.1)
    },
}
