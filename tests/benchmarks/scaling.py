"""How time and memory grow: eight questions of 10,000 to 1,000,000 nodes with 50 connections each, and a peer's answer.

    python -m tests.benchmarks.scaling 10000 100000 [1000000] [-k WORDS]

Networks are degree-corrected blocks with lognormal degrees and weights and with positions. Every answer is given by a
process of its own, after one of a small network that has the kernels compiled; counted are its CPU seconds, which on
a machine with one or two cores bound what a user waits, and its peak memory, the network's included. Rows go to
scaling.csv beside this file, replacing those of the same question, size and program, and scaling.svg is drawn anew.
Peers are given what they hold before the clock starts (graphs); where one does another thing that answers the same
question (a best of one run instead of three, samples), its name says so.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from scipy import sparse

HERE = Path(__file__).parent
DEGREE, ENDS, HOPS, SOURCES = 50, 100, 5, 30


def network(n, seed=0):
    """About 50 connections a node, half of them within blocks."""
    import netanalysis as na

    rng = np.random.default_rng(seed)
    blocks = max(10, round(n**0.5 / 5))
    block = np.arange(n) * blocks // n
    ends = np.cumsum(rng.lognormal(size=n))
    below = np.concatenate([[0], ends])[np.searchsorted(block, np.arange(blocks))]
    above = ends[np.searchsorted(block, np.arange(blocks), side="right") - 1]
    count = int(n * DEGREE * 1.1)
    sources = np.minimum(np.searchsorted(ends, rng.random(count) * ends[-1]), n - 1)
    inside, place = rng.random(count) < 0.5, rng.random(count)
    own = block[sources]
    reach = np.where(inside, below[own] + place * (above - below)[own], place * ends[-1])
    targets = np.minimum(np.searchsorted(ends, reach), n - 1)
    pairs = np.unique(sources * np.int64(n) + targets)
    pairs = pairs[pairs // n != pairs % n]
    pairs = np.sort(rng.permutation(pairs)[: n * DEGREE])
    w = sparse.csr_array((rng.lognormal(size=len(pairs)), (pairs // n, pairs % n)), shape=(n, n))
    positions = 3 * rng.normal(size=(blocks, 3))[block] + rng.normal(size=(n, 3))
    return na.Connectome(w, positions=positions)


def answers(net):
    """The questions: ours."""
    import netanalysis as na

    ends = np.arange(ENDS)
    both = abs(net.weights + net.weights.T)
    return {
        "weight entropy": lambda: na.weight_entropy(net),
        "clustering": lambda: na.clustering(both, method="binary").mean(),
        "Q": lambda: na.detect_communities(both, n_restarts=1, rng=0).modularity,
        "rewiring": lambda: na.nulls.degree_preserving(net, rng=0).sum(),
        "pathways": lambda: na.pathways(
            net, inputs=ends, outputs=ends + ENDS, max_hops=HOPS, normalize="spectral_radius"
        ).hop_share[-1],
        "influence": lambda: na.influence(net, sources=ends).scores.mean(),
        "spectral radius": lambda: na.spectral_radius(net),
        "path estimates": lambda: na.estimate_path_length(net, n_sources=SOURCES, rng=0).value,
    }


def peers(net):
    """The fastest peers: name, what they hold before the clock starts, and what they do with it."""
    import igraph
    import networkit
    from scipy import stats
    from scipy.sparse import csgraph, linalg

    networkit.setNumberOfThreads(2)
    w, n = net.weights, net.n_nodes
    both = sparse.triu(abs(w + w.T), k=1).tocoo()

    def undirected():
        return networkit.GraphFromCoo((both.data, (both.row, both.col)), n=n, weighted=True, directed=False)

    def graph():
        rows, columns = w.nonzero()
        return igraph.Graph(n=n, edges=np.column_stack([rows, columns]), directed=True)

    def entropy(w):
        rows = np.split(w.data, w.indptr[1:-1])
        return np.mean([stats.entropy(row, base=2) if len(row) else 0.0 for row in rows])

    def clustering(g):
        return np.mean(networkit.centrality.LocalClusteringCoefficient(g, turbo=True).run().scores())

    def q(g):
        found = networkit.community.PLM(g, refine=True).run().getPartition()
        return networkit.community.Modularity().getQuality(found, g)

    def rewired(g):
        g.rewire(n=10 * g.ecount())
        return g.ecount()

    def walks(w):
        x, back = np.eye(n, ENDS), w.T.tocsr()
        for _ in range(HOPS):
            x = back @ x
        return np.abs(x[ENDS : 2 * ENDS]).sum()

    def steady(w):
        radius = np.abs(linalg.eigs(w, k=1, return_eigenvectors=False, v0=np.ones(n))).max()
        drive = (np.arange(n) < ENDS).astype(float)
        return linalg.gmres(sparse.eye_array(n) - 0.9 / radius * w.T, drive, rtol=1e-10)[0].mean()

    def radius(w):
        return np.abs(linalg.eigs(w, k=1, return_eigenvectors=False, v0=np.ones(n))).max()

    def lengths(w):
        inverse = w.copy()
        inverse.data = 1 / inverse.data
        found = csgraph.dijkstra(inverse, indices=np.random.default_rng(0).choice(n, SOURCES, replace=False))
        return found[np.isfinite(found) & (found > 0)].mean()

    def same():
        return w

    return {
        "weight entropy": ("scipy.stats, row by row", same, entropy),
        "clustering": ("networkit", undirected, clustering),
        "Q": ("networkit PLM, refined", undirected, q),
        "rewiring": ("igraph", graph, rewired),
        "pathways": ("scipy products", same, walks),
        "influence": ("scipy eigs and gmres", same, steady),
        "spectral radius": ("scipy eigs", same, radius),
        "path estimates": ("scipy dijkstra", same, lengths),
    }


def one(question, n, program):
    """CPU seconds, peak memory in GiB and the value, as JSON."""
    import warnings

    warnings.simplefilter("ignore")
    if program == "netanalysis":
        answers(network(2000))[question]()
        answers(network(40_000))[question]()  # compiled kernels of large networks too
        net = network(n)
        run, name = answers(net)[question], program
    else:
        net = network(n)
        name, prepare, call = peers(net)[question]
        held = prepare()

        def run():
            return call(held)

    begin, wall = time.process_time(), time.perf_counter()
    value = float(run())
    took, waited = time.process_time() - begin, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    row = {"question": question, "nodes": n, "program": name, "cpu_s": took, "wall_s": waited}
    print(json.dumps(row | {"peak_gib": peak, "value": value}))


def main():
    import pandas as pd

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nodes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("-k", default="", help="questions that hold this text")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=float, default=1800, help="wall seconds of one answer")
    given = parser.parse_args()
    if given.one:
        one(given.one[0], given.nodes[0], given.one[1])
        return
    path = HERE / "scaling.csv"
    keys = ["question", "nodes", "program"]
    table = (
        pd.read_csv(path) if path.exists() else pd.DataFrame(columns=[*keys, "cpu_s", "wall_s", "peak_gib", "value"])
    )
    environment = {**os.environ, "NUMBA_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"}
    for n in given.nodes:
        for question in [q for q in QUESTIONS if given.k in q]:
            for program in ("netanalysis", "peer"):
                command = [sys.executable, "-m", "tests.benchmarks.scaling", str(n), "--one", question, program]
                try:
                    done = subprocess.run(
                        command, env=environment, capture_output=True, text=True, timeout=given.limit, check=True
                    )
                except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
                    print(f"{question}, {n:,}, {program}: {str(error.stderr or error)[-200:]}", flush=True)
                    continue
                row = json.loads(done.stdout.strip().splitlines()[-1])
                print(row, flush=True)
                same = (table[keys] == [row[key] for key in keys]).all(axis=1)
                rows = [table[~same], pd.DataFrame([row])]
                table = pd.concat([part for part in rows if len(part)]).sort_values(keys, ignore_index=True)
                table.to_csv(path, index=False, float_format="%.4g")
    draw(table).savefig(HERE / "scaling.svg")


QUESTIONS = (
    "weight entropy", "clustering", "Q", "rewiring", "pathways", "influence", "spectral radius", "path estimates",
)  # fmt: skip


def draw(table):
    """One panel a question: CPU seconds by nodes, ours and the peer's, and a line of slope 1."""
    from matplotlib import ticker
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.subplots(2, 4, sharex=True)
    for ax, question in zip(axes.flat, QUESTIONS, strict=True):
        rows = table[table["question"] == question]
        for program, part in rows.groupby("program"):
            ours = program == "netanalysis"
            style = (
                {"color": "#0072B2", "marker": "o", "lw": 2} if ours else {"color": "#999999", "marker": "s", "lw": 1}
            )
            ax.loglog(part["nodes"], part["cpu_s"], ms=4, label=program, **style)
            if ours and len(part):
                first = part.iloc[0]
                sizes = np.array([1e4, 1e6])
                ax.loglog(sizes, first["cpu_s"] * sizes / first["nodes"], color="#0072B2", lw=0.8, ls=":")
        peer = [program for program in rows["program"].unique() if program != "netanalysis"]
        ax.set_title(question, fontsize=9)
        ax.text(
            0.03,
            0.97,
            "\n".join(peer).replace(", ", ",\n"),
            transform=ax.transAxes,
            va="top",
            fontsize=6.5,
            color="#666666",
        )
        ax.tick_params(labelsize=7)
        ax.xaxis.set_minor_locator(ticker.NullLocator())
        ax.margins(y=0.25)
        ax.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("Nodes, 50 connections each", fontsize=9)
    figure.supylabel("CPU seconds (dotted: linear)", fontsize=9)
    return figure


if __name__ == "__main__":
    main()
