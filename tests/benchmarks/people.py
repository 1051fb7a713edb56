"""CPU seconds that the 36 measures of version 0.1.0 take of people with null networks, and which takes how much.

    python -m tests.benchmarks.people [--people 1] [--nulls 16] [--nodes 360] [--density 0.1]

A person is an undirected network in space with lognormal weights that fall with distance. The seconds are of one
network, null models included; what 30 people with 100 nulls take is 3,030 times that. LAPACK's eigenvalues of 300 nodes
are timed before and after: on a machine that is shared they say how much slower it was.
"""

import argparse
import time
from collections import Counter

import numpy as np

import netanalysis as na
from netanalysis.table._measure import Measure
from netanalysis.table.measures import MEASURES

SINCE = ("wiring_cost",)  # of the families of version 0.1.0, what came later


def names():
    """The measures of version 0.1.0 but for that of known modules, which these networks do not have."""
    first = list(MEASURES)[: list(MEASURES).index("pathway_cancellation") + 1]
    return [name for name in first if name not in ("modularity_known", *SINCE)]


def person(seed, nodes, density):
    rng = np.random.default_rng(seed)
    positions = np.random.default_rng(99).normal(size=(nodes, 3)) * [30, 40, 25]
    distance = np.linalg.norm(positions[:, None] - positions, axis=2)
    w = np.triu(np.exp(rng.normal(size=(nodes, nodes)) - distance / 25), 1)
    w[w < np.quantile(w[np.triu_indices(nodes, 1)], 1 - density)] = 0
    return na.Connectome(w + w.T, positions=positions, name=f"person {seed}")


def yardstick():
    w = np.random.default_rng(0).normal(size=(300, 300))
    start = time.process_time()
    for _ in range(5):
        np.linalg.eigvals(w)
    return (time.process_time() - start) / 5


def watched(spent):
    """Count what each measure takes, whichever of its steps that is in."""
    owner = {id(measure): name for name, measure in MEASURES.items()}

    def timed(step):
        def call(self, *args):
            start = time.process_time()
            try:
                return step(self, *args)
            finally:
                spent[owner[id(self)]] += time.process_time() - start

        return call

    for name in ("_handed", "_results", "_read"):
        setattr(Measure, name, timed(getattr(Measure, name)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--nulls", type=int, default=16)
    parser.add_argument("--nodes", type=int, default=360)
    parser.add_argument("--density", type=float, default=0.1)
    options = parser.parse_args()
    people = [person(seed, options.nodes, options.density) for seed in range(options.people)]
    how = {"null": "degree_preserving", "rng": 0, "n_jobs": 1, "progress": False}
    na.summarize(people[:1], names(), n_nulls=2, **how)  # compiles
    spent, before = Counter(), yardstick()
    watched(spent)
    start = time.process_time()
    na.summarize(people, names(), n_nulls=options.nulls, **how)
    networks = options.people * (options.nulls + 1)
    each = (time.process_time() - start) / networks
    for name, seconds in spent.most_common():
        print(f"{name:40s} {1e3 * seconds / networks:8.2f} ms")
    print(f"{len(names())} measures and null models: {1e3 * each:.0f} ms a network, 30 people {3030 * each:.0f} s")
    print(f"yardstick: {1e3 * before:.1f} and {1e3 * yardstick():.1f} ms")


if __name__ == "__main__":
    main()
