"""One network at several times of its training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import NDArray

from netanalysis._core import options
from netanalysis.connectome import Connectome, edge_distances
from netanalysis.plot._axes import open_frame, short_ticks
from netanalysis.plot._colour import colour_bar, weight_map, weight_norm
from netanalysis.plot._network import edge_list, one_network
from netanalysis.plot.distance import _spearman, weight_distance
from netanalysis.plot.distributions import _bins
from netanalysis.plot.matrix import weight_matrix


def snapshots(
    nets: Iterable[Any],
    *,
    what: Literal["weights", "matrix", "distance"] = "weights",
    titles: Sequence[str] | None = None,
    scale: Literal["linear", "log"] = "linear",
    label: str = "Weight",
    axes: Iterable[Axes] | None = None,
    figure: Any = None,
) -> list[Axes]:
    """One network at several times of its training, side by side on common scales.

    Parameters
    ----------
    nets : iterable of networks, shape (n, n)
        In the order in which they are drawn, such as the snapshots of one network of ``na.datasets.load("sernn")``.
    what : {"weights", "matrix", "distance"}
        Histogram of the weights between distinct nodes, with common bins; the weight matrix, with common colours;
        or weight against distance (:func:`weight_distance`), with common axes.
    titles : sequence of str, optional
        Default: the epochs in the metadata, else nothing.
    scale : {"linear", "log"}
        Colours of matrices, as for :func:`weight_matrix`.
    label : str
        Label of the weights; put the unit here.
    axes : iterable of Axes, optional
        As many as there are networks. Default: a new row of them in `figure`.
    figure : Figure or SubFigure, optional
        Default: pyplot's current figure, without anything in it.

    Returns
    -------
    list of Axes

    Raises
    ------
    ValueError
        If there is no network, or numbers of networks, titles and Axes differ.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> nets = [na.Connectome(k * np.ones((3, 3)), metadata={"epoch": k}) for k in (1, 2)]
    >>> [ax.get_title() for ax in na.plot.snapshots(nets, figure=Figure())]
    ['Epoch 1', 'Epoch 2']
    """
    options.choice(what, ["weights", "matrix", "distance"], "what")
    options.choice(scale, ["linear", "log"], "scale")
    if isinstance(nets, Connectome) and not nets.is_stack:
        raise ValueError("nets must be several networks, such as a list; got one Connectome")
    nets = list(nets)
    if not nets:
        raise ValueError("nets must hold at least one network; got none")
    weights = [one_network(net, "each of nets") for net in nets]
    drawn_on = _row(axes, figure, len(nets))
    if titles is not None and len(titles) != len(nets):
        raise ValueError(f"titles must have one entry per network, {len(nets)}; got {len(titles)}")
    if what == "matrix":
        _matrix(nets, weights, scale, label, drawn_on)
    else:
        {"weights": _weights, "distance": _distance}[what](nets, weights, label, drawn_on)
    narrow = _narrow(drawn_on)
    for k, (net, ax) in enumerate(zip(nets, drawn_on, strict=True)):
        epoch = net.metadata.get("epoch") if isinstance(net, Connectome) else None
        title = str(titles[k]) if titles is not None else "" if epoch is None else f"Epoch {epoch}"
        lines = [line for line in (title, ax.get_title()) if line]
        ax.set_title("\n".join(lines), fontsize=("x-small" if len(lines) > 1 else "small") if narrow else "medium")
        if k:
            ax.set_ylabel("")
            ax.tick_params(labelleft=False)
        if narrow:
            ax.xaxis.set_major_locator(NullLocator() if what == "matrix" else MaxNLocator(1))
            ax.yaxis.set_major_locator(NullLocator() if what == "matrix" else MaxNLocator(3))
            ax.tick_params(labelsize="x-small")
            ax.yaxis.label.set_fontsize("small")
        if narrow and k != len(nets) // 2:
            ax.set_xlabel("")
    return drawn_on


def _row(axes: Iterable[Axes] | None, figure: Any, count: int) -> list[Axes]:
    """The Axes given, else new ones."""
    if axes is not None:
        if figure is not None:
            raise ValueError("axes and figure say the same in two ways; give one")
        row = list(np.ravel(np.asarray(axes, dtype=object)))
        if len(row) != count:
            raise ValueError(f"axes must be as many as networks, {count}; got {len(row)}")
        return row
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.gcf()
    return list(figure.subplots(1, count, squeeze=False)[0])


def _weights(nets: list[Any], weights: list[Any], label: str, axes: list[Axes]) -> None:
    """Histograms, with common bins and heights."""
    import seaborn as sns

    from netanalysis.plot._colour import BLUE

    values = [edge_list(w)[2] for w in weights]
    edges = _bins(np.concatenate(values), log=False, integer=False)
    highest = max(np.histogram(value, edges)[0].max() for value in values)
    for value, ax in zip(values, axes, strict=True):
        sns.histplot(x=value, bins=edges, element="step", color=BLUE, alpha=0.3, linewidth=1.2, ax=ax)
        ax.set(xlabel=label, ylabel="Connections", xlim=edges[[0, -1]], ylim=(0, 1.05 * max(highest, 1)))
        short_ticks(ax.xaxis, ax.yaxis)
        open_frame(ax)


def _matrix(nets: list[Any], weights: list[Any], scale: str, label: str, axes: list[Axes]) -> None:
    """Weight matrices, with one colour bar for all."""
    every = np.concatenate([edge_values(w) for w in weights])
    cmap, norm = weight_map(every), weight_norm(every, scale)
    for net, ax in zip(nets, axes, strict=True):
        weight_matrix(net, colorbar=False, cmap=cmap, ax=ax)
        ax.images[0].set_norm(norm)
        ax.set_title("")
        if len(nets) > 2:
            ax.set(xlabel="Target node", ylabel="Source node")
    colour_bar(axes, axes[0].images[0], label, location="bottom" if _narrow(axes) else "right")


def _narrow(axes: list[Axes]) -> bool:
    """Whether there is room for few ticks only."""
    return bool(min(ax.get_window_extent().width / ax.figure.get_dpi() for ax in axes) < 1.25)


def _distance(nets: list[Any], weights: list[Any], label: str, axes: list[Axes]) -> None:
    """Weights against distance, on common axes."""
    pairs = [edge_list(w) for w in weights]
    spans = [
        edge_distances(net, None, w.shape[-1], *pair[:2]) for net, w, pair in zip(nets, weights, pairs, strict=True)
    ]
    for net, pair, span, ax in zip(nets, pairs, spans, axes, strict=True):
        weight_distance(net, label=label, ax=ax)
        ax.set_title(f"ρ = {_spearman(span, pair[2]):.2f}".replace("-", "−"))
        if (legend := ax.get_legend()) is not None:
            legend.remove()
            for child in list(ax.child_axes):  # the place that was kept for it
                child.remove()
    scale = "linear" if any(ax.get_yscale() == "linear" for ax in axes) else "log"
    data = np.concatenate([pair[2] for pair in pairs])
    low, high = (float(data.min(initial=np.inf)), float(data.max(initial=-np.inf)))
    room = 0.05 * (high - low) or 1.0
    for ax in axes:
        ax.set_yscale(scale)
        ax.set(xlim=(0, 1.03 * max(span.max(initial=0.0) for span in spans)))
        if np.isfinite(low):
            ax.set_ylim((low / 1.3, high * 1.3) if scale == "log" else (min(0.0, low - room), high + room))


def edge_values(w: Any) -> NDArray[np.float64]:
    """All weights, those that are 0 left out."""
    from scipy import sparse

    values = w.data if sparse.issparse(w) else w.ravel()
    return np.asarray(values[values != 0], dtype=float)
