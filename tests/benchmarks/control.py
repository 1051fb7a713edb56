"""Workloads of control, beside nctpy, and of comparing, beside netrd, dsa-metric and graspologic.

A stack is 100 networks of 100 nodes; peers take them one by one. Peers are timed where they are installed
(``pip install nctpy netrd dsa-metric``, and ``graspologic``, which needs numpy 1), else their rows are those of the day
they were.
"""

from functools import cache, partial

import numpy as np

import netanalysis as na
from tests.benchmarks import networks as nets
from tests.benchmarks.brains import installed

# CPU seconds of the day they were installed.
RECORDED = {
    "average controllability, undirected, n = 400": 0.226,
    "average controllability, undirected, stack of 100": 0.824,
    "average controllability, directed, n = 400": 0.251,
    "average controllability, directed, stack of 100": 1.04,
    "modal controllability, undirected, n = 400": 0.122,
    "modal controllability, undirected, stack of 100": 0.649,
}


@cache
def network(kind, size):
    directed = kind == "directed"
    if size == "n = 400":
        return nets.small(directed, n=400, density=0.15, seed=6)
    return np.stack([nets.small(directed, seed=20 + k) for k in range(100)])


def nctpy(name, w):
    """With its own normalisation; it takes [target, source]."""
    from nctpy import metrics
    from nctpy.utils import matrix_normalization

    function = getattr(metrics, name)
    more = ("discrete",) if name == "ave_control" else ()
    each = w.reshape(-1, *w.shape[-2:])
    return lambda: np.array([function(matrix_normalization(x.T, system="discrete", c=1), *more) for x in each])


def rows(title, ours, peer, kinds):
    """Beside nctpy, one network of 400 nodes and the stack."""
    out = {}
    for kind in kinds:
        for size in ("n = 400", "stack of 100"):
            name = f"{title}, {kind}, {size}"
            out[name] = {
                "netanalysis": partial(lambda kind, size: partial(ours, network(kind, size)), kind, size),
                "nctpy": installed(
                    "nctpy",
                    partial(lambda kind, size: nctpy(peer, network(kind, size)), kind, size),
                    RECORDED[name],
                ),
            }
    return out


@cache
def transitions():
    """All pairs of 5 states of 100 nodes."""
    states = np.random.default_rng(9).normal(size=(5, 100))
    return nets.small(seed=1), np.repeat(states, 5, axis=0), np.tile(states, (5, 1))


def energy_ours(cost):
    w, x0, xf = transitions()
    return lambda: na.control_energy(w, x0, xf, state_cost=cost or None).energy


def energy_nctpy(cost):
    from nctpy.energies import get_control_inputs, integrate_u
    from nctpy.utils import matrix_normalization

    w, x0, xf = transitions()
    a, eye = matrix_normalization(w.T, system="continuous", c=1), np.eye(100)

    def run():
        found = [get_control_inputs(a, 1, eye, *pair, "continuous", S=cost * eye) for pair in zip(x0, xf, strict=True)]
        return np.array([integrate_u(u).sum() * 0.001 for _, u, _ in found])

    return run


CONTROL = {
    **rows("average controllability", na.average_controllability, "ave_control", ("undirected", "directed")),
    **rows("modal controllability", na.modal_controllability, "modal_control", ("undirected",)),
    "energy of 25 transitions, 100 nodes": {
        "netanalysis": lambda: energy_ours(0),
        "nctpy": installed("nctpy", lambda: energy_nctpy(0), 0.231),
    },
    "the same with a cost of states": {
        "netanalysis": lambda: energy_ours(1),
        "nctpy": installed("nctpy", lambda: energy_nctpy(1), 0.214),
    },
}


# --- two networks, two recordings -------------------------------------------------------------------------------------


def pair():
    return nets.small(n=200, density=0.1, seed=30), nets.small(n=200, density=0.15, seed=31)


def distance_ours(function, **options):
    a, b = ((w > 0).astype(float) for w in pair())
    return lambda: function(a, b, **options)


def distance_netrd(name, **options):
    import networkx as nx
    from netrd import distance

    a, b = (nx.from_numpy_array((w > 0).astype(float)) for w in pair())
    return lambda: float(getattr(distance, name)().dist(a, b, **options))


@cache
def systems():
    """Two noisy linear systems of 20 units, 40 trials of 50 steps."""
    rng = np.random.default_rng(8)
    out = []
    for _ in range(2):
        turn = 0.95 * np.linalg.qr(rng.normal(size=(20, 20)))[0]
        x = [rng.normal(size=(40, 20))]
        for _ in range(49):
            x.append(x[-1] @ turn + 0.3 * rng.normal(size=(40, 20)))
        out.append(np.stack(x, axis=1))
    return out


def dynamics_ours():
    a, b = map(na.Recording, systems())
    return lambda: na.dynamical_distance(a, b, n_delays=3, rank=10)


def dynamics_dsa():
    from DSA import DSA

    a, b = systems()

    def run():
        return float(np.squeeze(DSA(a, b, score_method="angular", n_delays=3, rank=10, verbose=False).fit_score()))

    return run


def matching_ours():
    a, b = pair()
    return lambda: na.match_nodes(a, b, n_restarts=10, refine=False, rng=0).score


def matching_graspologic():
    from graspologic.match import graph_match

    a, b = pair()
    return lambda: float(graph_match(a, b, n_init=10, rng=0).score)


COMPARISON = {
    "portrait divergence, 200 nodes": {
        "netanalysis": lambda: distance_ours(na.portrait_divergence, variant="formula"),
        "netrd": installed("netrd", lambda: distance_netrd("PortraitDivergence"), 0.398),
    },
    "divergence of communicability, 200 nodes": {
        "netanalysis": lambda: distance_ours(na.communicability_distance, variant="divergence", normalize=None),
        "netrd": installed("netrd", lambda: distance_netrd("CommunicabilityJSD"), 0.115),
    },
    "distance of Laplacian spectra, 200 nodes": {
        "netanalysis": lambda: distance_ours(na.spectral_distance, matrix="laplacian", rule="padded"),
        "netrd": installed("netrd", lambda: distance_netrd("LaplacianSpectral", normed=False, kernel=None), 0.0638),
    },
    "dynamical distance, 2,000 samples of 20 units": {
        "netanalysis": dynamics_ours,
        "dsa-metric": installed("DSA", dynamics_dsa, 3.19),
    },
    "matching of 200 nodes, 10 starts": {
        "netanalysis": matching_ours,
        "graspologic": installed("graspologic", matching_graspologic, 1.43),
    },
}
