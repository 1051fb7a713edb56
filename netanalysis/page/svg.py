"""Figures as SVG that belongs to the page: its font, its text colour on light and dark, unique ids."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO

import matplotlib.style
from markupsafe import Markup, escape
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from netanalysis.plot._fit import extent

_INK = "#0a0b0c"  # stands for the page's text colour until the SVG is written
_STYLE = {
    "font.size": 9.0,
    "axes.titlesize": "medium",
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    **{f"{part}color": _INK for part in ("text.", "axes.label", "axes.edge", "xtick.", "ytick.")},
}


def render(draw: Callable[..., object], *, key: str, alt: str, size: tuple[float, float] = (4.4, 3.5)) -> Markup:
    """Draw on new Axes of `size` inches and return inline SVG; `key` makes its ids unique in the page."""
    with matplotlib.style.context(["default", _STYLE | {"svg.hashsalt": key}]):
        figure = Figure(figsize=size, layout="constrained")
        draw(ax=figure.subplots())
        engine = figure.get_layout_engine()
        assert engine is not None
        engine.execute(figure)
        figure.set_layout_engine("none")  # arranged once is enough
        box, beyond = extent(figure)
        buffer = StringIO()
        metadata = {"Date": None, "Creator": None}
        if beyond:
            figure.savefig(buffer, format="svg", dpi=160, bbox_inches=box, metadata=metadata)
        else:  # savefig draws twice, once for a layout that is made already
            figure.set_dpi(160)
            FigureCanvasSVG(figure).print_svg(buffer, metadata=metadata)
    return Markup(_for_page(buffer.getvalue(), key, alt))  # matplotlib escapes the text it is given


def _for_page(svg: str, key: str, alt: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', _opening(alt), svg, count=1)
    svg = svg.replace(_INK, "currentColor")
    svg = re.sub(r"(font: [^;\"]*?px) [^;\"]*", r"\1 var(--font)", svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: var(--font)", svg)
    svg = re.sub(r'\bid="', f'id="{key}-', svg)
    svg = re.sub(r'href="#', f'href="#{key}-', svg)
    svg = re.sub(r"url\(#", f"url(#{key}-", svg)
    # A hundredth of a point is finer than any screen, and indentation is for nobody.
    svg = re.sub(r'(?<= )(?:d|x|y)="[^"]*"', lambda m: re.sub(r"(\.\d\d)\d+", r"\1", m[0]).replace("\n", ""), svg)
    return re.sub(r"\n\s*", "\n", svg)


def _opening(alt: str) -> str:
    label = str(escape(alt)).replace("\\", "\\\\")
    return rf'<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="\1" role="img" aria-label="{label}">'
