"""Pages of the site that follow from the package: nothing on them is typed twice."""

from __future__ import annotations

import base64
import importlib
import inspect
import io
import json
import re
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib
import probes
from matplotlib.figure import Figure

import netanalysis as na

ROOT = Path(__file__).resolve().parents[1]
SPACES = ("plot", "nulls", "transform", "maps", "datasets")
MODELS = ("cells", "penalties", "tasks", "recipes", "space")
WIDTH = 4.5  # inches of a picture
THUMBNAIL = 400  # pixels
SECTIONS = ("Notes", "References")  # of a docstring, beside its summary: where formulas stand

_WHICH_NULL = """\
# Which null model?

A null model answers what a number would be if only some properties of the network were as they are. Choose the one
that keeps what your claim takes for granted, and destroys what it is about.

For functional connectivity and other correlation matrices take `hirschberger_qi_steuer`, or `phase_randomized` and
`circular_shift` where the recording is there: shuffled weights are no correlation matrix. For networks in space take
`geometry_preserving`, `wiring_length_preserving` or `distance_binned`. Directed networks stay directed under all of
them. `na.choose_null(net)` names one that fits.

With n null networks p is at least 2 / (n + 1), two-sided: 39 can just reach 0.05. A test has 1,000 by default, a table
of many measures 100.
"""


_MODELS = """\
Networks to analyse are grown by the package ``models``: a recipe names task, cell, space, penalty and optimiser, and
``train`` takes it with penalty strengths and seeds. A page for each of its parts:

"""

_FORMULAS = """\
Formulas and sources
--------------------

What each function computes, as its own page says it.

"""


def write(folder: Path) -> list[str]:
    """Write all of them; what an earlier build left goes first. What they show of defects is the answer."""
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
    titles["api/models"] = _models(made / "api")
    _figures(made / "api" / "figures")
    (made / "api" / "index.rst").write_text(_contents("API reference", [name[4:] for name in titles]))
    page, defects = probes.page()
    (made / "which_measure.md").write_text(page)
    (made / "extras.md").write_text(_extras())
    (made / "verdicts.md").write_text(_verdicts())
    (made / "which_null.md").write_text(_nulls())
    _gallery(made / "gallery")
    return defects


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
    path.write_text(_heading(title) + _summary(shown) + _formulas(shown))
    return title


def _formulas(names: list[str]) -> str:
    """What each docstring says between its first sentence and its parameters, its notes and its sources."""
    parts = [_FORMULAS]
    for name in names:
        text = inspect.getdoc(getattr(na, name)) or ""
        if not inspect.isfunction(getattr(na, name)):
            continue
        said = sections(text)
        body = "\n\n".join(said[part] for part in ("", *SECTIONS) if said.get(part))
        parts.append(f".. rubric:: {name}\n\n:func:`~netanalysis.{name}`: {_first(text)}\n\n{body}\n\n")
    return "".join(parts) if len(parts) > 1 else ""


def _first(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())


def sections(text: str) -> dict[str, str]:
    """A docstring by its headings; under "" what stands between the first sentence and the first of them."""
    found = {"": ""}
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", text, flags=re.M)
    found[""] = parts[0].partition("\n\n")[2].strip()
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        found[heading] = body.strip()
    return found


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


def _models(folder: Path) -> str:
    """The package that grows networks, and a page for each of its submodules."""
    import models

    names = [name for name in models.__all__ if callable(getattr(models, name))]
    parts = "".join(f"   models_{part}\n" for part in MODELS)
    text = _heading("models") + (inspect.getdoc(models) or "") + "\n\n" + _MODELS
    (folder / "models.rst").write_text(f"{text}.. toctree::\n   :maxdepth: 1\n\n{parts}\n{_summary(names, 'models')}")
    for part in MODELS:
        module = importlib.import_module(f"models.{part}")
        shown = [name for name in module.__all__ if callable(getattr(module, name)) and not _is_constant(name)]
        own = [name for name in shown if getattr(models, name, None) is not getattr(module, name)]
        constants = [name for name in module.__all__ if name not in shown]
        text = _heading(f"models.{part}") + (inspect.getdoc(module) or "") + "\n\n" + _summary(own, f"models.{part}")
        also = ", ".join(f":class:`~models.{name}`" for name in shown if name not in own)
        text += f"Also {also}, of :doc:`models`.\n\n" if also else ""
        text += "".join(f"``{name}``: {_listed(getattr(module, name))}\n\n" for name in constants)
        (folder / f"models_{part}.rst").write_text(text)
    return "models"


def _is_constant(name: str) -> bool:
    """RECIPES and CELLS, but not the penalty BIMT."""
    return name in ("RECIPES", "CELLS", "BLOCKS")


def _listed(value: Any) -> str:
    """The names in a table of the package, such as RECIPES."""
    return ", ".join(f"``{name}``" for name in value) if isinstance(value, (dict, tuple, list, set)) else repr(value)


def _extras() -> str:
    """What `pip install '.[extra]'` adds: the packages from pyproject, the purpose from README."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    purposes = dict(re.findall(r"pip install '\.\[(\w+)\]'\s+# (.+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    purposes |= {"test": "every check of `make test`", "docs": "this site", "bench": "the peers of `make bench`"}
    lines = ["| extra | what for | packages |", "| --- | --- | --- |"]
    lines.append(f"| (none) | the analysis | {_packages(declared['dependencies'])} |")
    for extra, packages in declared["optional-dependencies"].items():
        lines.append(f"| `{extra}` | {purposes.get(extra, '')} | {_packages(packages)} |")
    return "\n".join(lines) + "\n"


def _packages(specifiers: Iterable[str]) -> str:
    return ", ".join(specifier.replace("<", "&lt;") for specifier in specifiers)


def _verdicts() -> str:
    """How the claims of papers came out, from the notebooks."""
    readme = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("Claims by their verdict") :].split("\n\n")
    return re.sub(r"\((\w+)\.ipynb\)", r"(made/gallery/\1.ipynb)", "\n\n".join(table[:2])) + "\n"


def _gallery(folder: Path) -> None:
    """The notebooks, each with its first picture and what it shows."""
    from PIL import Image

    listed = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8").partition("# Verdicts")[0]
    said = dict(re.findall(r"^\| \[(\w+)\]\(\w+\.ipynb\) \| (.+) \|$", listed, re.M))
    names = [name for name in said if (ROOT / "notebooks" / f"{name}.ipynb").exists()]
    cards = []
    for name in names:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", folder)
        picture = Image.open(io.BytesIO(_picture(ROOT / "notebooks" / f"{name}.ipynb")))
        picture.thumbnail((THUMBNAIL, THUMBNAIL))
        picture.save(folder / f"{name}.png")
        cards.append(
            f"   .. container:: card\n\n      .. image:: {name}.png\n         :target: {name}.html\n"
            f"         :alt: first figure of {name}\n\n      :doc:`{name}`\n\n      {said[name]}\n\n"
        )
    hidden = "".join(f"   {name}\n" for name in names)
    text = _heading("Notebooks") + ".. container:: gallery\n\n" + "".join(cards)
    (folder / "index.rst").write_text(f"{text}.. toctree::\n   :hidden:\n\n{hidden}")


def _picture(path: Path) -> bytes:
    """The first picture in the outputs of a notebook."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                return base64.b64decode("".join(output["data"]["image/png"]))
    raise ValueError(f"{path.name} has no picture")


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
