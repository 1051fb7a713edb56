"""The weight matrix, sorted by module."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize, SymLogNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from netanalysis._core import validate
from netanalysis.connectome import Connectome
from netanalysis.plot import _style


def one_network(net: Any, figure: str) -> Any:
    """Weights of a single network; a figure cannot show a stack."""
    w = validate.as_weights(net)
    if w.ndim != 2:
        raise ValueError(f"net must be one network for {figure}; got a stack of shape {w.shape}: draw its members")
    return w


def modules_of(net: Any, modules: Any, n: int) -> NDArray[Any] | None:
    """The partition to show: the one given, else the Connectome's own, else None."""
    if modules is None:
        return net.modules if isinstance(net, Connectome) else None
    return validate.as_labels(modules, n, "modules")


def weight_norm(values: NDArray[np.float64], scale: str) -> Normalize:
    """Colour scale over all values, nothing clipped: from 0 if none is negative, else symmetric about 0."""
    magnitude = np.abs(values[values != 0])
    top = float(magnitude.max(initial=0.0)) or 1.0
    signed = bool((values < 0).any())
    if scale == "linear" or magnitude.size == 0:
        return Normalize(-top if signed else 0.0, top)
    low = float(magnitude.min())
    if not signed:
        return LogNorm(low if low < top else top / 10, top)
    # Linear below the 5 % quantile of magnitudes, so that the log part covers what can be seen.
    return SymLogNorm(linthresh=min(float(np.quantile(magnitude, 0.05)), top / 10), vmin=-top, vmax=top)


def colour_bar(ax: Axes, image: Any, label: str) -> None:
    """A colour bar with plain-text ticks, drawn as pixels because vector strips show seams."""
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.046, pad=0.03)
    bar.set_label(label)
    bar.outline.set_visible(False)
    if bar.solids is not None:
        bar.solids.set(rasterized=True)  # no edges: they would double the opacity
    if isinstance(image.norm, LogNorm):
        _style.log_ticks(bar.ax.yaxis)
    elif isinstance(image.norm, SymLogNorm):
        top = float(np.abs(image.get_array()).max())
        decades = range(int(np.ceil(np.log10(image.norm.linthresh))), int(np.floor(np.log10(top))) + 1)
        powers = [10.0**k for k in decades]
        bar.set_ticks([-x for x in reversed(powers)] + [0.0, *powers])
        bar.ax.yaxis.set_major_formatter(_style.powers())
    bar.ax.minorticks_off()


def weight_matrix(
    net: Any,
    *,
    modules: Any = None,
    scale: str = "linear",
    cmap: Any = None,
    label: str = "Weight",
    colorbar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Weights from source (row) to target (column), nodes sorted by module, lines at module borders.

    Parameters
    ----------
    net : network, shape (n, n)
    modules : sequence of length n, optional
        Module of each node. Default: those of the Connectome; without any, nodes keep their order.
        Within a module nodes keep their order too.
    scale : {"linear", "log"}
        Colour scale. Signed weights get a diverging map centred on 0, whose log version is linear below the
        5 % quantile of the non-zero magnitudes. All values are within the scale, none is clipped.
    cmap : Colormap or str, optional
        Default: weak values fade into the page, so that strong ones stand out on light and dark.
    label : str
        Label of the colour bar; put the unit here.
    colorbar : bool
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Notes
    -----
    Zero means "no connection" and is left empty. Sparse networks are made dense, an error above 4 GiB.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> ax = na.plot.weight_matrix([[0, 2.0], [-1, 0]], modules=["a", "b"], ax=Figure().subplots())
    >>> ax.get_xlabel()
    'Target node (2), by module'
    """
    validate.choice(scale, ["linear", "log"], "scale")
    ax = _style.axes(ax)
    w = validate.dense(one_network(net, "weight_matrix"), measure="weight_matrix", instead="a subset of nodes")
    n = len(w)
    groups = modules_of(net, modules, n)
    if groups is not None:
        order = np.argsort(groups, kind="stable")
        w = w[np.ix_(order, order)]
    signed = bool((w < 0).any())
    image = ax.imshow(
        np.ma.masked_equal(w, 0.0),
        cmap=cmap if cmap is not None else _style.DIVERGING if signed else _style.SEQUENTIAL,
        norm=weight_norm(w, scale),
        interpolation="none" if n <= 1000 else "antialiased",  # vector files keep one pixel per entry
        interpolation_stage="rgba",
        extent=(0, n, n, 0),
    )
    if colorbar:
        colour_bar(ax, image, label)
    sorted_by = "" if groups is None else ", by module"
    ax.set(xlabel=f"Target node ({n:,}){sorted_by}", ylabel=f"Source node ({n:,}){sorted_by}")
    if groups is None:
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    else:
        _module_borders(ax, groups, n)
    return ax


def _module_borders(ax: Axes, groups: NDArray[Any], n: int) -> None:
    """Border lines, a coloured strip along both sides, and names of the modules large enough to carry one."""
    names, counts = np.unique(groups, return_counts=True)
    edges = np.concatenate([[0], np.cumsum(counts)])
    for edge in edges[1:-1]:
        ax.axhline(edge, color=_style.ink(ax), lw=0.4, alpha=0.6)
        ax.axvline(edge, color=_style.ink(ax), lw=0.4, alpha=0.6)
    for k, (start, size) in enumerate(zip(edges[:-1], counts, strict=True)):
        colour = _style.module_style(k)[0]
        left, top = ax.get_yaxis_transform(), ax.get_xaxis_transform()
        ax.add_patch(Rectangle((-0.035, start), 0.025, size, transform=left, color=colour, lw=0, clip_on=False))
        ax.add_patch(Rectangle((start, 1.01), size, 0.025, transform=top, color=colour, lw=0, clip_on=False))
    shown = counts >= 0.045 * n
    centres = (edges[:-1] + edges[1:]) / 2
    ax.set_xticks([])
    ax.set_yticks(centres[shown], [_style.short(name) for name in names[shown]], fontsize="small")
    ax.tick_params(axis="y", length=0, pad=11)
