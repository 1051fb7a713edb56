"""Clusters of points, by k-means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def k_means(points: NDArray[np.float64], k: int, *, n_init: int, seed: int) -> NDArray[np.int64]:
    """Labels of the best of `n_init` runs."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # on so few points threads cost more than they bring
        found = KMeans(k, n_init=n_init, random_state=seed % 2**32).fit(points)
    return np.asarray(found.labels_, dtype=np.int64)
