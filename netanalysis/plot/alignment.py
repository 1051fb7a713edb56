"""Function against anatomy: how far from chance each measure of their alignment is."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from netanalysis._core.pvalues import is_significant
from netanalysis.plot._axes import current_axes, ink, rows_frame
from netanalysis.plot._colour import BLUE, GREY, VERMILION
from netanalysis.plot._fit import fit, points
from netanalysis.plot._result import need_one, need_result
from netanalysis.plot._text import p_value

MEASURE_LABELS = {
    "isolated": "Isolated units",
    "isolated_order": "Isolated units, in row order",
    "index_variance": "Index variance",
    "join_count": "Like neighbours (join count)",
    "moran": "Moran’s I",
    "pair_distance": "Pair distance, within / all",
    "within_cluster_squares": "Within-cluster squares",
    "similarity_distance": "Dissimilarity ~ distance",
    "ami_positions": "AMI with k-means of place",
    "ari_positions": "ARI with k-means of place",
    "ami_communities": "AMI with communities",
    "ari_communities": "ARI with communities",
    "modularity": "Modularity Q",
    "within_between": "Weight, within / between",
    "assortativity": "Assortativity",
}


def clustering_alignment(result: Any, *, ax: Axes | None = None) -> Axes:
    """Every alignment measure against its null: what sees place above, what sees wiring below.

    Parameters
    ----------
    result : ClusteringAlignment
        From :func:`netanalysis.clustering_alignment`.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        One row per measure, in standard deviations from its null mean (z), turned so that right means aligned: bar, the
        central 95 % of the null; dot, the observed value, filled where one-sided p <= 0.05 (uncorrected; p at the
        right). Measures that are undefined or that the null cannot change are left out and counted.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> line = na.Connectome(np.eye(8, k=1), positions=np.arange(8.0)[:, None])
    >>> result = na.clustering_alignment(line, [0, 0, 0, 0, 1, 1, 1, 1], n_nulls=99, rng=0)
    >>> na.plot.clustering_alignment(result, ax=Figure().subplots()).get_xlabel()
    'Alignment, z against 99 shuffles'
    """
    need_result(result, "result", "clustering_alignment", "measures", "null", "n_nulls")
    need_one(result.n_units, 0, "result", "clustering_alignment")
    ax = current_axes(ax)
    shown = [m for m in result.measures.values() if np.isfinite(m.z)]
    if not shown:
        raise ValueError("result has no measure whose null varies")
    gap = next((k for k, m in enumerate(shown) if m.sees != shown[0].sees), len(shown))
    rows = np.arange(len(shown)) + np.where(np.arange(len(shown)) >= gap, 1.2, 0.0)
    right = ax.get_yaxis_transform()
    for y, measure in zip(rows, shown, strict=True):
        turn = -1 if measure.aligned == "low" else 1
        null = turn * (measure.null_distribution - measure.null_mean) / measure.null_std
        low, high = np.quantile(null[np.isfinite(null)], [0.025, 0.975])
        colour = BLUE if measure.sees == "place" else VERMILION
        ax.hlines(y, low, high, color=GREY, lw=6, alpha=0.4)
        face = colour if is_significant(measure.p) else "none"
        ax.scatter(turn * measure.z, y, s=34, facecolors=face, edgecolors=colour, lw=1.3, zorder=3)
    named = rows_frame(ax, rows, [MEASURE_LABELS[m.name] for m in shown], what="measures")
    size = min(ax.get_yticklabels()[0].get_fontsize(), points("small"))
    for k in named:
        ax.text(1.02, rows[k], p_value(shown[k].p), transform=right, va="center", fontsize=size)
    for start, stop in ((0, gap), (gap, len(shown))):
        if stop > start:
            ax.text(
                0.0,
                rows[start] - 0.62,
                f"sees {shown[start].sees}",
                transform=right,
                fontsize=size,
                fontweight="bold",
                va="bottom",
            )
    ax.axvline(0, color=ink(ax), lw=0.6, alpha=0.6)
    ax.set_ylim(rows[-1] + 0.7, -1.5)
    ax.margins(x=0.06)
    missing = len(result.measures) - len(shown)
    if missing:
        ax.set_title(f"{missing} undefined", fontsize="medium")
    kind = {"shuffle": "shuffles", "spin": "rotations", "eccentricity": "shuffles at equal radius"}
    ax.set_xlabel(f"Alignment, z against {result.n_nulls:,} {kind[result.null]}")
    fit(ax)
    return ax
