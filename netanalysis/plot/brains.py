"""Values of parcels where they lie, seen from several sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, Normalize
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, validate
from netanalysis.plot._axes import current_axes, ink
from netanalysis.plot._colour import DIVERGING, GREY, SEQUENTIAL, colour_bar
from netanalysis.plot._fit import BAR, break_lines, points, size_of
from netanalysis.plot._network import positions_of, unit_of
from netanalysis.plot._text import plain


class _View(NamedTuple):
    """What lies to the right, what lies up and what lies near, as signed axes: 1 is x, -2 is y turned round."""

    right: int
    up: int
    near: int


# x grows to the right, y to the front, z to the top, as in all templates of brains.
_VIEWS = {
    "left": _View(-2, 3, -1),
    "right": _View(2, 3, 1),
    "top": _View(1, 2, 3),
    "bottom": _View(-1, 2, -3),
    "front": _View(-1, 3, 2),
    "back": _View(1, 3, -2),
}


def parcels(
    values: ArrayLike,
    net: Any = None,
    *,
    positions: ArrayLike | None = None,
    hemispheres: Any = None,
    views: Sequence[str] | str | None = None,
    limits: tuple[float, float] | None = None,
    cmap: Any = None,
    label: str = "Value",
    ax: Axes | None = None,
) -> Axes:
    """A map of parcels as dots in space: from the left, from the top and from the front.

    Parameters
    ----------
    values : array_like, shape (n,)
        One per parcel; nan is drawn as a cross.
    net : Connectome, optional
        Gives positions and their unit.
    positions : array_like, shape (n, 3) or (n, 2), optional
        x to the right, y to the front, z to the top, as in MNI coordinates. In two dimensions there is only the view
        from the top.
    hemispheres : sequence of length n, optional
        Two labels; the one further to the left is the left. Default: left where x is below 0, if x is on both sides of
        0; False for one body, such as a worm. Views from the left and from the right show their own hemisphere alone,
        others all parcels.
    views : sequence of {"left", "right", "top", "bottom", "front", "back"}, optional
        One or several, beside each other on the same scale. Default: left, top and front.
    limits : (low, high), optional
        Ends of the colour scale; values beyond have the colour of the end. Default: the least and the largest value,
        or symmetric about 0 where some are negative.
    cmap : Colormap or str, optional
        Default: diverging where `limits` lie on both sides of 0.
    label : str
        Of the colour bar; put the unit here.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        A bar on the left says how long a round length is. Near dots lie on far ones; L and R mark hemispheres.

    Raises
    ------
    ValueError
        Without positions, for other than two hemispheres, or where a view has no parcel.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> net = na.datasets.load("human_schaefer100")
    >>> ax = na.plot.parcels(na.strength(net), net, label="Strength (streamlines)", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_xticklabels()], ax.get_ylabel()
    (['left (50)', 'top (100)', 'front (100)'], '50 mm')
    """
    array = one_per_parcel(values)
    place = positions_of(net, positions, len(array))
    largest = float(np.abs(place).max())
    if not (1e-100 < largest < 1e100 or largest == 0):
        raise ValueError(f"positions must be of a size between 1e-100 and 1e100; the largest is {largest:.3g}")
    d = place.shape[1]
    if d not in (2, 3):
        raise ValueError(f"positions must have 2 or 3 coordinates to be drawn; got {d}")
    names = _names(views, d)
    side = _left(hemispheres, place)
    ax = current_axes(ax)
    norm, chosen = colour_scale(array, limits, cmap)
    shown = [_seen(name, place, side) for name in names]
    spans = [np.ptp(xy, axis=0) for _, xy in shown]
    gap = 0.12 * max(float(span.max()) for span in spans) or 1.0
    width, height = sum(float(span[0]) for span in spans) + gap * len(spans), max(float(span[1]) for span in spans)
    area = _dot(ax, width, height + gap, spans, [len(nodes) for nodes, _ in shown])
    left, ticks, dots = gap / 2, [], None
    for name, (nodes, xy), span in zip(names, shown, spans, strict=True):
        corner = xy.min(axis=0)
        at = xy - corner + [left, (height - span[1]) / 2]
        known = np.isfinite(array[nodes])
        style: dict[str, Any] = {"cmap": chosen, "norm": norm, "edgecolors": GREY, "lw": 0.4, "s": area}
        dots = ax.scatter(at[known, 0], at[known, 1], c=array[nodes][known], **style)
        if not known.all():
            ax.scatter(at[~known, 0], at[~known, 1], s=area / 2, c=GREY, marker="x", lw=0.9)
        if side is not None and abs(_VIEWS[name].right) == 1:
            _letters(ax, _VIEWS[name].right, left, float(span[0]), height, gap)
        ticks.append((left + span[0] / 2, f"{name} ({len(nodes):,})"))
        left += span[0] + gap
    _frame(ax, ticks, width, height, gap, unit_of(net).strip(" ()"))
    if not np.isfinite(array).all():
        ax.set_title(f"×: no value for {int(np.isnan(array).sum()):,} parcels", fontsize="small")
        break_lines(ax.title, 0.9 * size_of(ax)[0])
    colour_bar(ax, dots, plain(label))
    return ax


def one_per_parcel(values: ArrayLike) -> NDArray[np.float64]:
    """A map as numbers; nan is allowed, infinite ones are not."""
    array = validate.as_array(values, "values", shape=(None,), undefined=True)
    if not len(array):
        raise ValueError("values must be one per parcel, shape (n,); got none")
    return array


def _names(views: Any, d: int) -> list[str]:
    if views is None:
        return ["left", "top", "front"] if d == 3 else ["top"]
    names = [views] if isinstance(views, str) else list(views)
    for name in names:
        options.choice(name, list(_VIEWS), "views")
    if not names:
        raise ValueError("views must name at least one view; got none")
    if d == 2 and names != ["top"]:
        raise ValueError(f"positions in two dimensions have only the view 'top'; got {names}")
    return names


def _left(hemispheres: Any, place: NDArray[np.float64]) -> NDArray[np.bool_] | None:
    """Which parcels are on the left; None where there are no hemispheres."""
    x = place[:, 0]
    if hemispheres is False:
        return None
    if hemispheres is None:
        return x < 0 if (x < 0).any() and (x > 0).any() and place.shape[1] == 3 else None
    names, member = np.unique(validate.as_labels(hemispheres, len(x), "hemispheres"), return_inverse=True)
    if len(names) != 2:
        raise ValueError(f"hemispheres must be two; got {names.tolist()[:6]}: hemispheres=False for one body")
    return member == int(np.argmin([x[member == k].mean() for k in (0, 1)]))


def colour_scale(array: NDArray[np.float64], limits: Any, cmap: Any) -> tuple[Normalize, Any]:
    """The scale and the colours of a map: those asked for, else those that show all its values."""
    known = array[np.isfinite(array)]
    if limits is not None:
        try:
            low, high = (float(x) for x in limits)
        except (TypeError, ValueError):
            low = high = np.nan
        if not np.isfinite([low, high]).all() or low >= high:
            raise ValueError(f"limits must be two numbers (low, high), low below high; got {limits!r}")
    else:
        low, high = float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))
        if not known.size:
            low, high = 0.0, 1.0
        elif low < 0:
            high = max(high, -low)
            low = -high
        elif low == high:
            low, high = (0.0, high) if high > 0 else (0.0, 1.0)
    own = opaque(DIVERGING if low < 0 < high else SEQUENTIAL)
    return Normalize(low, high, clip=True), own if cmap is None else cmap


def opaque(cmap: Any) -> ListedColormap:
    """A map that fades, as it looks on white: what lies below a dot must not change its colour."""
    colours = cmap(np.linspace(0, 1, 256))
    alpha = colours[:, 3:]
    return ListedColormap(alpha * colours[:, :3] + (1 - alpha), name=f"{cmap.name}_opaque")


def _seen(
    name: str, place: NDArray[np.float64], left: NDArray[np.bool_] | None
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The parcels that a view shows, far ones first, and where they lie on the page."""
    view = _VIEWS[name]
    keep = np.ones(len(place), bool)
    if left is not None and name in ("left", "right"):
        keep = left if name == "left" else ~left
    nodes = np.flatnonzero(keep)
    if not len(nodes):
        raise ValueError(f"the view from the {name} has no parcel: leave it out of views, or give hemispheres=False")

    def along(axis: int) -> NDArray[np.float64]:
        return np.sign(axis) * place[nodes, abs(axis) - 1]

    xy = np.column_stack([along(view.right), along(view.up)])
    if place.shape[1] == 3:
        order = np.argsort(along(view.near), kind="stable")
        nodes, xy = nodes[order], xy[order]
    return nodes, xy


def _dot(ax: Axes, width: float, height: float, spans: list[Any], counts: list[int]) -> float:
    """Area of dots in points: as large as leaves room between the parcels of the most crowded view."""
    across, up = size_of(ax)
    scale = min((across - BAR) / width, up / height)
    least = min(scale**2 * float(np.prod(span)) / count for span, count in zip(spans, counts, strict=True))
    return float(np.clip(0.75 * least, 5, 130))


def _letters(ax: Axes, right: int, left: float, width: float, height: float, gap: float) -> None:
    sides = ("L", "R") if right > 0 else ("R", "L")
    for letter, x, way in zip(sides, (left, left + width), ("left", "right"), strict=True):
        ax.text(x, height + 0.3 * gap, letter, ha=way, va="bottom", fontsize="x-small", color=ink(ax))


def _frame(ax: Axes, ticks: list[Any], width: float, height: float, gap: float, unit: str) -> None:
    """Names of views below, and on the left a bar of a round length."""
    shared = len(ax.get_shared_x_axes().get_siblings(ax)) > 1 or len(ax.get_shared_y_axes().get_siblings(ax)) > 1
    ax.set_aspect("equal", adjustable="datalim" if shared else "box")  # of a twin matplotlib changes no box
    ax.set(xlim=(0, width), ylim=(-0.6 * gap, height + 1.1 * gap))
    size = points("small")
    room = 0.8 * size_of(ax)[0] / max(1, len(ticks))
    longest = max(len(text) for _, text in ticks)
    ax.set_xticks([x for x, _ in ticks], [text for _, text in ticks], fontsize=min(size, room / (0.57 * longest)))
    ax.tick_params(axis="both", length=0)
    ax.set_yticks([])
    length = _round_length(height / 2)
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.spines["left"].set_bounds(0, length)
    ax.spines["left"].set_linewidth(1.4)
    text = np.format_float_positional(length, trim="-") if 1e-4 < length < 1e6 else f"{length:.0e}"
    ax.set_ylabel(f"{text} {unit}".strip(), fontsize="small", loc="bottom")


def _round_length(most: float) -> float:
    """1, 2 or 5 times a power of ten, at most so long."""
    if most <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(step for step in (1.0, 2.0, 5.0) if step * power <= most * (1 + 1e-9)) * power)
