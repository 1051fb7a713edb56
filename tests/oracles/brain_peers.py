"""Values of netneurotools, brainsmash and brainspace where these are right: ``python -m tests.oracles.brain_peers``.

Writes brain_peers.npz. They are no dependencies: ``pip install netneurotools brainsmash brainspace`` in an environment
of its own. Made with netneurotools 0.3.0, brainsmash 0.11.0, brainspace 0.3.0 on 29 November 2026.
"""

from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("brain_peers.npz")


def network(n=36):
    """Weights with three digits, so that the file is exact; connected; places; and a map that is smooth in them."""
    rng = np.random.default_rng(20)
    place = rng.normal(size=(n, 3)).round(3)
    distance = np.linalg.norm(place[:, None] - place, axis=-1)
    w = np.triu((rng.lognormal(size=(n, n)) * (rng.random((n, n)) < np.exp(-distance / 2))).round(3), 1)
    w[np.arange(n - 1), np.arange(1, n)] += 0.5
    return w + w.T, place, (place @ [1, 0.5, 0.2] + 0.3 * rng.normal(size=n)).round(3)


def values(w, place, x):
    """What the peers make of it."""
    from brainsmash.mapgen.base import Base
    from brainspace.null_models.moran import compute_mem
    from netneurotools import metrics

    lengths = np.divide(1.0, w, out=np.zeros_like(w), where=w > 0)
    distance = np.linalg.norm(place[:, None] - place, axis=-1)
    variogram, lags = Base(x, distance, nh=25, pv=25).compute_smooth_variogram(x, return_h=True)
    navigated = metrics.navigation_wu(distance, w)
    inverse = np.divide(1.0, distance, out=np.zeros_like(distance), where=distance > 0)
    return {
        "search_information": metrics.search_information(w, lengths),
        "mean_first_passage_time": metrics.mean_first_passage_time(w),
        "diffusion_efficiency": metrics.diffusion_efficiency(w)[0],
        "communicability": metrics.communicability_wei(w),
        "communicability_binary": metrics.communicability_bin((w > 0).astype(float)),
        "flow_graph": metrics.flow_graph(w, r=np.ones((len(w), 1)), t=1),
        "matching_index_binary": metrics.matching_ind_und((w > 0).astype(float)),
        "shortest_paths": metrics.distance_wei_floyd(lengths)[0],
        "navigation_lengths": metrics.get_navigation_path_length(navigated[4], lengths),
        "navigation_hops": navigated[3],
        "lags": lags,
        "variogram": variogram,
        "moran_eigenvalues": np.sort(compute_mem(inverse, spectrum="nonzero")[1])[::-1],
    }


if __name__ == "__main__":
    w, place, x = network()
    np.savez_compressed(FILE, weights=w, positions=place, map=x, **values(w, place, x))
