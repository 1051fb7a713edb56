"""Pages of the site that follow from the package: nothing on them is typed twice."""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib
import probes
from matplotlib.figure import Figure

import netanalysis as na

ROOT = Path(__file__).resolve().parents[1]
SPACES = ("plot", "nulls", "transform", "maps", "datasets")
WIDTH = 4.5  # inches of a picture

_WHICH_NULL = """\
# Which null model?

A null model answers what a number would be if only some properties of the network were as they are. Choose the one
that keeps what your claim takes for granted, and destroys what it is about.

For functional connectivity and other correlation matrices take `hirschberger_qi_steuer`, or `phase_randomized` and
`circular_shift` where the recording is there: shuffled weights are no correlation matrix. For networks in space take
`geometry_preserving`, `wiring_length_preserving` or `distance_binned`. Directed networks stay directed under all of
them. `na.choose_null(net)` names one that fits.

With n null networks p is at least 2 / (n + 1), two-sided: 39 can just reach 0.05; 1,000 are the default.
"""


def write(folder: Path) -> None:
    """Write all of them; what an earlier build left goes first."""
    made = folder / "made"
    shutil.rmtree(made, ignore_errors=True)
    for part in ("api", "gallery"):
        (made / part).mkdir(parents=True)
    titles = {
        f"api/{_slug(title)}": _family(made / "api" / f"{_slug(title)}.rst", title, names)
        for title, names in groups().items()
    }
    for space in SPACES:
        titles[f"api/{space}"] = _space(made / "api" / f"{space}.rst", space)
    titles["api/models"] = _models(made / "api" / "models.rst")
    _figures(made / "api" / "figures")
    (made / "api" / "index.rst").write_text(_contents("API reference", [name[4:] for name in titles]))
    (made / "which_measure.md").write_text(probes.page())
    (made / "which_null.md").write_text(_nulls())
    notebooks = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    for name in notebooks:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", made / "gallery")
    (made / "gallery" / "index.rst").write_text(_contents("Notebooks", notebooks))


def groups() -> dict[str, list[str]]:
    """Public names by the title of their group in the package's docstring."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in str(na.__doc__).splitlines():
        if line.startswith("    "):
            found.setdefault(title, []).extend(re.findall(r"\w+", line))
        else:
            title = line
    return found


def _slug(title: str) -> str:
    return re.sub(r"\W+", "_", title.lower()).strip("_")


def _heading(title: str) -> str:
    return f"{title}\n{'=' * len(title)}\n\n"


def _contents(title: str, names: Iterable[str]) -> str:
    return _heading(title) + ".. toctree::\n   :maxdepth: 1\n\n" + "".join(f"   {name}\n" for name in names)


def _summary(names: Iterable[str], space: str = "netanalysis") -> str:
    listed = "".join(f"   {name}\n" for name in names)
    return f".. currentmodule:: {space}\n\n.. autosummary::\n   :toctree: generated\n\n{listed}\n"


def _family(path: Path, title: str, names: list[str]) -> str:
    shown = [name for name in names if not inspect.ismodule(getattr(na, name))]
    path.write_text(_heading(title) + _summary(shown))
    return title


def _space(path: Path, space: str) -> str:
    module = getattr(na, space)
    about = inspect.getdoc(module) or ""
    names = [name for name in module.__all__ if not inspect.ismodule(getattr(module, name))]
    pictures = ""
    if space == "plot":
        pictures = "".join(f".. figure:: figures/{name}.png\n   :width: 420\n\n   :func:`netanalysis.plot.{name}`\n\n"
                           for name in sorted(_examples()))  # fmt: skip
    path.write_text(
        _heading(f"netanalysis.{space}") + about + "\n\n" + _summary(names, f"netanalysis.{space}") + pictures
    )
    return space


def _models(path: Path) -> str:
    import models

    names = [name for name in models.__all__ if callable(getattr(models, name))]
    path.write_text(_heading("models") + (inspect.getdoc(models) or "") + "\n\n" + _summary(names, "models"))
    return "models"


def _examples() -> dict[str, Any]:
    from tests.plot.examples import examples

    return {name: draw for name, draw in examples().items() if hasattr(na.plot, name)}


def _figures(folder: Path) -> None:
    """A picture of every figure function, drawn as the tests draw it."""
    folder.mkdir()
    with matplotlib.rc_context({"font.size": 8}):
        for name, draw in _examples().items():
            figure = Figure((WIDTH, 0.75 * WIDTH), layout="constrained")
            draw(ax=figure.subplots())
            figure.savefig(folder / f"{name}.png", dpi=120)


def _nulls() -> str:
    """What each null model keeps and destroys, from its docstring."""
    lines = [
        _WHICH_NULL,
        "| null model | keeps | destroys |",
        "| --- | --- | --- |",
    ]
    for name in na.nulls.__all__:
        text = " ".join((inspect.getdoc(getattr(na.nulls, name)) or "").split())
        keeps = re.search(r"\*\*Keeps\*\*[:,]? (.*?)\s*\*\*Destroys\*\*", text)
        destroys = re.search(r"\*\*Destroys\*\*:? (.*?)(?:\*\*| Parameters -)", text)
        if keeps and destroys:
            said = [re.sub(r":\w+:`~?([^`]*)`", r"`\1`", part.group(1)).strip(" .") for part in (keeps, destroys)]
            lines.append(f"| {{func}}`~netanalysis.nulls.{name}` | {said[0]} | {said[1]} |")
    return "\n".join(lines) + "\n"
