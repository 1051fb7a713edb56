"""Values of netrd, graspologic and dsa-metric, right and wrong: ``python -m tests.oracles.comparison_peers``.

Writes comparison_peers.npz. They are no dependencies: ``pip install netrd graspologic dsa-metric`` in an environment of
its own. Made with netrd 0.3.0, graspologic 3.4.4 and dsa-metric 2.0.2 on 29 November 2026.

Where they are not right: netrd's communicability of networks of different size raises, and the Jensen-Shannon
divergence of its Laplacian spectra is nan for a ring and a star. dsa-metric divides its matrices by their norms
whatever the metric, so that its "euclidean" is the chord of the angle; its search ends where it ends: two runs differ.
"""

import warnings
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("comparison_peers.npz")
DELAYS, RANK = 3, 5


def networks():
    """Two undirected networks of 20 nodes, connected, and one of 14."""
    rng = np.random.default_rng(7)
    out = []
    for n, share in ((20, 0.15), (20, 0.3), (14, 0.3)):
        w = np.triu(rng.random((n, n)) < share, 1).astype(float)
        w[np.arange(n - 1), np.arange(1, n)] = 1
        out.append(w + w.T)
    return out


def order_of_nodes():
    return np.random.default_rng(9).permutation(20)


def recordings():
    """Two noisy linear systems, of 3 and 5 units."""
    rng = np.random.default_rng(8)
    out = []
    for n in (3, 5):
        turn = 0.95 * np.linalg.qr(rng.normal(size=(n, n)))[0]
        x = [rng.normal(size=(10, n))]
        for _ in range(39):
            x.append(x[-1] @ turn + 0.3 * rng.normal(size=(10, n)))
        out.append(np.stack(x, axis=1).round(3))
    return out


def values():
    import networkx as nx
    import torch
    from DSA import DSA
    from graspologic.match import graph_match
    from netrd import distance

    nets = networks()
    graphs = [nx.from_numpy_array(w) for w in nets]
    a, b, small = graphs
    spectra = distance.LaplacianSpectral()
    out = {
        "portrait": distance.PortraitDivergence().dist(a, b),
        "portrait of sizes": distance.PortraitDivergence().dist(a, small),
        "communicability": distance.CommunicabilityJSD().dist(a, b),
        "normalized laplacian": spectra.dist(a, b, normed=True, kernel=None),
        "laplacian": spectra.dist(a, b, normed=False, kernel=None),
        "laplacian of ring and star": spectra.dist(nx.cycle_graph(4), nx.star_graph(3)),
    }
    try:
        out["communicability of sizes"] = distance.CommunicabilityJSD().dist(a, small)
    except ValueError:
        out["communicability of sizes"] = np.nan
    starts = [graph_match(nets[0], nets[1], n_init=1, rng=k, shuffle_input=True).score for k in range(100)]
    out["matching, mean of 100 starts"] = np.mean(starts)
    order = order_of_nodes()
    out["matching, planted"] = graph_match(nets[0], nets[0][np.ix_(order, order)], n_init=20, rng=0).score
    torch.manual_seed(0)
    x, y = recordings()
    for metric in ("angular", "euclidean"):
        found = DSA(x, y, score_method=metric, n_delays=DELAYS, rank=RANK, iters=4000, lr=1e-2, verbose=False)
        out[metric] = float(np.squeeze(found.fit_score()))
    return out


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    found = values()
    print(found)
    np.savez_compressed(FILE, **found)
