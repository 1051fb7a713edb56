"""What a whole figure needs: letters for its panels, and files."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text

from netanalysis._core import options
from netanalysis._core.files import written_whole
from netanalysis.plot._axes import keep_room_above
from netanalysis.plot._fit import extent


def panel_letters(axes: Any, *, letters: Iterable[str] | None = None) -> list[Text]:
    """Letter the panels of a figure: bold a, b, c … above the upper left corner, outside the Axes.

    Parameters
    ----------
    axes : Axes, array or iterable of them, or mapping
        In the order of the letters: an array row by row. The keys of a mapping, as ``figure.subplot_mosaic`` gives it,
        are the letters.
    letters : iterable of str, optional
        One for each of the Axes; default: a, b, c …

    Returns
    -------
    list of Text

    Raises
    ------
    ValueError
        If there are not as many letters as Axes.

    Notes
    -----
    The letter is the left title of its Axes, so that a layout engine keeps room for it, and ends where the Axes begin,
    so that it is clear of a title in the middle. Letters and titles of a row stand at one height, above its legends.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> [text.get_text() for text in na.plot.panel_letters(Figure().subplots(2, 2))]
    ['a', 'b', 'c', 'd']
    """
    if isinstance(axes, Mapping):
        letters = axes.keys() if letters is None else letters
        axes = list(axes.values())
    panels: list[Any] = [axes] if isinstance(axes, Axes) else list(np.ravel(np.asarray(axes, dtype=object)))
    if not all(isinstance(panel, Axes) for panel in panels):
        odd = next(panel for panel in panels if not isinstance(panel, Axes))
        raise TypeError(
            f"axes must be Axes, an array, iterable or mapping of them; got {type(odd).__name__} among them"
        )
    if letters is None:
        if len(panels) > 26:
            raise ValueError(f"letters must be given for more than 26 Axes; got {len(panels)}")
        letters = "abcdefghijklmnopqrstuvwxyz"[: len(panels)]
    texts = list(letters)
    if len(texts) != len(panels):
        raise ValueError(f"letters must be as many as Axes, {len(panels)}; got {len(texts)}")
    for row in _rows(panels):
        keep_room_above(row)
    return [
        panel.set_title(text, loc="left", ha="right", fontweight="bold", fontsize="large")
        for panel, text in zip(panels, texts, strict=True)
    ]


def _rows(panels: list[Axes]) -> list[list[Axes]]:
    """Panels that begin at the same height of one grid."""
    rows: dict[Any, list[Axes]] = {}
    for panel in panels:
        place = panel.get_subplotspec()
        key = panel if place is None else (place.get_gridspec(), place.rowspan.start)
        rows.setdefault(key, []).append(panel)
    return list(rows.values())


def save(figure: Any, path: str | os.PathLike[str], *, dpi: int = 300) -> tuple[Path, Path]:
    """Write a figure as .svg and as .png: both whole, or neither, and nothing of it cut off.

    Parameters
    ----------
    figure : Figure, or Axes of one
    path : path
        Its suffix, if it is .svg or .png, does not matter: ``"fig2"`` writes fig2.svg and fig2.png.
    dpi : int
        Dots per inch of the .png, and of parts of the .svg that are pixels.

    Returns
    -------
    svg, png : Path
        As large as the figure, or, with a warning, as what reaches beyond it.

    Raises
    ------
    TypeError
        If `figure` is no figure.
    OSError
        If a file cannot be written; older files of these names are then as they were.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> [file.name for file in na.plot.save(Figure(), Path(tempfile.mkdtemp()) / "fig2")]
    ['fig2.svg', 'fig2.png']
    """
    figure = figure.get_figure(root=True) if isinstance(figure, Axes) else figure
    if not hasattr(figure, "savefig"):
        raise TypeError(f"figure must be a matplotlib Figure, or Axes of one; got {type(figure).__name__}")
    dpi = options.positive_int(dpi, "dpi")
    path = Path(path)
    stem = path.with_suffix("") if path.suffix.lower() in (".svg", ".png") else path
    files = stem.with_name(f"{stem.name}.svg"), stem.with_name(f"{stem.name}.png")
    figure.draw_without_rendering()  # a layout engine settles at the second drawing
    box, beyond = extent(figure)
    if beyond:
        width, height = figure.get_size_inches()
        said = (
            f"save: labels reach beyond the figure of {width:.3g} x {height:.3g} inches, so the files are of "
            f"{box.width:.3g} x {box.height:.3g}"
        )
        if figure.get_layout_engine() is None:
            said += "; with plt.figure(…, layout='constrained') they find room within it"
        warnings.warn(said, stacklevel=2)
    with ExitStack() as stack:
        parts = [stack.enter_context(written_whole(file)) for file in files]
        for part, metadata in zip(parts, ({"Date": None}, {}), strict=True):
            box_inches = {"bbox_inches": box} if beyond else {}
            figure.savefig(part, format=part.suffix[1:], dpi=dpi, metadata=metadata, **box_inches)
    return files
